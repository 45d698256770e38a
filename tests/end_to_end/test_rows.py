"""The comparison of two warehouses finds what a comparison of sums would not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.end_to_end.rows import Row, unequal_rows

COLUMNS, KEY = ["state", "hours"], {"state"}
DUCKDB: list[Row] = [{"state": "RI", "hours": 2.5}, {"state": "US", "hours": 7.5}]


@pytest.mark.parametrize(
    ("snowflake", "said"),
    [
        ([{"state": "US", "hours": Decimal("7.5000001")}, {"state": "RI", "hours": Decimal("2.5")}], []),
        ([{"state": "RI", "hours": 7.5}, {"state": "US", "hours": 2.5}], ["('RI', '1') hours: 2.5", "('US', '1') hours: 7.5"]),
        ([{"state": "RI", "hours": 2.5}, {"state": "US", "hours": None}], ["('US', '1') hours: 7.5"]),
        ([*DUCKDB, DUCKDB[0]], ["only on Snowflake: ('RI', '2')"]),
        (DUCKDB[1:], ["only on DuckDB: ('RI', '1')"]),
    ],
    ids=["another order and the last digit", "swapped", "missing cell", "repeated row", "missing row"],
)
def test_rows_are_paired_by_their_key(snowflake: list[Row], said: list[str]) -> None:
    assert [line.partition(" on DuckDB, ")[0] for line in unequal_rows(DUCKDB, snowflake, COLUMNS, KEY)] == said
