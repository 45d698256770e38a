"""Files of other years than 2024, from bronze to gold: genuine rows, and column lists of CMS where no genuine row is at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from statistics import fmean

import pytest

from tests.dbt_healthcare.conftest import Warehouse
from tests.dbt_healthcare.test_quality_real_figures import read_csv

MODELS = (
    "facilities", "facility_penalties", "facility_quality_measures", "kpi_incidents_by_facility", "kpi_incidents_by_state",
    "kpi_ratings_by_facility", "kpi_turnover_by_facility", "kpi_readmissions_by_state", "kpi_vbp_by_facility", "kpi_vbp_by_state",
    "kpi_staff_vaccination_by_facility", "kpi_staff_vaccination_by_state", "unknown_codes", "dim_measure",
)  # fmt: skip
FILES = (
    "cms/2026-02-api/NH_Penalties_Feb2026.csv",
    "cms/2026-02-api/NH_QualityMsr_MDS_Feb2026.csv",
    "cms/2026-02-api/NH_QualityMsr_Claims_Feb2026.csv",
    "cms/2026-02-api/NH_HealthCitations_Feb2026.csv",
    "cms/2026-02-api/FY_2026_SNF_VBP_Facility_Performance.csv",
    "cms/2024-10/FY_2024_SNF_VBP_Facility_Performance.csv",
    "cms/2024-10/FY_2024_SNF_VBP_Aggregate_Performance.csv",
    "cms/heads/2019-11/ProviderInfo_Download.csv",
    "cms/heads/2020-09/NH_ProviderInfo_Sep2020.csv",
    "cms/heads/2025-07/NH_ProviderInfo_Jul2025.csv",
    "headers/NH_ProviderInfo_Oct2025.csv",
    "headers/NH_ProviderInfo_Feb2026.csv",
    "headers/NH_CovidVaxProvider_20220626.csv",
)


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[], Warehouse], shared: Path) -> Warehouse:
    filled = new_warehouse()
    for file in FILES:
        filled.add_csv(shared / file)
    filled.build(*(f"+{model}" for model in MODELS))
    return filled


@pytest.mark.parametrize("table", ["silver.fct_penalties", "gold.facility_penalties"])
def test_penalties_that_look_alike_are_all_there(warehouse: Warehouse, table: str) -> None:
    row = warehouse.row(
        f"select count(*) as penalties, count(fine_amount_usd) as fines, sum(fine_amount_usd) as usd, "
        f"count(*) filter (occurrence > 1) as alike from {table}"
    )
    assert row == {"penalties": 1000, "fines": 837, "usd": Decimal("22566053.00"), "alike": 15}


@pytest.mark.parametrize(
    "file",
    [
        "cms/heads/2025-07/NH_ProviderInfo_Jul2025.csv",
        "headers/NH_ProviderInfo_Oct2025.csv",
        "headers/NH_ProviderInfo_Feb2026.csv",
    ],
)
def test_provider_info_since_july_2025_gives_ratings_turnover_chain_and_beds(
    warehouse: Warehouse, shared: Path, file: str
) -> None:
    published = {row["CMS Certification Number (CCN)"]: row for row in read_csv(shared / file)}
    columns = {
        "Overall Rating": "overall_rating",
        "Staffing Rating": "staffing_rating",
        "Total nursing staff turnover": "total_nursing_turnover_pct",
        "Registered Nurse turnover": "rn_turnover_pct",
        "Number of Certified Beds": "certified_beds",
        "Chain Name": "chain_name",
        "Chain ID": "chain_id",
    }
    found = warehouse.rows(
        f"select ccn, {', '.join(f'cast({column} as varchar) as {column}' for column in columns.values())} "
        f"from silver.fct_provider_snapshot where processing_date = date '{published_on(published)}'"
    )
    assert len(found) == len(published) >= 3
    for row in found:
        for header, column in columns.items():
            assert alike(row[column], published[row["ccn"]][header]), (row["ccn"], header)


def test_provider_info_of_july_2025_alone_gives_a_full_facility_list(
    new_warehouse: Callable[[], Warehouse], shared: Path
) -> None:
    file = shared / "cms/heads/2025-07/NH_ProviderInfo_Jul2025.csv"
    warehouse = new_warehouse()
    warehouse.add_csv(file)
    warehouse.build("+facilities")
    found = {row["ccn"]: row for row in warehouse.rows("select * from gold.facilities")}
    published = read_csv(file)
    assert len(found) == len(published)
    columns = {
        "Overall Rating": "overall_rating",
        "Total nursing staff turnover": "total_nursing_turnover_pct",
        "Number of Certified Beds": "certified_beds",
        "Chain Name": "chain_name",
    }
    for row in published:
        for header, column in columns.items():
            assert alike(str(found[row["CMS Certification Number (CCN)"]][column] or ""), row[header]), header
    assert any(row["chain_name"] for row in found.values())


def published_on(published: Mapping[str, Mapping[str, str]]) -> str:
    (date,) = {row["Processing Date"] for row in published.values()}
    return date


def alike(cell: str | None, published: str) -> bool:
    """1.0 is 1, and nothing is nothing."""
    try:
        return float(cell or "") == float(published)
    except ValueError:
        return (cell or "") == published.strip()


def test_newest_vintage_of_a_facility_is_in_gold(warehouse: Warehouse) -> None:
    row = warehouse.row("select * from gold.facilities where ccn = '015009'")
    assert (row["processing_date"].isoformat(), row["overall_rating"], row["certified_beds"]) == ("2026-02-01", 3, 57)
    assert (row["total_nursing_turnover_pct"], row["is_urban"]) == (23.8, True)
    turnover = warehouse.rows(
        "select processing_date from gold.kpi_turnover_by_facility where ccn = '015009' and rn_turnover_pct > 0"
    )
    assert len(turnover) >= 2


def test_short_codes_of_2019_give_ratings_and_beds(warehouse: Warehouse) -> None:
    row = warehouse.row(
        "select count(*) as vintages, count(overall_rating) as rated from gold.kpi_ratings_by_facility "
        "where processing_date < date '2021-01-01'"
    )
    assert row["vintages"] == row["rated"] >= 5


def test_withdrawn_incidents_are_unknown_and_complaint_citations_stand_beside_them(warehouse: Warehouse, shared: Path) -> None:
    citations = read_csv(shared / "cms/2026-02-api/NH_HealthCitations_Feb2026.csv")
    nation = warehouse.row("select * from gold.kpi_incidents_by_state where state = 'US' and processing_date = '2026-02-01'")
    assert (nation["facility_reported_incidents"], nation["substantiated_complaints"]) == (None, None)
    assert nation["incidents_withdrawn_since"].isoformat() == "2026-02-01"
    assert nation["complaint_citations"] == sum(row["complaint_deficiency"] == "Y" for row in citations) > 0
    before = warehouse.row("select * from gold.kpi_incidents_by_state where state = 'US' and processing_date = '2025-10-01'")
    assert before["incidents_withdrawn_since"] is None
    assert before["facility_reported_incidents"] is not None


def test_measures_of_2026_are_those_of_the_file(warehouse: Warehouse, shared: Path) -> None:
    rows = read_csv(shared / "cms/2026-02-api/NH_QualityMsr_MDS_Feb2026.csv")
    scores = [
        float(row["four_quarter_average_score"])
        for row in rows
        if row["measure_code"] == "479" and row["four_quarter_average_score"]
    ]
    nation = warehouse.row("select * from gold.kpi_incidents_by_state where state = 'US' and processing_date = '2026-02-01'")
    assert (nation["pressure_ulcer_measure_code"], nation["pressure_ulcer_facilities_reporting"]) == ("479", len(scores))
    assert nation["pressure_ulcer_pct"] == pytest.approx(fmean(scores))
    assert warehouse.rows("select measure_code from silver.dim_measure where not is_in_catalog") == []


def test_every_code_of_the_genuine_files_is_known(warehouse: Warehouse) -> None:
    assert warehouse.rows("select * from gold.unknown_codes") == []


def test_four_measures_of_vbp_2026_are_those_of_the_file(warehouse: Warehouse, shared: Path) -> None:
    rows = read_csv(shared / "cms/2026-02-api/FY_2026_SNF_VBP_Facility_Performance.csv")
    performance = {
        "SNFRM": ("performance_period_fy_2024_riskstandardized_readmission_rate", 100),
        "SNFHAI": ("performance_period_fy_2024_riskstandardized_healthcareassoc_edf7", 100),
        "NURSE_TURNOVER": ("performance_period_fy_2024_total_nursing_staff_turnover_rate", 100),
        "NURSE_STAFFING": ("performance_period_fy_2024_adjusted_total_nursing_staff_hou_9a9a", 1),
    }
    for code, (column, times) in performance.items():
        values = [times * float(row[column]) for row in rows if row[column] != "---"]
        found = warehouse.row(
            f"select * from gold.kpi_vbp_by_state where state = 'US' and programme_year = 2026 and measure_code = '{code}'"
        )
        assert (found["facilities"], found["performance_facilities_reporting"]) == (1000, len(values)), code
        assert found["performance_value"] == pytest.approx(fmean(values)), code
        assert (found["baseline_fiscal_year"], found["performance_fiscal_year"]) == (2022, 2024)
    scores = warehouse.row(
        "select count(*) as n from gold.kpi_vbp_by_facility where programme_year = 2026 and measure_score is not null"
    )
    assert scores["n"] > 3000


def test_vbp_program_years_stay_apart(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select programme_year, measure_code, period, facilities from gold.kpi_readmissions_by_state "
        "where source = 'vbp' and state = 'US' order by programme_year, measure_code"
    )
    assert [tuple(row.values()) for row in rows] == [
        (2024, "SNFRM_BASELINE", "FY2019", 10858),
        (2024, "SNFRM_PERFORMANCE", "FY2022", 10858),
        (2026, "SNFRM_BASELINE", "FY2022", 1000),
        (2026, "SNFRM_PERFORMANCE", "FY2024", 1000),
    ]


def test_vaccination_of_2022_is_another_quantity(new_warehouse: Callable[[], Warehouse]) -> None:
    warehouse = new_warehouse()
    row = {
        "ccn": "015009",
        "state": "AL",
        "as_of_date": "06/26/2022",
        "staff_vaccinated_pct": "88.1",
        "residents_boosted_pct": "70.0",
    }
    warehouse.add_rows("nh_covid_vax_provider", "2022-06-26", [row])
    warehouse.build("+kpi_staff_vaccination_by_state")
    found = warehouse.row("select * from gold.kpi_staff_vaccination_by_state where state = 'US'")
    assert (found["staff_vaccinated_pct"], found["residents_boosted_pct"]) == (88.1, 70.0)
    assert (found["staff_up_to_date_pct"], found["residents_up_to_date_pct"]) == (None, None)
