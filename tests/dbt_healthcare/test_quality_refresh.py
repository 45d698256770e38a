"""Facts of the quality families when files repeat records, are corrected, or have nothing to say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_healthcare.conftest import Warehouse, failures

FINE = {"ccn": "015009", "state": "AL", "penalty_date": "2024-01-02", "penalty_type": "Fine", "processing_date": "2025-02-01"}


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    return new_warehouse()


def test_a_corrected_penalties_file_replaces_its_period_and_no_other(warehouse: Warehouse) -> None:
    def fines() -> list[tuple[str, float]]:
        rows = warehouse.rows("select _period, fine_amount_usd as usd from silver.fct_penalties order by 1, 2")
        return [(row["_period"], float(row["usd"])) for row in rows]

    # Two equal fines of one day are two fines, though they differ in nothing that CMS publishes.
    warehouse.add_rows("nh_penalties", "2025-01", [FINE | {"fine_amount_usd": "$9,750.00"}])
    warehouse.add_rows("nh_penalties", "2025-02", [FINE | {"fine_amount_usd": usd} for usd in ("650", "650", "651")])
    warehouse.build("+fct_penalties")
    assert fines() == [("2025-01", 9750.0), ("2025-02", 650.0), ("2025-02", 650.0), ("2025-02", 651.0)]

    warehouse.add_rows("nh_penalties", "2025-02", [FINE | {"fine_amount_usd": "700"}])
    warehouse.build("+fct_penalties")
    assert fines() == [("2025-01", 9750.0), ("2025-02", 700.0)]


def test_tables_exist_and_are_empty_before_any_file_of_their_family(warehouse: Warehouse) -> None:
    tables = ("kpi_readmissions_by_state", "kpi_incidents_by_state", "facility_quality_measures")
    no_tests = ["--exclude-resource-type", "unit_test", "test"]
    assert failures(warehouse.dbt("build", *(f"+{table}" for table in tables), options=no_tests)) == []
    for table in tables:
        assert warehouse.rows(f"select * from gold.{table}") == []
