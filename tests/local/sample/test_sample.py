"""The sample is what CMS would publish: its names, headers and bytes, one consistent world, and real counts at full size."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.contracts.contract import load_contract, load_contracts
from include.contracts.file_name import match_family, period_in_name
from include.contracts.header import fold, map_header
from local.sample import SampleSize, write_large_pbj, write_sample

Row = dict[str, str]
#: Rows of the genuine files of October 2024.
GENUINE_ROWS = {
    "nh_provider_info": 14_814,
    "nh_health_citations": 402_424,
    "nh_fire_safety_citations": 200_003,
    "nh_survey_dates": 159_723,
    "nh_survey_summary": 44_243,
    "nh_penalties": 28_505,
    "nh_ownership": 145_354,
    "nh_citation_descriptions": 641,
    "nh_quality_msr_mds": 266_652,
    "nh_quality_msr_claims": 59_256,
    "nh_covid_vax_provider": 14_814,
    "nh_covid_vax_averages": 54,
    "nh_health_inspec_cutpoints_state": 53,
    "nh_state_us_averages": 54,
    "nh_data_collection_intervals": 45,
    "snf_vbp_facility_performance": 10_858,
    "snf_vbp_aggregate_performance": 1,
    "snf_qrp_provider_data": 711_072,
    "snf_qrp_national_data": 24,
    "swing_bed_snf_data": 38_064,
    "pbj_daily_nurse_staffing": 1_325_324,
}
SHARED = Path(__file__).parents[4] / "shared"
JOBS = ("rn_don", "rn_admin", "rn", "lpn_admin", "lpn", "cna", "na_training", "med_aide")
#: Families that are published every month; the others once in the sample.
MONTHLY = {contract.family for contract in load_contracts() if contract.family.startswith("nh_")}


#: What is in the folder beside files of the 21 families.
NO_DATA = {"NH_Data_Dictionary.pdf", "PBJ_dailynonnursestaffing_CY2024Q2.csv"}
ZIP_2019, ZIP_2026 = "nursing_homes_including_rehab_services_2019.zip", "nursing_homes_including_rehab_services_07_2026.zip"
MONTH_2019 = "nursing_homes_including_rehab_services_11_2019.zip"


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def read_lines(path: Path) -> list[list[str]]:
    """A blank line is no record."""
    return [line for line in csv.reader(io.StringIO(_decoded(path), newline="")) if line]


def read_rows(path: Path) -> list[Row]:
    """Rows by contract name."""
    lines, contract = read_lines(path), match_family(path.name)
    mapped = map_header(contract, lines[0])
    assert mapped.mapped == mapped.positions, f"{path.name}: {dict(mapped.unmapped)} are no columns of the contract"
    assert {len(line) for line in lines} == {len(mapped.positions)}, path.name
    return [dict(zip(mapped.positions, line, strict=True)) for line in lines[1:]]


def unpacked(archive: Path) -> list[Path]:
    """CSV files, out of zips in the zip too."""
    folder = archive.with_suffix("")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    inner = [path for found in sorted(folder.glob("*.zip")) for path in unpacked(found)]
    return [*sorted(folder.glob("*.csv")), *inner]


class Sample:
    """`loose`: CSV files in the folder; `zipped`: CSV files in the archives, unpacked."""

    def __init__(self, folder: Path, size: SampleSize) -> None:
        self.paths = write_sample(folder, size)
        self.loose = [path for path in self.paths if path.suffix == ".csv" and path.name not in NO_DATA]
        self.zipped = [path for archive in sorted(folder.glob("*.zip")) for path in unpacked(archive)]
        self._rows: dict[Path, list[Row]] = {}

    def path(self, prefix: str) -> Path:
        (found,) = [path for path in (*self.loose, *self.zipped) if path.name.startswith(prefix) or f"_{prefix}" in path.name]
        return found

    def rows(self, prefix: str) -> list[Row]:
        path = self.path(prefix)
        if path not in self._rows:
            self._rows[path] = read_rows(path)
        return self._rows[path]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(tmp_path_factory.mktemp("sample"), SampleSize.small())


def test_every_family_has_a_file_whose_name_header_and_period_are_understood(sample: Sample) -> None:
    periods = defaultdict(set)
    for path in sample.loose:
        contract = match_family(path.name)
        read_rows(path)
        periods[contract.family].add(period_in_name(path.name, contract.period.kind))
    assert set(periods) == {contract.family for contract in load_contracts()}
    months = {family: len(found) for family, found in periods.items() if family in MONTHLY}
    assert months == dict.fromkeys(MONTHLY, 2) | {"nh_penalties": 3}
    assert periods["pbj_daily_nurse_staffing"] == {"2024Q1", "2024Q2"}


@pytest.mark.parametrize(
    ("ours", "genuine"),
    [
        ("FY_2024_SNF_VBP_Facility", "2024-10/FY_2024_SNF_VBP_Facility_Performance.csv"),
        ("FY_2024_SNF_VBP_Aggregate", "2024-10/FY_2024_SNF_VBP_Aggregate_Performance.csv"),
        ("NH_CitationDescriptions_Oct", "2024-10/NH_CitationDescriptions_Oct2024.csv"),
        ("NH_CovidVaxProvider_202410", "2024-10/NH_CovidVaxProvider_20241027.csv"),
        ("NH_CovidVaxAverages_202410", "2024-10/NH_CovidVaxAverages_20241027.csv"),
        ("NH_DataCollectionIntervals_Oct", "2024-10/NH_DataCollectionIntervals_Oct2024.csv"),
        ("NH_StateUSAverages_Oct", "2024-10/NH_StateUSAverages_Oct2024.csv"),
        ("NH_HlthInspecCutpointsState_Oct", "2024-11/NH_HlthInspecCutpointsState_Nov2024.csv"),
        ("Skilled_Nursing_Facility_Quality_Reporting_Program_National", "2024-11/Skilled_Nursing_Facility_Quality_Reporting"),
        ("NH_Penalties_Oct", "2025-02/NH_Penalties_Feb2025.csv"),
        ("PBJ_Daily_Nurse_Staffing_CY", "pbj/PBJ_Daily_Nurse_Staffing_Q2_2024.csv"),
    ],
)
def test_header_line_is_byte_for_byte_that_of_the_genuine_file(sample: Sample, ours: str, genuine: str) -> None:
    (real,) = (_shared() / "cms").glob(f"{genuine}*")
    with real.open("rb") as theirs, sample.path(ours).open("rb") as mine:
        assert mine.readline() == theirs.readline()


@pytest.mark.parametrize(
    ("ours", "genuine"),
    [
        ("ProviderInfo_Download", "cms/heads/2019-11/ProviderInfo_Download.csv"),
        ("Penalties_Download", "headers/Penalties_Download.csv"),
        ("HealthDeficiencies_Download", "headers/HealthDeficiencies_Download.csv"),
        ("QualityMsrMDS_Download", "headers/QualityMsrMDS_Download.csv"),
        ("SurveySummary_Download", "headers/SurveySummary_Download.csv"),
        ("StateUSAverages_Download", "headers/StateUSAverages_Download.csv"),
        ("NH_ProviderInfo_Jul2026", "headers/NH_ProviderInfo_Feb2026.csv"),
        ("NH_Penalties_Jul2026", "headers/NH_Penalties_Jun2026.csv"),
        ("NH_StateUSAverages_Jul2026", "cms/2026-06/NH_StateUSAverages_Jun2026.csv"),
    ],
)
def test_columns_of_other_eras_are_those_of_the_genuine_table(sample: Sample, ours: str, genuine: str) -> None:
    assert read_lines(sample.path(ours))[0] == read_lines(_shared() / genuine)[0]


def test_vbp_of_2026_has_the_columns_of_the_api_in_their_order(sample: Sample) -> None:
    genuine = read_rows(_shared() / "cms/2026-02-api/FY_2026_SNF_VBP_Facility_Performance.csv")
    assert list(sample.rows("FY_2026_SNF_VBP_Facility")[0]) == list(genuine[0])


def test_archives_hold_what_cms_puts_into_them(sample: Sample) -> None:
    folder = sample.paths[0].parent
    with zipfile.ZipFile(folder / ZIP_2019) as year:
        assert year.namelist() == [MONTH_2019]
        with zipfile.ZipFile(io.BytesIO(year.read(MONTH_2019))) as month:
            old = [name for name in month.namelist() if name.endswith(".csv")]
    with zipfile.ZipFile(folder / ZIP_2026) as month:
        new = [name for name in month.namelist() if name.endswith(".csv")]
        manifest = json.loads(month.read("manifest.json"))
        assert month.read("NH_Data_Dictionary.pdf").startswith(b"%PDF-")
    assert old
    assert all(name.endswith("_Download.csv") for name in old)
    assert "4pq5-n9py_2026-07-01_NH_ProviderInfo_Jul2026.csv" in new
    assert all(re.match(r"\w{4}-\w{4}_2026-07-01_", name) for name in new)
    assert manifest["files"] == sorted(new)
    assert {path.name for path in sample.paths} - {path.name for path in sample.loose} == NO_DATA | {ZIP_2019, ZIP_2026}


def _shared() -> Path:
    if not SHARED.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{SHARED} must be there in CI")
        pytest.skip(f"{SHARED} with the genuine files is not there")
    return SHARED


def _digests(folder: Path, size: SampleSize) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in write_sample(folder, size)}


def test_same_seed_gives_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    size = replace(SampleSize.small(), facilities=60, quarters=1, vintages=1)
    first = _digests(tmp_path / "a", size)
    assert _digests(tmp_path / "b", size) == first
    other = _digests(tmp_path / "c", replace(size, seed=5))
    # The words of the tags and the periods of the measures are the same in every world.
    assert {name for name in first if first[name] == other[name]} == NO_DATA | {
        "NH_CitationDescriptions_Oct2024.csv", "NH_DataCollectionIntervals_Oct2024.csv",
    }  # fmt: skip


def test_asking_for_more_vintages_does_not_change_the_newest(tmp_path: Path, sample: Sample) -> None:
    more = Sample(tmp_path, replace(SampleSize.small(), quarters=5))
    name = "NH_ProviderInfo_Oct2024"
    assert more.path(name).read_bytes() == sample.path(name).read_bytes()
    names = [path.name for path in more.loose if match_family(path.name).family == "pbj_daily_nurse_staffing"]
    assert names == [
        "PBJ_Daily_Nurse_Staffing_Q2_2024.csv",
        "PBJ_Daily_Nurse_Staffing_CY_2024Q1.csv",
        "Payroll_Based_Journal_Daily_Nurse_Staffing_2023_Q4.csv",
        "PBJ_dailynursestaffing_CY2023Q3.csv",
        "PBJ_Daily_Nurse_Staffing_Q2_2023.csv",
    ]
    assert _contract_share(more.rows(names[0])) > 1.05 * _contract_share(more.rows(names[-1])), "contract work grows"


def _contract_share(rows: list[Row]) -> float:
    contract = sum(float(row[f"{job}_contract_hours"]) for row in rows for job in JOBS)
    # Without the famous outlier, which is all agency hours.
    return (contract - 13_801.5 * any(row["lpn_hours"] == "13946.25" for row in rows)) / sum(
        float(row[f"{job}_hours"]) for row in rows for job in JOBS
    )


def test_ccns_keep_zeros(sample: Sample) -> None:
    ccns = [row["ccn"] for row in sample.rows("NH_ProviderInfo_Oct")]
    assert len(set(ccns)) == len(ccns) == 120
    assert {len(ccn) for ccn in ccns} == {6}
    assert any(ccn.startswith("0") for ccn in ccns)
    assert ccns == sorted(ccns)


def test_pbj_has_every_day_of_each_facility_and_the_parts_make_the_total(sample: Sample) -> None:
    rows = sample.rows("PBJ_Daily_Nurse_Staffing_Q2_2024")
    assert set(Counter(row["ccn"] for row in rows).values()) == {91}
    assert len({(row["ccn"], row["work_date"]) for row in rows}) == len(rows)
    for row in rows:
        for job in JOBS:
            total, employee, contract = (
                round(float(row[f"{job}_{part}"]) * 100) for part in ("hours", "employee_hours", "contract_hours")
            )
            assert total == employee + contract


def test_pbj_is_calibrated_on_the_genuine_quarter(sample: Sample) -> None:
    rows = [row for row in sample.rows("PBJ_Daily_Nurse_Staffing_Q2_2024") if row["lpn_hours"] != "13946.25"]
    census = sum(int(row["resident_census"]) for row in rows)
    hours = sum(float(row[f"{job}_hours"]) for row in rows for job in JOBS)
    registered = sum(float(row[f"{job}_hours"]) for row in rows for job in JOBS[:3])
    assert 3.3 < hours / census < 4.2
    assert 0.45 < registered / census < 0.8
    assert 0.03 < _contract_share(rows) < 0.12


def test_pbj_has_the_true_oddities(sample: Sample) -> None:
    rows = sample.rows("PBJ_Daily_Nurse_Staffing_Q2_2024")
    assert any(row["resident_census"] == "0" for row in rows)
    assert any(all(row[f"{job}_hours"] == "0" for job in JOBS) for row in rows)
    outliers = [row for row in rows if float(row["lpn_hours"]) > 2_000]
    assert [(row["state"], row["lpn_hours"], row["lpn_contract_hours"]) for row in outliers] == [("IL", "13946.25", "13801.5")]
    assert {len(row["county_fips"]) for row in rows} == {3}
    assert rows[0]["work_date"] == "20240401"


def test_bytes_of_cp1252_a_mark_of_utf_8_and_a_trailing_blank_line_are_there(sample: Sample) -> None:
    for prefix in ("PBJ_Daily_Nurse_Staffing_Q2_2024", "NH_ProviderInfo_Oct"):
        content = sample.path(prefix).read_bytes()
        assert b"\x92" in content, prefix
        assert b"\x96" in content, prefix
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")
    assert sample.path("PBJ_Daily_Nurse_Staffing_CY_2024Q1").read_bytes().startswith(b"\xef\xbb\xbf")
    assert sample.path("NH_ProviderInfo_Oct").read_bytes().endswith(b'"\r\n\r\n')
    assert "\u2019".encode() in sample.path("NH_CitationDescriptions_Oct").read_bytes()
    assert b"\x92" in sample.path("ProviderInfo_Download").read_bytes()
    for path in sample.zipped:
        if "Jul2026" in path.name:
            path.read_text(encoding="utf-8")
    for prefix in ("NH_ProviderInfo_Jul2026", "NH_HealthCitations_Jul2026"):
        assert "\u2019" in sample.path(prefix).read_text(encoding="utf-8"), prefix


def test_blanks_are_written_as_cms_writes_them(sample: Sample) -> None:
    provider = sample.rows("NH_ProviderInfo_Oct")
    assert {row["resident_family_council"] for row in provider} >= {"None", "Resident"}
    assert {"1", "18"} <= {row["overall_rating_footnote"] for row in provider if not row["overall_rating"]}
    assert all(row["special_focus_status"] == "SFF" for row in provider if row["overall_rating_footnote"] == "18")
    assert any(row["residents_up_to_date_pct"] == "Not Available" for row in sample.rows("NH_CovidVaxProvider_202410"))
    assert any(row["baseline_readmission_rate"] == "---" for row in sample.rows("FY_2024_SNF_VBP_Facility"))
    assert any(row["score"] == "Not Available" and row["footnote"] != "-" for row in sample.rows("Swing_Bed"))
    assert any(row["expected_score"] == "." for row in sample.rows("NH_QualityMsr_Claims_Sep"))
    assert any(row["ownership_percentage"] == "NOT APPLICABLE" for row in sample.rows("NH_Ownership_Oct"))


def test_facilities_open_close_are_renamed_and_sold_between_vintages(sample: Sample) -> None:
    before, after = ({row["ccn"]: row for row in sample.rows(f"NH_ProviderInfo_{month}")} for month in ("Sep", "Oct"))
    assert set(after) - set(before)
    assert set(before) - set(after)
    staying = set(before) & set(after)
    assert any(before[ccn]["provider_name"] != after[ccn]["provider_name"] for ccn in staying)
    assert any(before[ccn]["legal_business_name"] != after[ccn]["legal_business_name"] for ccn in staying)
    names = Counter(row["provider_name"] for row in after.values())
    assert names.most_common(1)[0][1] > 1, "some facilities have the same name"


def test_pbj_and_vbp_have_facilities_that_provider_info_lacks(sample: Sample) -> None:
    provider = {row["ccn"] for row in sample.rows("NH_ProviderInfo_Oct")}
    pbj = {row["ccn"] for row in sample.rows("PBJ_Daily_Nurse_Staffing_Q2_2024")}
    vbp = {row["ccn"] for row in sample.rows("FY_2024_SNF_VBP_Facility")}
    assert pbj - provider
    assert provider - pbj
    assert vbp - provider <= {row["ccn"] for row in sample.rows("Swing_Bed")}
    assert vbp - provider


def test_reported_staffing_is_that_of_the_pbj_quarter(sample: Sample) -> None:
    census: Counter[str] = Counter()
    hours: Counter[str] = Counter()
    for row in sample.rows("PBJ_Daily_Nurse_Staffing_Q2_2024"):
        census[row["ccn"]] += int(row["resident_census"])
        hours[row["ccn"]] += sum(round(float(row[f"{job}_hours"]) * 100) for job in JOBS)
    reported = {row["ccn"]: row["reported_total_nurse_hprd"] for row in sample.rows("NH_ProviderInfo_Oct")}
    known = {ccn: float(hprd) for ccn, hprd in reported.items() if hprd}
    assert len(known) > 100
    for ccn, hprd in known.items():
        assert hprd == pytest.approx(hours[ccn] / 100 / census[ccn], abs=1e-4)


def test_cycle_counts_of_provider_info_are_those_of_the_citations(sample: Sample) -> None:
    total: Counter[tuple[str, str]] = Counter()
    standard: Counter[tuple[str, str]] = Counter()
    for row in sample.rows("NH_HealthCitations_Oct"):
        total[row["ccn"], row["inspection_cycle"]] += 1
        standard[row["ccn"], row["inspection_cycle"]] += row["is_standard_deficiency"] == "Y"
    for row in sample.rows("NH_ProviderInfo_Oct"):
        for cycle in "123":
            if row[f"cycle_{cycle}_deficiencies"]:
                assert int(row[f"cycle_{cycle}_deficiencies"]) == total[row["ccn"], cycle]
                assert int(row[f"cycle_{cycle}_standard_deficiencies"]) == standard[row["ccn"], cycle]


def test_penalties_of_provider_info_are_those_of_the_penalties_file(sample: Sample) -> None:
    fines: defaultdict[str, list[float]] = defaultdict(list)
    for row in sample.rows("NH_Penalties_Sep"):
        if row["penalty_type"] == "Fine":
            fines[row["ccn"]].append(float(row["fine_amount_usd"]))
    for row in sample.rows("NH_ProviderInfo_Sep"):
        assert int(row["fines"]) == len(fines[row["ccn"]])
        assert float(row["total_fines_usd"]) == pytest.approx(sum(fines[row["ccn"]]), abs=0.01)


def _means(rows: list[Row], column: str) -> Iterator[tuple[str, float]]:
    values: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row[column] not in ("", "Not Available"):
            values[row["state"]].append(float(row[column]))
            values["nation"].append(float(row[column]))
    return ((state, sum(found) / len(found)) for state, found in values.items())


def _assert_averages(published: list[Row], column: str, rows: list[Row], facility_column: str) -> None:
    by_state = {"nation" if row["state"] in ("NATION", "US") else row["state"]: row[column] for row in published}
    compared = 0
    for state, mean in _means(rows, facility_column):
        decimals = len(by_state[state].partition(".")[2])
        assert float(by_state[state]) == pytest.approx(mean, abs=0.501 * 10**-decimals), (column, state)
        compared += 1
    assert compared > 10


@pytest.mark.parametrize("month", ["Sep2024", "Oct2024", "Jul2026"])
def test_state_averages_are_the_means_of_the_facility_files(sample: Sample, month: str) -> None:
    published, provider = sample.rows(f"NH_StateUSAverages_{month}"), sample.rows(f"NH_ProviderInfo_{month}")
    same_name = set(published[0]) & set(provider[0]) - {"state", "processing_date"}
    assert len(same_name) > 15
    for column in sorted(same_name):
        _assert_averages(published, column, provider, column)
    _assert_averages(published, "fine_amount_usd", provider, "total_fines_usd")
    _assert_averages(published, "cycle_1_health_deficiencies", provider, "cycle_1_deficiencies")
    for family, column in (("MDS", "four_quarter_average_score"), ("Claims", "adjusted_score")):
        by_description = defaultdict(list)
        for row in sample.rows(f"NH_QualityMsr_{family}_{month}"):
            by_description[fold(row["measure_description"])].append(row)
        averages = {fold(column.header): column.name for column in load_contract("nh_state_us_averages").columns}
        assert set(by_description) <= set(averages)
        for description, rows in by_description.items():
            _assert_averages(published, averages[description], rows, column)


def test_vaccination_averages_are_the_means_of_the_facility_file(sample: Sample) -> None:
    published, provider = sample.rows("NH_CovidVaxAverages_202410"), sample.rows("NH_CovidVaxProvider_202410")
    for column in ("residents_up_to_date_pct", "staff_up_to_date_pct"):
        _assert_averages(published, column, provider, column)


def test_health_stars_follow_the_cut_points_of_the_state(sample: Sample) -> None:
    ends = {row["state"]: row for row in sample.rows("NH_HlthInspecCutpointsState_Oct")}
    for row in sample.rows("NH_ProviderInfo_Oct"):
        if row["health_inspection_rating"]:
            cuts = [float(ends[row["state"]][f"range_{stars}_stars"].split("-")[1]) for stars in (5, 4, 3, 2)]
            below = sum(float(row["total_weighted_health_survey_score"]) > cut for cut in cuts)
            assert int(row["health_inspection_rating"]) == 5 - below


def test_no_two_rows_of_a_file_are_the_same_but_fines_before_they_had_an_id(sample: Sample) -> None:
    for path in (*sample.loose, *sample.zipped):
        lines = [line for line in path.read_bytes().splitlines() if line]
        assert (len(lines) == len(set(lines))) is (path.name != "NH_Penalties_Feb2026.csv"), path.name


def _fines(rows: list[Row], since: str, before: str) -> list[tuple[str, str, float]]:
    fines = [row for row in rows if row["penalty_type"] == "Fine" and since <= row["penalty_date"] < before]
    return [(row["ccn"], row["penalty_date"], float(row["fine_amount_usd"])) for row in fines]


def test_fines_that_look_alike_are_one_then_two_then_told_apart(sample: Sample) -> None:
    in_2024, in_february, in_july = (sample.rows(f"NH_Penalties_{month}") for month in ("Oct2024", "Feb2026", "Jul2026"))
    seen_by_all = {row["ccn"] for row in in_july}
    ours, theirs = (
        [fine for fine in _fines(rows, "2023-08-01", "2024-09-01") if fine[0] in seen_by_all] for rows in (in_2024, in_february)
    )
    twice = [fine for fine, count in Counter(theirs).items() if count == 2]
    assert twice
    assert Counter(ours) == Counter(
        [(ccn, day, 2 * amount) for ccn, day, amount in twice] + [fine for fine in theirs if fine not in twice]
    )
    assert Counter(_fines(in_july, "2023-08-01", "2024-09-01"))[twice[0]] == 2
    ids = [row["fine_id"] for row in in_july if row["penalty_type"] == "Fine"]
    assert len(ids) == len(set(ids)) > 50
    assert not any(row["fine_id"] for row in in_july if row["penalty_type"] != "Fine")


def test_one_history_is_shown_by_every_era(sample: Sample) -> None:
    old, now, new = (sample.rows(f"{name}") for name in ("ProviderInfo_Download", "NH_ProviderInfo_Oct", "NH_ProviderInfo_Jul"))
    by_ccn = [{row["ccn"]: row for row in rows} for rows in (old, now, new)]
    staying = set.intersection(*map(set, by_ccn))
    assert len(staying) > 100
    for column in ("provider_address", "certified_beds", "first_approved_date", "telephone_number"):
        assert all(len({rows[ccn][column] for rows in by_ccn}) == 1 for ccn in staying), column
    names = [{rows[ccn]["provider_name"] for rows in by_ccn} for ccn in staying]
    assert sum(len(found) == 2 for found in names) > 10, "renamed"
    assert set(by_ccn[0]) - set(by_ccn[1]), "closed by 2024"
    assert set(by_ccn[1]) - set(by_ccn[2]), "closed by 2026"
    assert {row["processing_date"] for row in old} == {"2019-11-01"}
    surveys = [
        {(row["ccn"], row["survey_date"], row["deficiency_tag_number"]) for row in sample.rows(name) if row["ccn"] in staying}
        for name in ("NH_HealthCitations_Oct", "NH_HealthCitations_Jul2026")
    ]
    both = [{key for key in keys if "2023-08-01" <= key[1] < "2024-09-01"} for keys in surveys]
    assert len(both[0]) > 100
    assert both[0] == both[1], "what was cited in the year that both look back on"


def test_facilities_are_rated_in_every_era(sample: Sample) -> None:
    for name in ("ProviderInfo_Download", "NH_ProviderInfo_Sep", "NH_ProviderInfo_Jul2026"):
        rows = sample.rows(name)
        rated = [row for row in rows if row["overall_rating"]]
        assert len(rated) > 0.9 * len(rows), name
        assert {row["overall_rating"] for row in rated} == set("12345")
        assert all(row["overall_rating_footnote"] for row in rows if not row["overall_rating"]), name
    assert {row["rn_staffing_rating"] for row in sample.rows("ProviderInfo_Download")} >= set("12345")


def test_second_cycle_of_2026_holds_the_complaints_of_two_years(sample: Sample) -> None:
    cited: Counter[tuple[str, str]] = Counter()
    for row in sample.rows("NH_HealthCitations_Jul2026"):
        if row["inspection_cycle"] == "2" or (row["inspection_cycle"] == "3" and row["is_standard_deficiency"] == "N"):
            cited[row["ccn"], "all"] += 1
            cited[row["ccn"], "complaints"] += row["is_complaint_deficiency"] == "Y"
    rows = [row for row in sample.rows("NH_ProviderInfo_Jul2026") if row["cycle_2_3_deficiencies"]]
    assert len(rows) > 100
    for row in rows:
        assert int(row["cycle_2_3_deficiencies"]) == cited[row["ccn"], "all"]
        assert int(row["cycle_2_3_complaint_deficiencies"]) == cited[row["ccn"], "complaints"]
        score = 0.75 * float(row["cycle_1_total_score"]) + 0.25 * float(row["cycle_2_3_total_score"])
        assert float(row["total_weighted_health_survey_score"]) == pytest.approx(score, abs=0.001)


def test_chain_columns_of_2026_are_counts_and_means_of_its_facilities(sample: Sample) -> None:
    chains: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sample.rows("NH_ProviderInfo_Jul2026"):
        chains[row["chain_name"]].append(row)
    assert not any(row["chain_facilities"] for row in chains.pop(""))
    for rows in chains.values():
        stars = [int(row["overall_rating"]) for row in rows if row["overall_rating"]]
        assert {row["chain_facilities"] for row in rows} == {str(len(rows))}
        assert float(rows[0]["chain_average_overall_rating"]) == pytest.approx(sum(stars) / len(stars), abs=0.051)
    assert {row["is_urban"] for rows in chains.values() for row in rows} == {"Y", "N"}


def test_vbp_of_2026_scores_four_measures(sample: Sample) -> None:
    rows = sample.rows("FY_2026_SNF_VBP_Facility")
    measures = ("readmission", "hai", "turnover", "nurse_staffing")
    for row in rows:
        points = [row[f"{measure}_measure_score"] for measure in measures]
        known = [float(score) for score in points if score != "---"]
        assert float(row["performance_score"]) == pytest.approx(10 * sum(known) / len(known), abs=0.0001)
        explained = [len(row[f"{measure}_measure_score_footnote"]) > 3 for measure in measures]
        assert explained == [score == "---" for score in points]
    assert any("---" in row.values() for row in rows)
    assert sorted(int(row["program_ranking"]) for row in rows)[0] == 1


def test_large_pbj_file_is_one_quarter_without_repeated_facility_days(tmp_path: Path) -> None:
    path = tmp_path / "PBJ_Daily_Nurse_Staffing_Q2_2024.csv"
    rows = write_large_pbj(path, gib=0.02)
    assert path.stat().st_size > 0.02 * 2**30
    keys = {(line[:6], line.split(b",2024Q2,")[1][:8]) for line in path.read_bytes().splitlines()[1:]}
    assert len(keys) == rows


@pytest.mark.slow
def test_full_size_has_the_genuine_row_counts_and_numbers(tmp_path: Path) -> None:
    paths = {match_family(path.name).family: path for path in write_sample(tmp_path, SampleSize.full())}
    rows = {family: sum(1 for line in path.open("rb") if line.strip()) - 1 for family, path in paths.items()}
    assert rows == GENUINE_ROWS
    provider = read_rows(paths["nh_provider_info"])
    ccns = [row["ccn"] for row in provider]
    assert "26A490" in ccns
    assert len({row["state"] for row in provider}) == 53
    assert 0.10 < sum(ccn.startswith("0") for ccn in ccns) / len(ccns) < 0.13
    assert 0.01 < sum(not ccn.isdigit() for ccn in ccns) / len(ccns) < 0.025
