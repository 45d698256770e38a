"""Ratings, penalties, citations, readmissions and vaccination against the genuine CMS files and what CMS publishes about them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from tests.dbt_healthcare.conftest import Warehouse

MODELS = (
    "kpi_turnover_by_state", "kpi_ratings_by_facility", "kpi_rating_trend_by_state", "kpi_staff_vaccination_by_facility",
    "kpi_staff_vaccination_by_state", "kpi_readmissions_by_facility", "kpi_readmissions_by_state", "kpi_incidents_by_facility",
    "kpi_incidents_by_state", "facility_penalties", "facility_citations", "facility_quality_measures",
)  # fmt: skip

SILVER = (
    "dim_citation", "dim_measure", "fct_health_inspection_cut_points", "fct_ownership", "fct_survey_dates", "fct_survey_summary",
)  # fmt: skip

RATINGS = "processing_date overall_rating health_inspection_rating staffing_rating qm_rating"
READMISSIONS = "source measure_code measure_name period rate rate_low rate_high comparison_category footnote"
INCIDENTS = (
    "processing_date falls_major_injury_pct uti_pct pressure_ulcer_pct infection_control_citations serious_citations "
    "immediate_jeopardy_citations facility_reported_incidents substantiated_complaints"
)
INTERFACE = {
    "kpi_turnover_by_state": (
        "state processing_date total_nursing_turnover_pct rn_turnover_pct administrators_left facilities_reporting "
        "facilities_suppressed"
    ),
    "kpi_staff_vaccination_by_state": "state as_of_date staff_up_to_date_pct residents_up_to_date_pct facilities_reporting",
    "kpi_readmissions_by_facility": f"ccn {READMISSIONS}",
    "kpi_readmissions_by_state": f"state {READMISSIONS}",
    "kpi_rating_trend_by_state": f"state {RATINGS} facilities_rated",
    "kpi_ratings_by_facility": f"ccn {RATINGS}",
    "kpi_incidents_by_facility": f"ccn {INCIDENTS}",
    "kpi_incidents_by_state": f"state {INCIDENTS}",
}


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    """The file as Python's own reader sees it: no code in common with staging."""
    text = path.read_bytes().decode(encoding)
    return [row for row in csv.DictReader(io.StringIO(text, newline="")) if any(row.values())]


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[], Warehouse], shared: Path) -> Warehouse:
    filled = new_warehouse()
    for folder in ("2021-08", "2022-01-api", "2024-10", "2024-11", "2025-02", "2026-06"):
        for path in sorted((shared / "cms" / folder).glob("*.csv")):
            filled.add_csv(path)
    filled.build(*(f"+{model}" for model in (*MODELS, *SILVER)))
    return filled


@pytest.mark.parametrize("table", INTERFACE)
def test_tables_have_the_columns_that_others_rely_on(warehouse: Warehouse, table: str) -> None:
    found = {row["column_name"] for row in warehouse.rows(f"describe gold.{table}")}
    assert set(INTERFACE[table].split()) <= found


def test_vbp_national_rates_are_the_published_ones(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select measure_code, period, published_rate, facilities from gold.kpi_readmissions_by_state "
        "where source = 'vbp' and state = 'US' order by measure_code"
    )
    assert [(row["measure_code"], row["period"], row["published_rate"], row["facilities"]) for row in rows] == [
        ("SNFRM_BASELINE", "FY2019", 19.788, 10858),
        ("SNFRM_PERFORMANCE", "FY2022", 20.223, 10858),
    ]


def test_vbp_state_means_are_recomputed_from_the_file(warehouse: Warehouse, shared: Path) -> None:
    header = "Performance Period: FY 2022 Risk-Standardized Readmission Rate"
    rates = defaultdict(list)
    for row in read_csv(shared / "cms/2024-10/FY_2024_SNF_VBP_Facility_Performance.csv"):
        state = "GU" if row["CMS Certification Number (CCN)"] == "655000" else row["State"]  # this file has Guam in Hawaii
        rates[state].append(100 * float(row[header]))
    rows = warehouse.rows(
        "select state, rate from gold.kpi_readmissions_by_state where measure_code = 'SNFRM_PERFORMANCE' and state != 'US'"
    )
    assert {row["state"]: row["rate"] for row in rows} == {
        state: pytest.approx(fmean(of_state)) for state, of_state in rates.items()
    }


def test_facilities_without_a_vbp_baseline_stay_with_their_reason(warehouse: Warehouse) -> None:
    row = warehouse.row(
        "select count(*) as facilities, count(rate) as reporting, count(footnote) as explained "
        "from gold.kpi_readmissions_by_facility where measure_code = 'SNFRM_BASELINE'"
    )
    assert row == {"facilities": 10858, "reporting": 10341, "explained": 517}


def test_qrp_national_readmissions_are_the_published_ones(warehouse: Warehouse) -> None:
    row = warehouse.row(
        "select * from gold.kpi_readmissions_by_state where measure_code = 'S_004_01_PPR_PD_RSRR' and state = 'US'"
    )
    counts = [row[f"published_facilities_{category}"] for category in ("better", "no_different", "worse", "too_small")]
    assert (row["published_rate"], row["period"]) == (10.51, "2021-10-01 to 2023-09-30")
    assert counts == [93, 12962, 360, 1630]


def test_claims_average_of_cms_carries_its_measure_period(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select state, period, published_rate from gold.kpi_readmissions_by_state where measure_code = '521_ADJUSTED'"
    )
    assert len(rows) == 54
    assert {row["period"] for row in rows} == {"2023-04-01 to 2024-03-31"}
    assert {row["state"]: row["published_rate"] for row in rows}["US"] == 23.151112


def test_covid_averages_of_cms_are_rebuilt_from_facilities(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select * from gold.kpi_staff_vaccination_by_state")
    gaps = {
        who: [abs(row[f"{who}_up_to_date_pct"] - row[f"published_{who}_up_to_date_pct"]) for row in rows]
        for who in ("staff", "residents")
    }
    nation = next(row for row in rows if row["state"] == "US")

    assert len(rows) == 54
    assert (nation["published_residents_up_to_date_pct"], nation["published_staff_up_to_date_pct"]) == (23.7, 5.9)
    assert (nation["facilities_reporting"], nation["resident_facilities_reporting"]) == (13852, 13773)
    # Half a unit of the published decimal; only Rhode Island's residents (25.2466, published 25.3) need the facilities' too.
    assert sum(gap <= 0.05 + 1e-9 for gap in gaps["staff"]) == 54
    assert sum(gap <= 0.05 + 1e-9 for gap in gaps["residents"]) == 53
    assert max(gaps["residents"]) < 0.054


def test_not_available_is_not_zero(warehouse: Warehouse) -> None:
    row = warehouse.row(
        "select count(*) filter (staff_up_to_date_pct is null) as missing, count(*) filter (staff_up_to_date_pct = 0) as zero "
        "from gold.kpi_staff_vaccination_by_facility"
    )
    assert row["missing"] == 962
    assert row["zero"] > 0


@pytest.fixture(scope="module")
def provider_info_2021(shared: Path) -> list[dict[str, str]]:
    return read_csv(shared / "cms/2021-08/NH_ProviderInfo_Aug2021.csv", encoding="cp1252")


def star_means(rows: list[dict[str, str]], header: str) -> Iterator[tuple[str, int, float]]:
    """(state, facilities rated, mean stars) for every state and the nation."""
    stars: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row[header].strip():
            stars[row["Provider State"]].append(int(row[header]))
            stars["US"].append(int(row[header]))
    for state, of_state in stars.items():
        yield state, len(of_state), fmean(of_state)


@pytest.mark.parametrize(
    ("header", "column", "counted"),
    [
        ("Overall Rating", "overall_rating", "facilities_rated"),
        ("Health Inspection Rating", "health_inspection_rating", "facilities_with_health_inspection_rating"),
        ("Staffing Rating", "staffing_rating", "facilities_with_staffing_rating"),
        ("QM Rating", "qm_rating", "facilities_with_qm_rating"),
    ],
)
def test_ratings_of_august_2021_are_recomputed(
    warehouse: Warehouse, provider_info_2021: list[dict[str, str]], header: str, column: str, counted: str
) -> None:
    rows = warehouse.rows(f"select state, {counted} as rated, {column} as stars from gold.kpi_rating_trend_by_state")
    found = {row["state"]: (row["rated"], row["stars"]) for row in rows}

    assert len(provider_info_2021) == 15283
    for state, rated, mean in star_means(provider_info_2021, header):
        assert found[state] == (rated, pytest.approx(mean)), state


def test_stars_of_august_2021_are_spread_as_in_the_file(warehouse: Warehouse, provider_info_2021: list[dict[str, str]]) -> None:
    stars = [row["Overall Rating"].strip() for row in provider_info_2021]
    nation = warehouse.row("select * from gold.kpi_rating_trend_by_state where state = 'US'")

    assert nation["facilities"] == 15283
    assert nation["facilities_without_rating"] == stars.count("")
    for star in range(1, 6):
        share = 100 * stars.count(str(star)) / (15283 - stars.count(""))
        assert nation[f"overall_{star}_star_share_pct"] == pytest.approx(share)


def test_incidents_and_complaints_of_august_2021_add_up(warehouse: Warehouse, provider_info_2021: list[dict[str, str]]) -> None:
    nation = warehouse.row("select * from gold.kpi_incidents_by_state where state = 'US' and processing_date = '2021-08-01'")
    for header, column in [
        ("Number of Facility Reported Incidents", "facility_reported_incidents"),
        ("Number of Substantiated Complaints", "substantiated_complaints"),
    ]:
        assert nation[column] == sum(int(row[header] or 0) for row in provider_info_2021)
    assert nation["health_citations"] is None  # no citations file of that month: unknown, not 0


def test_penalties_of_february_2025_are_all_there(warehouse: Warehouse, shared: Path) -> None:
    published = read_csv(shared / "cms/2025-02/NH_Penalties_Feb2025.csv")
    row = warehouse.row(
        "select count(*) as penalties, sum(fine_amount_usd) as usd, count(fine_amount_usd) as fines from gold.facility_penalties"
    )

    fines = [float(row["Fine Amount"]) for row in published if row["Fine Amount"].strip()]
    assert row["penalties"] == len(published) == 24614
    assert row["fines"] == len(fines)
    assert float(row["usd"]) == pytest.approx(sum(fines))


def test_long_island_citations_are_all_there(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select survey_type, count(*) as citations from gold.facility_citations group by 1")
    assert {row["survey_type"]: row["citations"] for row in rows} == {"Health": 1008, "Fire Safety": 649}


def test_long_island_citations_are_graded_as_in_the_file(warehouse: Warehouse, shared: Path) -> None:
    family = {f"{tag:04}" for tag in range(880, 889)}
    published = read_csv(shared / "cms/2022-01-api/health-citations-for-nursing-homes-registered-with-medicare.csv")
    nation = warehouse.row("select * from gold.kpi_incidents_by_state where state = 'US' and processing_date = '2022-01-01'")

    assert nation["serious_citations"] == sum(row["scope_severity_code"] in set("GHIJKL") for row in published) == 15
    assert nation["immediate_jeopardy_citations"] == sum(row["scope_severity_code"] in set("JKL") for row in published) == 4
    assert nation["infection_control_citations"] == sum(
        row["deficiency_tag_number"] in family or row["infection_control_inspection_deficiency"] == "Y" for row in published
    )


def test_health_citations_find_their_wording(warehouse: Warehouse) -> None:
    row = warehouse.row(
        "select count(*) as citations, count(citation.deficiency_tag) as described from silver.fct_health_citations as cited "
        "left join silver.dim_citation as citation on cited.deficiency_tag = citation.deficiency_tag"
    )
    assert row["described"] == row["citations"] == 1008


def test_fire_citations_find_the_wording_of_their_version(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select cited.deficiency_tag, cited.deficiency_description = citation.deficiency_description as is_alike "
        "from silver.fct_fire_safety_citations as cited "
        "inner join silver.dim_citation as citation on cited.look_up_tag = citation.deficiency_tag"
    )
    of_two_meanings = [row["is_alike"] for row in rows if row["deficiency_tag"] in {"K-0161", "K-0211"}]
    assert len(rows) == 649
    assert len(of_two_meanings) == 69
    assert all(of_two_meanings)


def test_cut_points_of_november_2024_touch_each_other(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select * from silver.fct_health_inspection_cut_points")
    columns = [f"score_{stars}_stars_{end}" for stars in (5, 4, 3, 2) for end in ("lower", "upper")]
    bounds = [[row[column] for column in columns] for row in rows]

    assert len(rows) == 53
    assert all(row["score_1_star_upper"] is None and row["score_1_star_lower"] == row["score_2_stars_upper"] for row in rows)
    assert all(ends == sorted(ends) and ends[0] == 0 for ends in bounds)
    assert all(ends[at + 1] - ends[at] == pytest.approx(0.001) for ends in bounds for at in (1, 3, 5))


def test_every_published_measure_code_is_in_the_catalog(warehouse: Warehouse) -> None:
    assert warehouse.rows("select measure_code from silver.dim_measure where not is_in_catalog") == []


def test_reference_averages_keep_both_generations_of_columns(warehouse: Warehouse) -> None:
    rows: list[dict[str, Any]] = warehouse.rows(
        "select high_risk_long_stay_pressure_ulcers_pct as old, long_stay_pressure_ulcers_pct as new, overall_rating as stars "
        "from silver.fct_state_us_averages where state = 'US' order by _period"
    )
    assert [(row["old"], row["new"], row["stars"]) for row in rows] == [(7.846335, None, None), (None, 4.85772, 3.0)]
