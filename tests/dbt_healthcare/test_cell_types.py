"""How cells become values, also those that a tool has rewritten on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.dbt_healthcare.conftest import Warehouse

DATES = (
    "2023-03-02", "20230302", "03/02/2023", "3/2/2023", "2023-03-02 00:00:00", "2023-03-02T00:00:00", "2023-03-02T00:00:00.000",
)  # fmt: skip
BLANKS = ("", " ", "-", "---", ".", "NA", "Not Available", "nan", "NaN", "None", "NULL")
FACILITY = {"state": "AL", "processing_date": "2023-03-01"}


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    filled = new_warehouse()
    dates = [FACILITY | {"ccn": f"01500{at}", "cycle_1_survey_date": cell} for at, cell in enumerate(DATES)]
    names = (
        "state",
        "certified_beds",
        "total_nursing_turnover_pct",
        "total_fines_usd",
        "cycle_1_survey_date",
        "overall_rating_footnote",
    )
    blanks = [
        FACILITY | dict.fromkeys((*names, "is_urban", "resident_family_council"), cell) | {"ccn": f"0260{at:02}"}
        for at, cell in enumerate(BLANKS)
    ]
    filled.add_rows("nh_provider_info", "2023-03", dates + blanks)
    filled.build("+fct_provider_snapshot")
    return filled


def test_a_date_is_read_however_a_tool_has_written_it(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select cycle_1_survey_date as day from silver.fct_provider_snapshot where ccn like '0150%'")
    assert [row["day"] for row in rows] == [date(2023, 3, 2)] * len(DATES)


def test_a_blank_is_no_value_however_a_tool_has_written_it(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select state, certified_beds, total_nursing_turnover_pct, total_fines_usd, cycle_1_survey_date, "
        "overall_rating_footnote, is_urban from silver.fct_provider_snapshot where ccn like '0260%'"
    )
    assert len(rows) == len(BLANKS)
    assert {value for row in rows for value in row.values()} == {None}


def test_none_is_a_value_of_text(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select resident_family_council as council from silver.fct_provider_snapshot where ccn like '0260%'")
    assert "None" in {row["council"] for row in rows}


def test_a_time_of_day_is_no_date(new_warehouse: Callable[[], Warehouse]) -> None:
    warehouse = new_warehouse()
    warehouse.add_rows(
        "nh_provider_info", "2023-03", [FACILITY | {"ccn": "015009", "cycle_1_survey_date": "2023-03-02 01:00:00"}]
    )
    assert not warehouse.dbt("build", "+fct_provider_snapshot", options=["--exclude-resource-type", "unit_test"]).success
