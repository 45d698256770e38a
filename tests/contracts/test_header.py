"""Every header that CMS is known to have written maps to its contract by name; what does not map is named."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from include.contracts.contract import Contract, PeriodKind, load_contract, load_contracts
from include.contracts.drift import layout_notices, refuse_possible_renames
from include.contracts.errors import DoubledColumnsError, MissingColumnsError, NoHeaderError, PossibleRenameError
from include.contracts.file_name import match_family, period_in_name, period_of_cell
from include.contracts.header import map_header, published_in
from tests import pbj_history

#: Section of SCHEMAS.md → family.
SECTIONS = {
    "PBJ_Daily_Nurse_Staffing": "pbj_daily_nurse_staffing",
    "NH_ProviderInfo": "nh_provider_info",
    "NH_Penalties": "nh_penalties",
    "NH_QualityMsr_MDS": "nh_quality_msr_mds",
    "NH_QualityMsr_Claims": "nh_quality_msr_claims",
    "NH_HealthCitations": "nh_health_citations",
    "NH_FireSafetyCitations": "nh_fire_safety_citations",
    "NH_Ownership": "nh_ownership",
    "NH_StateUSAverages": "nh_state_us_averages",
    "NH_SurveyDates": "nh_survey_dates",
    "NH_SurveySummary": "nh_survey_summary",
    "NH_CovidVaxProvider": "nh_covid_vax_provider",
    "NH_CovidVaxAverages": "nh_covid_vax_averages",
    "NH_DataCollectionIntervals": "nh_data_collection_intervals",
    "NH_CitationDescriptions": "nh_citation_descriptions",
    "NH_HlthInspecCutpointsState": "nh_health_inspec_cutpoints_state",
    "SNF_VBP_Facility_Performance": "snf_vbp_facility_performance",
    "SNF_VBP_Aggregate_Performance": "snf_vbp_aggregate_performance",
    "SNF_QRP_Provider_Data": "snf_qrp_provider_data",
    "SNF_QRP_National_Data": "snf_qrp_national_data",
    "Swing_Bed_SNF_data": "swing_bed_snf_data",
}
FORMER_KEYS = {
    "CMS Certification Number (CCN)": "Federal Provider Number",
    "City/Town": "Provider City",
    "State": "Provider State",
    "ZIP Code": "Provider Zip Code",
}


def documented_headers(docs: Path) -> dict[str, dict[str, list[str]]]:
    """family → vintage as SCHEMAS.md titles it → the header."""
    headers: dict[str, dict[str, list[str]]] = {}
    for section in re.split(r"^## \d+\. ", (docs / "SCHEMAS.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        family = SECTIONS[section.split("\n", 1)[0].strip()]
        own, _, _ = section.partition("\n## Other")
        blocks = re.findall(r"^\*\*([^\n]+?)\*\*[^\n]*\n\n```\n([^`]*)```", own, flags=re.MULTILINE)
        headers[family] = {title: re.findall(r"^ *\d+ (.+)$", block, flags=re.MULTILINE) for title, block in blocks}
    return headers


@pytest.fixture(scope="module")
def headers(cms_docs: Path) -> dict[str, dict[str, list[str]]]:
    return documented_headers(cms_docs)


#: How each kind of period writes the autumn of 2024.
LATE_2024 = {
    PeriodKind.QUARTER: "2024Q2",
    PeriodKind.MONTH: "2024-10",
    PeriodKind.DATE: "2024-10-27",
    PeriodKind.FISCAL_YEAR: "FY2024",
}


def header_of(family: str) -> list[str]:
    """The header of late 2024, as the contract has it."""
    contract = load_contract(family)
    columns = published_in(contract, LATE_2024[contract.period.kind])
    return [column.header.replace("{year}", "2024") for column in columns]


def period_of(contract: Contract, title: str) -> str:
    """The period of a header by its title in SCHEMAS.md: a file name where there is one, else a month and a year."""
    named = re.search(r"`([^`]+)`", title)
    told = period_in_name(named[1], contract.period.kind) if named else None
    month = re.match(r"([A-Z][a-z]{2})(?:/[A-Z][a-z]{2})? (20\d\d)", title)
    return told or period_of_cell(f"{month[1]} {month[2]}" if month else title, contract.period.kind)


def test_there_are_21_families_each_with_a_documented_header(headers: dict[str, dict[str, list[str]]]) -> None:
    assert {contract.family for contract in load_contracts()} == set(headers) == set(SECTIONS.values())
    assert all(any(title.startswith("Oct 2024") for title in vintages) for vintages in headers.values())


def test_every_documented_vintage_maps_column_for_column_without_a_notice(headers: dict[str, dict[str, list[str]]]) -> None:
    vintages = [(family, title, header) for family, found in headers.items() for title, header in found.items()]
    vintages = [vintage for vintage in vintages if "Non-Nurse" not in vintage[1]]
    assert len(vintages) >= 27
    for family, title, header in vintages:
        contract = load_contract(family)
        mapped = map_header(contract, header)
        assert len(mapped.positions) == len(set(mapped.positions)) == len(header), title
        assert layout_notices(contract, mapped, period_of(contract, title)) == (), title


def test_documented_column_counts_are_those_of_the_parsed_headers(headers: dict[str, dict[str, list[str]]]) -> None:
    """Guards the parser of these tests: a header cut short would still map."""
    assert {title.split("`")[1]: len(header) for title, header in headers["nh_provider_info"].items() if "`" in title} == {
        "NH_ProviderInfo_Oct2024.csv": 103,
        "NH_ProviderInfo_Aug2021.csv": 88,
        "ProviderInfo_2018_01.csv": 80,
    }
    assert sum(len(header) for header in headers["pbj_daily_nurse_staffing"].values()) == 33 + 81


def test_non_nurse_staffing_is_not_taken_for_nurse_staffing(headers: dict[str, dict[str, list[str]]]) -> None:
    (header,) = [header for title, header in headers["pbj_daily_nurse_staffing"].items() if "Non-Nurse" in title]
    contract = load_contract("pbj_daily_nurse_staffing")
    mapped = map_header(contract, header)
    assert len(mapped.unmapped) == 72
    with pytest.raises(PossibleRenameError, match="Hrs_MedDir"):
        refuse_possible_renames(contract, mapped, "2020Q2")


def test_four_generations_of_provider_info_mean_the_same(headers: dict[str, dict[str, list[str]]]) -> None:
    contract = load_contract("nh_provider_info")
    vintages = {title[:8]: map_header(contract, header).positions for title, header in headers["nh_provider_info"].items()}
    # Federal Provider Number, CCN, provnum …; Provider County Name and County/Parish; BEDCERT and Number of Certified Beds.
    shared = {"ccn", "provider_name", "city", "state", "certified_beds", "overall_rating", "processing_date"}
    assert set(vintages) == {"Oct 2024", "Aug 2021", "Jan 2022", "Jan 2018"}
    assert all(shared <= set(positions) for positions in vintages.values())
    assert vintages["Aug 2021"][8] == vintages["Oct 2024"][8] == vintages["Jan 2018"][8] == vintages["Jan 2022"][8]
    assert vintages["Jan 2018"][12:14] == vintages["Aug 2021"][13:15] == vintages["Oct 2024"][13:15]


def test_name_that_the_api_cut_off_is_the_weekend_column(headers: dict[str, dict[str, list[str]]]) -> None:
    contract = load_contract("nh_provider_info")
    api = next(header for title, header in headers["nh_provider_info"].items() if title.startswith("Jan 2022"))
    cut_off = api.index("total_number_of_nurse_staff_hours_per_resident_per_day_on_t_5932")
    oct2024 = next(header for title, header in headers["nh_provider_info"].items() if title.startswith("Oct 2024"))
    whole = oct2024.index("Total number of nurse staff hours per resident per day on the weekend")
    assert map_header(contract, api).positions[cut_off] == map_header(contract, oct2024).positions[whole]


@pytest.mark.parametrize(
    "family", ["nh_penalties", "nh_health_citations", "nh_fire_safety_citations", "nh_ownership", "nh_quality_msr_mds"]
)
def test_federal_provider_number_generation_maps_in_every_family_of_facilities(family: str) -> None:
    header = header_of(family)
    former = [FORMER_KEYS.get(name, name) for name in header]
    assert former != header
    assert map_header(load_contract(family), former).positions == map_header(load_contract(family), header).positions


def test_api_names_of_the_oct_2024_headers_map(headers: dict[str, dict[str, list[str]]]) -> None:
    """The API lowers the case and turns or drops punctuation: `City/Town` is `citytown`, `ZIP Code` is `zip_code`."""
    for family, vintages in headers.items():
        header = next(header for title, header in vintages.items() if title.startswith("Oct 2024"))
        api = [re.sub(r"[^a-z0-9]+", "_", re.sub(r"[/()$-]", "", name.lower())).strip("_") for name in header]
        contract = load_contract(family)
        assert map_header(contract, api).positions == map_header(contract, header).positions, family


def test_state_averages_of_2024_and_2026_share_columns_by_name_not_by_place(headers: dict[str, dict[str, list[str]]]) -> None:
    contract = load_contract("nh_state_us_averages")
    old, new = (map_header(contract, header).positions for header in headers["nh_state_us_averages"].values())
    assert (len(old), len(new)) == (48, 51)
    assert old[1] == new[5] == "cycle_1_health_deficiencies"
    assert len(set(old) - set(new)) == 4
    assert len(set(new) - set(old)) == 7


@pytest.mark.parametrize(
    ("family", "program", "performance"),
    [
        ("snf_vbp_facility_performance", 2024, 2022),
        ("snf_vbp_facility_performance", 2025, 2023),
        ("snf_vbp_aggregate_performance", 2024, 2022),
        ("snf_vbp_aggregate_performance", 2025, 2023),
    ],
)
def test_fiscal_years_in_headers_become_columns(
    headers: dict[str, dict[str, list[str]]], family: str, program: int, performance: int
) -> None:
    (oct2024,) = headers[family].values()
    header = [name.replace("FY 2022", f"FY {performance}").replace("FY 2024", f"FY {program}") for name in oct2024]
    mapped = map_header(load_contract(family), header)
    assert mapped.constants == {"baseline_fiscal_year": "2019", "performance_fiscal_year": str(performance)}
    assert mapped.positions == map_header(load_contract(family), oct2024).positions


class TestPbjDrift:
    contract = load_contract("pbj_daily_nurse_staffing")

    def test_lower_case_names_of_2017_to_2020(self) -> None:
        header = header_of("pbj_daily_nurse_staffing")
        lower = [name.lower() for name in header]
        assert map_header(self.contract, lower) == map_header(self.contract, header)

    def test_spellings_of_2017q1(self) -> None:
        spelt = {"Hrs_LPNadmin": "hrs_lpn_admin", "Hrs_NAtrn": "hrs_na_trn", "Hrs_RNDON": "hrs_rn_donadmin"}
        header = header_of("pbj_daily_nurse_staffing")
        drifted = [spelt.get(name, name.lower()) for name in header]
        assert map_header(self.contract, drifted) == map_header(self.contract, header)

    def test_column_that_2017q2_labelled_wrongly_is_the_medication_aides_contract_hours(self) -> None:
        header = [name.lower() for name in header_of("pbj_daily_nurse_staffing")]
        at = header.index("hrs_medaide_ctr")
        header[at] = "hrs_rn_donadmin"
        positions = map_header(self.contract, header).positions
        assert positions[at] == "med_aide_contract_hours"
        assert positions[header.index("hrs_rndon")] == "rn_don_hours"

    def test_both_don_columns_beside_the_medication_aides_are_refused(self) -> None:
        """Outside of 2017Q2 nobody can tell which of the two is right."""
        header = [*header_of("pbj_daily_nurse_staffing"), "hrs_rn_donadmin"]
        with pytest.raises(DoubledColumnsError, match="'Hrs_RNDON', 'hrs_rn_donadmin'"):
            map_header(self.contract, header)

    def test_header_and_name_of_every_quarter_since_2017(self) -> None:
        assert len(pbj_history.QUARTERS) == 37
        for quarter in pbj_history.QUARTERS:
            name = pbj_history.file_name_of(quarter)
            assert match_family(name) is self.contract
            assert period_in_name(name, self.contract.period.kind) == (None if quarter == "2020Q3" else quarter)
            mapped = map_header(self.contract, pbj_history.header_of(quarter)).positions
            assert list(mapped) == pbj_history.columns_of(quarter), quarter
            assert len(mapped) == (34 if quarter == "2021Q4" else 33)
            assert layout_notices(self.contract, map_header(self.contract, pbj_history.header_of(quarter)), quarter) == ()

    def test_headers_of_the_history_are_as_schemas_md_tells_the_drift(self, cms_docs: Path) -> None:
        told = (cms_docs / "SCHEMAS.md").read_text(encoding="utf-8")
        spellings = {name for quarter in pbj_history.QUARTERS for name in pbj_history.header_of(quarter)}
        for odd in ("hrs_lpn_admin", "hrs_na_trn", "hrs_rn_donadmin", "hrs_rndon", "incomplete", "Hrs_RNDON"):
            assert odd in told
            assert odd in spellings
        assert "2017Q1-2017Q4, 2018Q4-2019Q4 and 2020Q3" in told
        lower = [quarter for quarter in pbj_history.QUARTERS if pbj_history.header_of(quarter)[0] == "provnum"]
        assert lower == ["2017Q1", "2017Q2", "2017Q3", "2017Q4", "2018Q4", "2019Q1", "2019Q2", "2019Q3", "2019Q4", "2020Q3"]

    def test_incomplete_of_2021q4_is_one_more_column(self) -> None:
        header = header_of("pbj_daily_nurse_staffing")
        assert map_header(self.contract, [*header, "incomplete"]).positions[-1] == "incomplete"
        assert "incomplete" not in map_header(self.contract, header).positions


def test_order_of_columns_does_not_matter() -> None:
    contract, header = load_contract("nh_penalties"), header_of("nh_penalties")
    assert map_header(contract, header[::-1]).positions == map_header(contract, header).positions[::-1]


def test_unknown_columns_keep_their_place_and_their_header() -> None:
    header = [*header_of("nh_penalties"), "Mood of the Inspector", "Color"]
    mapped = map_header(load_contract("nh_penalties"), header)
    assert list(mapped.unmapped.values()) == ["Mood of the Inspector", "Color"]
    assert mapped.positions[-2:] == tuple(mapped.unmapped)
    assert mapped.mapped == mapped.positions[:-2]


def test_missing_columns_are_refused_only_where_they_are_required() -> None:
    header = [name for name in header_of("nh_penalties") if name not in ("Penalty Date", "Processing Date", "Fine Amount")]
    with pytest.raises(MissingColumnsError, match=r"'Penalty Date', 'Processing Date'\. .*nh_penalties\.yml"):
        map_header(load_contract("nh_penalties"), header)


def test_column_that_occurs_twice_is_refused_also_under_a_former_name() -> None:
    header = [*header_of("nh_penalties"), "federal_provider_number"]
    with pytest.raises(DoubledColumnsError, match=r"'CMS Certification Number \(CCN\)', 'federal_provider_number'"):
        map_header(load_contract("nh_penalties"), header)


def test_columns_without_a_name_or_of_one_name_are_told_apart_by_their_position() -> None:
    header = [*header_of("nh_penalties"), "", "Color", "Color", ""]
    unmapped = map_header(load_contract("nh_penalties"), header).unmapped
    assert list(unmapped.values()) == ["(column 14)", "Color (column 15)", "Color (column 16)", "(column 17)"]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["sep=,"], "sep="),
        ([";".join(["Provider Name", "Provider State", "Fine Amount"])], "semicolons"),
        (["\t".join(["Provider Name", "Provider State", "Fine Amount"])], "tabs"),
        (["Penalties of nursing homes", "", ""], "Penalties of nursing homes"),
        (['{"message": "not found"}'], "not found"),
    ],
)
def test_first_line_that_is_no_header_is_refused_and_says_what_stands_there(header: list[str], found: str) -> None:
    with pytest.raises(NoHeaderError, match=found):
        map_header(load_contract("nh_penalties"), header)


def test_api_name_with_another_suffix_is_the_column_that_begins_like_it() -> None:
    header = header_of("nh_survey_summary")
    at = header.index("Count of Freedom from Abuse and Neglect and Exploitation Deficiencies")
    for suffix in ("4353", "a1b2"):
        header[at] = f"count_of_freedom_from_abuse_and_neglect_and_exploitation_de_{suffix}"
        positions = map_header(load_contract("nh_survey_summary"), header).positions
        assert positions[at] == "freedom_from_abuse_and_neglect_and_exploitation_deficiencies"


def test_api_name_that_begins_like_two_columns_is_left_unmapped() -> None:
    """`…riskstandardized_r…` and `…_h…` are cut off before they differ."""
    cut = "performance_period_fy_2024_national_average_riskstandardize"
    header = [*header_of("snf_vbp_aggregate_performance"), f"{cut}_01ab", f"{cut}_9f3e"]
    mapped = map_header(load_contract("snf_vbp_aggregate_performance"), header)
    assert list(mapped.unmapped.values()) == [f"{cut}_01ab", f"{cut}_9f3e"]


def test_all_genuine_files_match_and_map_without_a_notice(cms_files: Path) -> None:
    paths = sorted([*cms_files.rglob("*.csv"), *(cms_files.parent / "headers").glob("*.csv")])
    assert len(paths) >= 39
    for path in paths:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.reader(file)
            header, first = next(rows), next(rows)
        contract = match_family(path.name)
        mapped = map_header(contract, header)
        assert mapped.unmapped == {}, path.name
        period = period_in_name(path.name, contract.period.kind)
        if period is None and contract.period.column:
            period = period_of_cell(first[mapped.positions.index(contract.period.column)], contract.period.kind)
        assert layout_notices(contract, mapped, str(period)) == (), path.name
