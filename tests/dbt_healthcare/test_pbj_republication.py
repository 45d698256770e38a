"""Files that come again, rows that come twice or contradict each other: replaced, left out, refused, and all accounted for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from include.contracts.contract import load_contract

PBJ = "pbj_daily_nurse_staffing"
STAFFING = ("fct_daily_nurse_staffing", "fct_monthly_nurse_staffing")


def day(ccn: str, work_date: str, census: int = 50, rn_hours: float = 40) -> dict[str, str]:
    """One PBJ row as it stands in bronze: RN hours by employees, nothing else."""
    hours = {column.name: "0" for column in load_contract(PBJ).columns if column.type == "hours"}
    hours |= {"rn_hours": str(rn_hours), "rn_employee_hours": str(rn_hours)}
    month = int(work_date[4:6])
    quarter = f"{work_date[:4]}Q{(month + 2) // 3}"
    place = {"provider_name": f"HOME {ccn}", "city": "TOWN", "state": "AL", "county_name": "Franklin", "county_fips": "059"}
    return {"ccn": ccn, "work_date": work_date, "quarter": quarter, "resident_census": str(census)} | place | hours


def hours_by_quarter(warehouse: Any) -> dict[str, float]:
    rows = warehouse.rows(
        "select quarter, sum(total_nurse_hours) as hours from silver.fct_monthly_nurse_staffing group by quarter"
    )
    return {row["quarter"]: float(row["hours"]) for row in rows}


@pytest.fixture
def warehouse(copy_of_empty_warehouse: Callable[[], Any]) -> Any:
    return copy_of_empty_warehouse()


def test_republished_quarter_replaces_its_rows_and_only_its_rows(warehouse: Any) -> None:
    warehouse.add_rows(PBJ, "2024Q1", [day("015009", "20240101")])
    warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401"), day("015010", "20240401")])
    warehouse.dbt("run", *STAFFING)
    untouched = warehouse.rows("select * from silver.fct_daily_nurse_staffing where quarter = '2024Q1'")
    assert hours_by_quarter(warehouse) == {"2024Q1": 40, "2024Q2": 80}

    warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401", rn_hours=44)])
    warehouse.dbt("run", *STAFFING)
    assert hours_by_quarter(warehouse) == {"2024Q1": 40, "2024Q2": 44}
    assert warehouse.rows("select * from silver.fct_daily_nurse_staffing where quarter = '2024Q1'") == untouched


def test_of_two_files_modified_at_once_the_order_of_loading_does_not_decide_which_one_speaks(warehouse: Any) -> None:
    """A run that is killed and started again loads in another order, and must end with the same silver."""
    md5s = [warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401", rn_hours=hours)]) for hours in (40, 44)]
    spoken_for = set()
    for first, second in (md5s, md5s[::-1]):
        for file_md5, loaded_at in ((first, "2024-11-01 08:00"), (second, "2024-11-01 09:00")):
            warehouse.execute(
                "update bronze.load_ledger set modified_at = '2024-10-01', "
                f"loaded_at = '{loaded_at}' where file_md5 = '{file_md5}'"
            )
        spoken_for |= {row["file_md5"] for row in warehouse.rows("select file_md5 from staging.current_files")}
    assert len(spoken_for) == 1


def test_copies_are_left_out_and_a_day_that_certification_has_let_pass_twice_is_refused(warehouse: Any) -> None:
    twice = [day("015009", "20240401"), day("015009", "20240402"), day("015009", "20240401")]
    warehouse.add_rows(PBJ, "2024Q2", twice)
    warehouse.dbt("run", *STAFFING)
    assert warehouse.row("select count(*) as days, min(_source_row) as first_row from silver.fct_daily_nurse_staffing") == {
        "days": 2,
        "first_row": 2,
    }
    grain = "daily_staffing_has_one_row_a_facility_and_day"
    assert warehouse.dbt("test", grain).success

    warehouse.add_rows(PBJ, "2024Q3", [day("015009", "20240701", census=50), day("015009", "20240701", census=51)])
    warehouse.execute(f"update bronze.{PBJ} set _occurrence = 1")
    warehouse.dbt("run", *STAFFING)
    assert not warehouse.dbt("test", grain).success


def test_day_of_another_quarter_is_refused(warehouse: Any) -> None:
    warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401"), day("015009", "20240701")])
    warehouse.dbt("run", *STAFFING)
    assert not warehouse.dbt("test", "fct_monthly_nurse_staffing,resource_type:test").success


def test_late_quarter_changes_the_usual_day_of_the_months_behind_it_and_of_no_other(warehouse: Any) -> None:
    """The table that grew month by month is the one that a full refresh makes."""
    surges = (*STAFFING, "surge_hours_by_month")
    query = "select * exclude (built_from) from silver.surge_hours_by_month order by ccn, month"
    for quarter, days in {"2023Q2": ["20230401", "20230402"], "2024Q2": ["20240401", "20240402", "20240601"]}.items():
        warehouse.add_rows(PBJ, quarter, [day("015009", date, rn_hours=40 + int(date[-1])) for date in days])
        warehouse.dbt("run", *surges)
    before = {row["month"].isoformat(): row["usual_daily_hours"] for row in warehouse.rows(query)}
    warehouse.execute("update silver.surge_hours_by_month set surge_hours = -1 where month in ('2023-04-01', '2024-06-01')")

    warehouse.add_rows(PBJ, "2024Q1", [day("015009", "20240301", rn_hours=10)])
    warehouse.dbt("run", *surges)
    grown = warehouse.rows(query)
    after = {row["month"].isoformat(): row["usual_daily_hours"] for row in grown}
    assert before == {"2023-04-01": 41.5, "2024-04-01": 41.5, "2024-06-01": pytest.approx(41 + 1 / 3)}
    assert after == before | {"2024-03-01": 10, "2024-04-01": 31}
    touched = {row["month"].isoformat() for row in grown if row["surge_hours"] >= 0}
    assert touched == {"2024-03-01", "2024-04-01"}  # June looks back to April only

    warehouse.dbt("run", *surges, options=["--full-refresh"])
    refreshed = warehouse.rows(query)
    assert [row | {"surge_hours": 0} for row in refreshed] == [row | {"surge_hours": 0} for row in grown]


def test_every_row_is_accounted_for_when_a_file_is_superseded_and_restored(warehouse: Any) -> None:
    def reconciled() -> dict[tuple[str, str], tuple[int, int, int, bool, bool]]:
        result = warehouse.dbt("run", *STAFFING, "excluded_rows", "data_reconciliation")
        assert result.success
        rows = warehouse.rows("select * from gold.data_reconciliation")
        return {
            (row["period"], row["file_md5"]): (
                row["rows_in_bronze"],
                row["rows_in_silver"],
                row["rows_excluded"],
                row["is_superseded"],
                row["balanced"],
            )
            for row in rows
        }

    repeat = [day("015009", "20240401"), day("015009", "20240401"), day("015010", "20240401")]
    first = warehouse.add_rows(PBJ, "2024Q2", repeat)
    assert reconciled() == {("2024Q2", first): (3, 2, 1, False, True)}

    second = warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401")])
    assert reconciled() == {("2024Q2", first): (3, 0, 3, True, True), ("2024Q2", second): (1, 1, 0, False, True)}

    warehouse.execute(f"delete from bronze.load_ledger where file_md5 = '{second}'")
    warehouse.execute(f"delete from bronze.{PBJ} where _file_md5 = '{second}'")
    assert reconciled() == {("2024Q2", first): (3, 2, 1, False, True)}

    warehouse.execute(f"delete from bronze.{PBJ} where ccn = '015010'")
    assert reconciled() == {("2024Q2", first): (2, 2, 1, False, False)}
