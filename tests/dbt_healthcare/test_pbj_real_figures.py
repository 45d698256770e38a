"""The staffing KPIs against figures others computed from the same genuine files: Rhode Island, second quarter of 2023."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.contracts.contract import Contract, load_contracts

SILVER = (
    "fct_daily_nurse_staffing", "fct_monthly_nurse_staffing", "surge_hours_by_month", "fct_provider_snapshot", "dim_provider",
    "dim_facility",
)  # fmt: skip
STAFFING_GOLD = (
    "kpi_nurse_hours_by_state_month",
    "kpi_hprd_by_facility_month",
    "kpi_hprd_by_state_quarter",
    "kpi_contract_staffing_by_facility_month",
    "kpi_contract_staffing_by_state_quarter",
    "kpi_overtime_proxy_by_facility_month",
    "kpi_resident_throughput_by_facility_month",
    "staffing_by_type_quarter",
    "staffing_occupancy_by_state_month",
    "facilities",
)
INTERFACE = {
    "kpi_nurse_hours_by_state_month": (
        "state month quarter facilities resident_days total_nurse_hours rn_hours lpn_hours nurse_aide_hours employee_hours"
        " contract_hours"
    ),
    "kpi_hprd_by_facility_month": (
        "ccn provider_name state month quarter resident_days total_nurse_hours total_nurse_hprd rn_hprd lpn_hprd"
        " nurse_aide_hprd weekend_total_nurse_hprd"
    ),
    "kpi_hprd_by_state_quarter": (
        "state quarter facilities resident_days total_nurse_hours total_nurse_hprd rn_hprd mean_facility_total_nurse_hprd"
        " median_facility_total_nurse_hprd"
    ),
    "kpi_contract_staffing_by_facility_month": "ccn month contract_hours total_nurse_hours contract_share_pct",
    "kpi_contract_staffing_by_state_quarter": "state quarter contract_hours total_nurse_hours contract_share_pct",
    "kpi_overtime_proxy_by_facility_month": "ccn provider_name state month contract_share_pct surge_hours surge_share_pct",
    "kpi_resident_throughput_by_facility_month": (
        "ccn provider_name state month resident_days average_daily_census certified_beds occupancy_pct"
    ),
    "data_reconciliation": (
        "family period file_name file_md5 rows_in_file rows_certified rows_rejected rows_in_bronze rows_in_silver rows_excluded"
        " balanced"
    ),
}
CATEGORIES = ("RNDON", "RNadmin", "RN", "LPNadmin", "LPN", "CNA", "NAtrn", "MedAide")
RI_FILE = "PBJ_Daily_Nurse_Staffing_Q2_2023.csv"


@pytest.fixture(scope="module")
def only_pbj(copy_of_empty_warehouse: Callable[[], Any], shared: Path) -> Any:
    """A warehouse that holds nothing but PBJ; building it runs every data test of the staffing tables."""
    warehouse = copy_of_empty_warehouse()
    warehouse.add_csv(shared / "cms" / "pbj" / RI_FILE)
    warehouse.build(*SILVER, *STAFFING_GOLD, "published_benchmarks")
    return warehouse


@pytest.fixture(scope="module")
def oracle(shared: Path) -> dict[str, float]:
    with (shared / "oracle" / "state_quarterly_metrics.csv").open(newline="") as lines:
        (found,) = [row for row in csv.DictReader(lines) if (row["STATE"], row["CY_Qtr"]) == ("RI", "2023Q2")]
    return {name: float(value) for name, value in found.items() if name not in {"STATE", "CY_Qtr"}}


@pytest.mark.parametrize("table", INTERFACE)
def test_tables_have_the_columns_that_others_rely_on(only_pbj: Any, table: str) -> None:
    columns = {row["column_name"] for row in only_pbj.rows(f"describe gold.{table}")}
    assert set(INTERFACE[table].split()) <= columns


def test_hours_are_stored_as_hours(only_pbj: Any) -> None:
    """A sum is typed wider, and DuckDB packs only what fits into 64 bits: four times the disk."""
    types = only_pbj.rows(
        """
        select table_name, column_name, data_type from information_schema.columns
        where table_schema = 'silver' and table_name like 'fct_%_nurse_staffing' and data_type like 'DECIMAL%'
        """
    )
    assert len(types) > 40
    assert [row for row in types if row["data_type"] != "DECIMAL(18,2)"] == []


def test_rhode_island_is_exactly_the_published_figure(only_pbj: Any) -> None:
    found = only_pbj.row(
        """
        select hprd.*, contract.contract_hours, contract.contract_share_pct
        from gold.kpi_hprd_by_state_quarter as hprd
        inner join gold.kpi_contract_staffing_by_state_quarter as contract using (state, quarter)
        where state = 'RI' and quarter = '2023Q2'
        """
    )
    assert found["facilities"] == 75
    assert found["resident_days"] == 625_246
    assert round(found["total_nurse_hours"], 6) == 2_301_390.54
    assert round(found["total_nurse_hprd"], 6) == 3.680776
    assert round(found["contract_share_pct"], 6) == 11.495034


@pytest.mark.parametrize(
    ("column", "published"),
    [
        ("total_nurse_hprd", "Total_Nurse_HPRD"),
        ("rn_hprd", "RN_HPRD"),
        ("lpn_hprd", "LPN_HPRD"),
        ("nurse_aide_hprd", "Nurse_Assistant_HPRD"),
        ("direct_care_hprd", "Nurse_Care_HPRD"),
        ("median_facility_total_nurse_hprd", "Total_Nurse_HPRD_Median"),
        ("median_facility_rn_hprd", "RN_HPRD_Median"),
    ],
)
def test_ratios_and_medians_agree_with_the_oracle(only_pbj: Any, oracle: dict[str, float], column: str, published: str) -> None:
    found = only_pbj.row(f"select {column} as value from gold.kpi_hprd_by_state_quarter where state = 'RI'")
    assert found["value"] == pytest.approx(oracle[published], rel=1e-12)


def test_every_published_benchmark_of_a_loaded_state_is_met(only_pbj: Any) -> None:
    found = only_pbj.rows(
        """
        with ours as (
            unpivot (
                select
                    state, quarter, cast(hprd.facilities as double) as facilities, cast(resident_days as double) as resident_days,
                    hprd.total_nurse_hours, total_nurse_hprd, contract_share_pct
                from gold.kpi_hprd_by_state_quarter as hprd
                inner join gold.kpi_contract_staffing_by_state_quarter using (state, quarter)
            ) on columns(* exclude (state, quarter)) into name measure value figure
        )
        select measure, value, figure
        from silver.published_benchmarks
        inner join ours using (measure)
        where geography = 'RI' and ours.state = 'RI' and period = ours.quarter
        """
    )
    assert len(found) == 5
    for benchmark in found:
        assert benchmark["figure"] == pytest.approx(benchmark["value"], rel=1e-6), benchmark["measure"]


def test_published_ratios_of_one_quarter_add_up() -> None:
    """A figure with another denominator than the others can never be met beside them, and would stop publication."""
    seeds = Path(__file__).parents[2] / "include/dbt_healthcare/seeds"
    with (seeds / "published_benchmarks.csv").open(encoding="utf-8", newline="") as lines:
        published = {row["measure"]: Decimal(row["value"]) for row in csv.DictReader(lines) if row["period"] == "2024Q2"}
    parts = published["rn_hprd"] + published["lpn_hprd"] + published["nurse_aide_hprd"]
    assert abs(published["total_nurse_hprd"] - parts) <= Decimal("0.000002")


def test_hours_of_every_facility_month_agree_with_a_second_reading_of_the_file(only_pbj: Any, shared: Path) -> None:
    hours: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    contract: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    census: dict[tuple[str, str], int] = defaultdict(int)
    with (shared / "cms" / "pbj" / RI_FILE).open(newline="", encoding="cp1252") as lines:
        for row in csv.DictReader(lines):
            key = (row["PROVNUM"], f"{row['WorkDate'][:4]}-{row['WorkDate'][4:6]}-01")
            hours[key] += sum(Decimal(row[f"Hrs_{name}"]) for name in CATEGORIES)
            contract[key] += sum(Decimal(row[f"Hrs_{name}_ctr"]) for name in CATEGORIES)
            census[key] += int(row["MDScensus"])
    found = only_pbj.rows(
        "select * from gold.kpi_contract_staffing_by_facility_month inner join gold.kpi_hprd_by_facility_month using (ccn, month)"
    )
    assert len(found) == len(hours) == 75 * 3
    for row in found:
        key = (row["ccn"], row["month"].isoformat())
        assert round(row["total_nurse_hours"], 6) == float(hours[key])
        assert round(row["contract_hours"], 6) == float(contract[key])
        assert row["resident_days"] == census[key]
        assert row["total_nurse_hprd"] == pytest.approx(float(hours[key]) / census[key])


def test_months_add_up_to_the_quarter_and_states_to_the_nation(only_pbj: Any) -> None:
    found = only_pbj.rows(
        """
        select state, sum(total_nurse_hours) as hours, sum(resident_days) as days
        from gold.kpi_nurse_hours_by_state_month group by state
        """
    )
    assert {row["state"] for row in found} == {"RI", "US"}
    for row in found:
        assert row["hours"] == pytest.approx(2_301_390.54)
        assert row["days"] == 625_246


def test_surge_hours_are_never_negative_and_never_all_hours(only_pbj: Any) -> None:
    found = only_pbj.row(
        """
        select min(surge_hours) as least, max(surge_share_pct) as most, count(*) as months
        from gold.kpi_overtime_proxy_by_facility_month
        """
    )
    assert found["months"] == 75 * 3
    assert found["least"] >= 0
    assert 0 < found["most"] < 100


def test_without_provider_info_names_and_states_come_from_pbj(only_pbj: Any) -> None:
    facilities = only_pbj.rows("select * from gold.facilities")
    assert len(facilities) == 75
    assert all(row["provider_name"] and row["state"] == "RI" and not row["in_provider_info"] for row in facilities)
    throughput = only_pbj.row(
        "select sum(resident_days) as days, count(occupancy_pct) as known from gold.kpi_resident_throughput_by_facility_month"
    )
    assert throughput == {"days": 625_246, "known": 0}


def test_without_pbj_the_staffing_tables_exist_and_are_empty(copy_of_empty_warehouse: Callable[[], Any]) -> None:
    warehouse = copy_of_empty_warehouse()
    rows = [{"ccn": "015009", "provider_name": "BURNS", "state": "AL", "certified_beds": "57", "processing_date": "2024-10-01"}]
    warehouse.add_rows("nh_provider_info", "2024-10", rows)
    warehouse.build(*SILVER, "kpi_resident_throughput_by_facility_month", "staffing_by_type_quarter", "facilities")
    warehouse.dbt("run", *STAFFING_GOLD)
    counts = {model: warehouse.row(f"select count(*) as rows_found from gold.{model}")["rows_found"] for model in STAFFING_GOLD}
    assert counts.pop("facilities") == 1
    assert set(counts.values()) == {0}


@pytest.mark.parametrize("contract", load_contracts(), ids=lambda contract: contract.family)
def test_key_of_a_family_is_tested_where_its_rows_are_stored(dbt_runner: Any, contract: Contract) -> None:
    """The staging views have no tests of their own."""
    nodes = dbt_runner.manifest.nodes.values()
    tested = [node.attached_node for node in nodes if node.resource_type == "test" and "contract_key" in node.name]
    assert tested.count(f"model.dbt_healthcare.{contract.silver_model}") == 1
