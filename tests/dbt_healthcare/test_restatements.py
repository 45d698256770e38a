"""What CMS changed when it published a period again, and what was known before it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from tests.dbt_healthcare.conftest import Warehouse, failures
from tests.dbt_healthcare.test_pbj_republication import PBJ, STAFFING, day

PROVIDER = "nh_provider_info"
VINTAGE = {"ccn": "015009", "provider_name": "BURNS", "state": "AL", "processing_date": "2024-10-01"}


def restated(warehouse: Warehouse) -> dict[tuple[str, str, str], tuple[float | None, float | None]]:
    """(period, ccn, figure) → (old, new) of the last restatement, after an incremental run."""
    result = warehouse.dbt("run", "restatements")
    assert result.success, failures(result)
    rows = warehouse.rows("select * from gold.restatements order by new_published_at")
    return {(row["period"], row["ccn"], row["kpi"]): (row["old_value"], row["new_value"]) for row in rows}


def files(warehouse: Warehouse) -> set[tuple[str, str]]:
    return {
        (row["old_file_md5"], row["new_file_md5"])
        for row in warehouse.rows("select distinct old_file_md5, new_file_md5 from gold.restatements")
    }


@pytest.fixture
def warehouse(copy_of_empty_warehouse: Callable[[], Warehouse]) -> Warehouse:
    return copy_of_empty_warehouse()


def forget(warehouse: Warehouse, md5: str, family: str = PBJ) -> None:
    warehouse.execute(
        f"delete from bronze.load_ledger where file_md5 = '{md5}'; delete from bronze.{family} where _file_md5 = '{md5}'"
    )


def test_a_restated_quarter_shows_what_changed_and_nothing_else(warehouse: Warehouse) -> None:
    same = [day("015010", "20240401"), day("015010", "20240402")]
    warehouse.add_rows(PBJ, "2024Q1", [day("015009", "20240101")])
    first = warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401"), day("015011", "20240401"), *same])
    assert restated(warehouse) == {}

    again = [day("015009", "20240401", rn_hours=50), day("015012", "20240401", census=20, rn_hours=5)]
    second = warehouse.add_rows(PBJ, "2024Q2", again + same + same[:1])  # an exact repeat is no change
    found = restated(warehouse)
    assert {key[1:]: values for key, values in found.items() if key[1] == "015009"} == {
        ("015009", "total_nurse_hours"): (40, 50),
        ("015009", "total_nurse_hprd"): (0.8, 1.0),
        ("015009", "rn_hprd"): (0.8, 1.0),
    }
    assert found["2024Q2", "015011", "resident_days"] == (50, None)
    assert found["2024Q2", "015012", "resident_days"] == (None, 20)
    assert {key[1] for key in found} == {"015009", "015011", "015012"}
    assert files(warehouse) == {(first, second)}


def test_every_publication_is_compared_with_the_one_before_it_whatever_the_order_of_loading(warehouse: Warehouse) -> None:
    md5s = [warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401", rn_hours=hours)]) for hours in (40, 44, 48)]
    assert restated(warehouse)
    assert files(warehouse) == {(md5s[0], md5s[1]), (md5s[1], md5s[2])}

    between = warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401", rn_hours=46)])
    warehouse.execute(
        f"update bronze.load_ledger set modified_at = (select modified_at + interval 1 minute from bronze.load_ledger "
        f"where file_md5 = '{md5s[1]}') where file_md5 = '{between}'"
    )
    restated(warehouse)
    assert files(warehouse) == {(md5s[0], md5s[1]), (md5s[1], between), (between, md5s[2])}

    forget(warehouse, md5s[1])
    assert restated(warehouse)
    assert files(warehouse) == {(md5s[0], between), (between, md5s[2])}
    incremental = warehouse.rows("select * from gold.restatements order by all")
    assert warehouse.dbt("run", "restatements", options=["--full-refresh"]).success
    assert warehouse.rows("select * from gold.restatements order by all") == incremental


def test_periods_that_were_published_once_are_not_read(warehouse: Warehouse) -> None:
    warehouse.add_rows(PBJ, "2024Q1", [day("015009", "20240101") | {"resident_census": "no number: reading it would fail"}])
    warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401")])
    warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401", census=40)])
    assert restated(warehouse)["2024Q2", "015009", "resident_days"] == (50, 40)


def test_a_pair_that_was_compared_is_not_read_again(warehouse: Warehouse) -> None:
    for census in (50, 40):
        warehouse.add_rows(PBJ, "2024Q2", [day("015009", "20240401", census=census)])
    before = restated(warehouse)
    warehouse.execute(f"update bronze.{PBJ} set resident_census = 'no number: reading it would fail'")
    assert restated(warehouse) == before


def test_ratings_turnover_and_vaccination_are_compared_too(warehouse: Warehouse) -> None:
    for rating, turnover in (("4", "48.8"), ("3", "48.8"), ("Not Available", "50.0")):
        figures = {"overall_rating": rating, "total_nursing_turnover_pct": turnover}
        warehouse.add_rows(PROVIDER, "2024-10", [VINTAGE | figures])
    for staff in ("5.9", "Not Available"):
        row = {"ccn": "015009", "state": "AL", "staff_up_to_date_pct": staff, "residents_up_to_date_pct": "23.7"}
        warehouse.add_rows("nh_covid_vax_provider", "2024-10-27", [row])
    assert warehouse.dbt("run", "restatements").success
    rows = warehouse.rows("select kpi, old_value, new_value, change from gold.restatements order by kpi, new_published_at")
    assert [tuple(row.values()) for row in rows] == [
        ("overall_rating", 4, 3, -1),
        ("overall_rating", 3, None, None),
        ("staff_up_to_date_pct", 5.9, None, None),
        ("total_nursing_turnover_pct", 48.8, 50.0, pytest.approx(1.2)),
    ]


def test_a_correction_is_no_restatement(warehouse: Warehouse) -> None:
    """Both publications of 2017Q2 are corrected; the one with the right column has the same figures."""
    wrong = day("015009", "20170401") | {"med_aide_hours": "10", "med_aide_employee_hours": "8", "med_aide_contract_hours": "10"}
    warehouse.add_rows(PBJ, "2017Q2", [wrong])
    warehouse.add_rows(PBJ, "2017Q2", [wrong | {"med_aide_contract_hours": "2"}])
    assert restated(warehouse) == {}


def test_gold_as_known_on_a_date_is_what_it_was_before_the_restatement(warehouse: Warehouse, dbt_runner: dbtRunner) -> None:
    def hours(schema: str) -> dict[str, float]:
        rows = warehouse.rows(
            f"select quarter, total_nurse_hours as hours from {schema}.kpi_hprd_by_state_quarter where state = 'US'"
        )
        return {row["quarter"]: row["hours"] for row in rows}

    def load(loaded_on: str, quarter: str, rows: Iterable[dict[str, str]]) -> None:
        md5 = warehouse.add_rows(PBJ, quarter, list(rows))
        warehouse.execute(f"update bronze.load_ledger set loaded_at = '{loaded_on} 22:30' where file_md5 = '{md5}'")

    load("2024-11-01", "2024Q2", [day("015009", "20240401")])
    assert warehouse.dbt("run", *STAFFING, "kpi_hprd_by_state_quarter").success
    known_then = hours("gold")
    load("2025-02-01", "2024Q3", [day("015009", "20240701")])
    load("2025-02-01", "2024Q2", [day("015009", "20240401", rn_hours=44)])
    assert warehouse.dbt("run", *STAFFING, "kpi_hprd_by_state_quarter", "restatements").success
    assert hours("gold") == {"2024Q2": 44, "2024Q3": 40}

    # The names of schemas are made when the project is parsed, so this cannot be the parsed project of the other tests.
    elsewhere = Warehouse(warehouse.home, dbtRunner())
    options = ["--vars", "{as_known_on: '2024-11-01'}", "--exclude-resource-type", "test", "unit_test"]
    result = elsewhere.dbt("build", "+kpi_hprd_by_state_quarter", options=options)
    assert result.success, failures(result)
    assert hours("gold_as_known_on_20241101") == known_then
    assert hours("gold") == {"2024Q2": 44, "2024Q3": 40}

    recipe = """
        select old_value from gold.restatements
        where ccn = '015009' and period = '2024Q2' and kpi = 'total_nurse_hours' and new_loaded_at >= date '{}'
        order by new_loaded_at limit 1
    """
    assert warehouse.rows(recipe.format("2024-11-02")) == [{"old_value": known_then["2024Q2"]}]
    assert warehouse.rows(recipe.format("2025-02-02")) == []


def test_restatements_of_nothing_are_an_empty_table(warehouse: Warehouse) -> None:
    assert restated(warehouse) == {}
    with pytest.raises(duckdb.CatalogException):
        warehouse.rows("select * from gold_as_known_on_20241101.restatements")
