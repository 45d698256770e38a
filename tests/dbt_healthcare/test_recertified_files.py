"""A file that is in the warehouse and was certified again, under a contract that knows more of its columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt.cli.main import dbtRunnerResult

from include.contracts.contract import LINEAGE_COLUMNS, UNMAPPED_COLUMN, load_contract
from tests.dbt_healthcare.conftest import Warehouse, occurrences
from tests.dbt_healthcare.test_pbj_republication import PBJ, STAFFING, day

PENALTIES = load_contract("nh_penalties")
FINE = {"ccn": "015009", "state": "AL", "penalty_date": "2024-01-02", "penalty_type": "Fine", "processing_date": "2025-02-01"}
LINEAGE_TYPES = {"_source_row": pa.int64(), "_occurrence": pa.int64(), "_landed_at": pa.timestamp("us")}
NEVER_REJECTED = pa.schema(
    [("file_md5", pa.string()), ("source_row", pa.int64()), ("reason", pa.string()), ("raw_line", pa.string())]
)


def operation(warehouse: Warehouse, macro: str, **arguments: Any) -> dbtRunnerResult:
    return warehouse.dbt("run-operation", options=[macro, "--args", json.dumps(arguments)])


def certified(warehouse: Warehouse, rows: Sequence[Mapping[str, Any]], **facts: Any) -> dict[str, Any]:
    """What certification hands to the COPY, with its two Parquet files."""
    lineage = {"_source_file": "f.csv", "_file_md5": "m1", "_period": "2025-02", "_landed_at": datetime(2025, 2, 2)}
    numbered = [
        dict(row) | lineage | {"_source_row": line, "_occurrence": number}
        for line, (row, number) in enumerate(zip(rows, occurrences(PENALTIES, rows), strict=True), start=2)
    ]
    names = (*PENALTIES.column_names, *LINEAGE_COLUMNS, UNMAPPED_COLUMN)
    schema = pa.schema([(name, LINEAGE_TYPES.get(name, pa.string())) for name in names])
    bronze, rejects = warehouse.home / "rows.parquet", warehouse.home / "rejects.parquet"
    pq.write_table(pa.Table.from_pylist(numbered, schema), bronze)
    pq.write_table(NEVER_REJECTED.empty_table(), rejects)
    times = dict.fromkeys(("modified_at", "landed_at", "loaded_at"), "2025-02-02 06:00:00")
    counts = {"rows_in_file": len(rows), "rows_certified": len(rows), "rows_rejected": 0, "facilities": 1, "columns_mapped": 14}
    file = {
        "family": "nh_penalties",
        "period": "2025-02",
        "file_md5": "m1",
        "file_name": "f.csv",
        "file_id": "id",
        "run_id": "test",
    }
    paths = {"bronze_path": str(bronze), "rejects_path": str(rejects)}
    return file | times | counts | paths | {"notices": [], "replaces": False} | facts


@pytest.fixture
def warehouse(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    return new_warehouse()


def test_file_certified_again_replaces_rows_notices_and_ledger_in_bronze_and_in_silver(warehouse: Warehouse) -> None:
    def fines() -> list[dict[str, Any]]:
        warehouse.build("+fct_penalties", "+layout_notices", "+data_reconciliation")
        return warehouse.rows("select fine_id, occurrence from silver.fct_penalties order by fine_id, occurrence")

    unknown = [{"column_name": "Fine ID", "kind": "new"}, {"column_name": "It's odd", "kind": "new"}]
    first = certified(warehouse, [FINE, FINE], notices=unknown)
    assert operation(warehouse, "copy_all_bronze_tables", files=[first]).success
    assert fines() == [{"fine_id": None, "occurrence": 1}, {"fine_id": None, "occurrence": 2}]
    assert [row["column_name"] for row in warehouse.rows("select * from gold.layout_notices order by 1, 4")] == [
        "Fine ID",
        "It's odd",
    ]

    again = certified(warehouse, [FINE | {"fine_id": "1"}, FINE | {"fine_id": "2"}, FINE], replaces=True, notices=unknown[1:])
    for _ in range(2):  # a run that is killed behind either step does both again
        assert operation(warehouse, "forget_in_silver", file_md5s=["m1"]).success
        assert operation(warehouse, "copy_all_bronze_tables", files=[again]).success
    assert [row["fine_id"] for row in fines()] == ["1", "2", None]
    assert [row["column_name"] for row in warehouse.rows("select * from gold.layout_notices")] == ["It's odd"]
    assert warehouse.row("select rows_loaded, facilities from bronze.load_ledger") == {"rows_loaded": 3, "facilities": 1}
    assert warehouse.row("select rows_in_bronze as n, balanced from gold.data_reconciliation") == {"n": 3, "balanced": True}


def test_file_that_the_ledger_has_is_not_loaded_again_unless_it_was_certified_again(warehouse: Warehouse) -> None:
    assert operation(warehouse, "copy_all_bronze_tables", files=[certified(warehouse, [FINE])]).success
    assert operation(warehouse, "copy_all_bronze_tables", files=[certified(warehouse, [FINE, FINE])]).success
    assert warehouse.row("select count(*) as n from bronze.nh_penalties") == {"n": 1}


def test_forgotten_file_leaves_no_notice_behind(warehouse: Warehouse) -> None:
    noticed = certified(warehouse, [FINE], notices=[{"column_name": "Fine ID", "kind": "new"}])
    assert operation(warehouse, "copy_all_bronze_tables", files=[noticed]).success
    assert operation(warehouse, "forget_file", file_md5="m1", family="nh_penalties").success
    for table in ("nh_penalties", "load_ledger", "layout_notices"):
        assert warehouse.rows(f"select * from bronze.{table}") == []


def test_silver_takes_in_again_what_comes_from_a_file_and_nothing_else(copy_of_empty_warehouse: Callable[[], Warehouse]) -> None:
    """Sums by month, hours above the usual day and restatements are made of several files."""
    models = (*STAFFING, "surge_hours_by_month", "excluded_rows", "restatements")
    warehouse = copy_of_empty_warehouse()
    other = warehouse.add_rows(PBJ, "2023Q1", [day("015009", "20230101")])
    old = warehouse.add_rows(PBJ, "2024Q1", [day("015009", "20240301")])
    warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401")] * 2)
    new = warehouse.add_rows(PBJ, "2024Q1", [day("015009", "20240301", rn_hours=44)])
    assert warehouse.dbt("run", *models).success
    before = {model: contents(warehouse, model) for model in models[-5:]}

    assert operation(warehouse, "forget_in_silver", file_md5s=[old, new]).success
    left = warehouse.rows("select distinct _file_md5 from silver.fct_daily_nurse_staffing")
    assert (len(left), {"_file_md5": other} in left, {"_file_md5": new} in left) == (2, True, False)
    months = warehouse.rows("select cast(month as varchar) as month from silver.surge_hours_by_month")
    assert months == [{"month": "2023-01-01"}]  # April looks back to March
    assert warehouse.rows("select * from gold.restatements") == []
    assert warehouse.dbt("run", *models).success
    assert {model: contents(warehouse, model) for model in models[-5:]} == before


def contents(warehouse: Warehouse, model: str) -> list[str]:
    schema = "gold" if model == "restatements" else "silver"
    return sorted(map(str, warehouse.rows(f"select * from {schema}.{model}")))


def test_nothing_is_forgotten_before_silver_is_built(warehouse: Warehouse) -> None:
    assert operation(warehouse, "forget_in_silver", file_md5s=["m1"]).success
    assert operation(warehouse, "forget_in_silver").success
