"""The data dictionary and the entity diagram are what the dbt project says, whole, and not stale."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from local.pages import data_dictionary, entities
from local.pages.command import stale_pages, write_pages
from local.pages.tables import ROOT, Column, Table, read_tables

PROJECT = ROOT / "include" / "dbt_healthcare"
PAGES = {**data_dictionary.PAGES, **entities.PAGES}


@pytest.fixture(scope="module")
def tables() -> tuple[Table, ...]:
    return read_tables()


@pytest.fixture(scope="module")
def columns(tables: tuple[Table, ...]) -> Mapping[tuple[str, str], Column]:
    return {(table.name, column.name): column for table in tables for column in table.columns}


def test_committed_pages_are_what_the_dbt_project_says(tables: tuple[Table, ...]) -> None:
    assert stale_pages(PAGES, tables) == []


def test_missing_and_edited_pages_are_stale_until_they_are_written_anew(tables: tuple[Table, ...], tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    assert stale_pages(PAGES, tables, tmp_path) == ["docs/data_dictionary.md", "docs/entities.svg"]
    write_pages(PAGES, tables, tmp_path)
    assert stale_pages(PAGES, tables, tmp_path) == []
    (tmp_path / "docs" / "entities.svg").write_text("<svg/>", encoding="utf-8")
    assert stale_pages(PAGES, tables, tmp_path) == ["docs/entities.svg"]


def test_every_table_of_silver_and_gold_is_there(tables: tuple[Table, ...]) -> None:
    models = [path.stem for layer in ("silver", "gold") for path in (PROJECT / "models" / layer).rglob("*.sql")]
    seeds = [path.stem for path in (PROJECT / "seeds").glob("*.csv")]
    assert sorted(table.name for table in tables) == sorted(models + seeds)


def test_every_table_says_what_one_row_is_and_every_column_what_it_means(tables: tuple[Table, ...]) -> None:
    assert [table.name for table in tables if not table.description] == []
    assert [f"{table.name}.{column.name}" for table in tables for column in table.columns if not column.meaning] == []


def test_columns_of_gold_have_the_types_of_their_contract(columns: Mapping[tuple[str, str], Column]) -> None:
    for path in sorted((PROJECT / "models" / "gold").glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            promised = {column["name"]: column["data_type"].replace(", ", ",") for column in model["columns"]}
            assert {name: column.type for (table, name), column in columns.items() if table == model["name"]} == promised


@pytest.mark.parametrize(
    ("table", "column", "source"),
    [
        ("fct_daily_nurse_staffing", "rn_direct_care_hours", "CMS: Hrs_RN"),
        ("fct_daily_nurse_staffing", "lpn_hours", "CMS: Hrs_LPNadmin, Hrs_LPN"),
        ("fct_penalties", "fine_amount_usd", "CMS: Fine Amount"),
        ("kpi_hprd_by_facility_month", "total_nurse_hprd", "`fct_monthly_nurse_staffing`: `resident_days`, `total_nurse_hours`"),
        ("kpi_hprd_by_facility_month", "month", "`fct_monthly_nurse_staffing`"),
        ("data_reconciliation", "rows_in_bronze", ""),
    ],
)
def test_source_is_what_the_sql_reads(columns: Mapping[tuple[str, str], Column], table: str, column: str, source: str) -> None:
    assert columns[table, column].source == source


@pytest.mark.parametrize(
    ("table", "column", "unit"),
    [
        ("kpi_hprd_by_facility_month", "total_nurse_hprd_excluding_zero_census", "hours per resident day"),
        ("fct_monthly_nurse_staffing", "total_nurse_hours_on_census_days", "hours"),
        ("fct_state_us_averages", "hospitalizations_per_1000_resident_days", "per 1,000 resident days"),
        ("facilities", "total_fines_usd", "US dollars"),
        ("facilities", "overall_rating", "stars"),
        ("facilities", "overall_rating_footnote", ""),
        ("kpi_rating_trend_by_state", "facilities_with_staffing_rating", ""),
    ],
)
def test_unit_is_the_suffix_of_a_number(columns: Mapping[tuple[str, str], Column], table: str, column: str, unit: str) -> None:
    assert columns[table, column].unit == unit


def test_column_of_several_tables_has_its_shared_meaning_unless_the_model_says_otherwise(
    columns: Mapping[tuple[str, str], Column],
) -> None:
    assert columns["fct_mds_quality_measures", "q1_footnote"].meaning == columns["fct_snf_qrp_measures", "footnote"].meaning
    assert columns["fct_penalties", "ccn"].meaning == columns["kpi_hprd_by_facility_month", "ccn"].meaning
    assert columns["fct_swing_bed_measures", "ccn"].meaning != columns["fct_penalties", "ccn"].meaning
    assert columns["fct_provider_snapshot", "telephone_number"].meaning == "Telephone Number"


def test_references_lead_to_tables_with_one_row_per_key(tables: tuple[Table, ...]) -> None:
    by_name = {table.name: table for table in tables}
    assert by_name["dim_provider"].references == {"ccn": "dim_facility", "state": "states"}
    assert by_name["fct_fire_safety_citations"].references["look_up_tag"] == "dim_citation"
    assert "ccn" not in by_name["fct_swing_bed_measures"].references
    assert {len(by_name[owner].key) for table in tables for owner in table.references.values()} == {1}


def test_diagram_shows_every_table_in_a_place_of_its_own(tables: tuple[Table, ...]) -> None:
    ElementTree.fromstring(entities.render(tables))  # noqa: S314 - our own text
    diagram = entities.Diagram(tables)
    boxes = [
        *diagram.shared,
        *(box for part in (diagram.facts, diagram.seeds, diagram.gold) for column in part for box in column),
    ]
    assert sorted(box.table.name for box in boxes) == sorted(table.name for table in tables)
    assert all(box.x + box.width <= diagram.width and box.bottom <= diagram.height for box in boxes)
    for one, other in combinations(boxes, 2):
        is_beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert is_beside or one.bottom <= other.y or other.bottom <= one.y


def test_lines_from_both_sides_of_a_channel_do_not_run_over_each_other(tables: tuple[Table, ...]) -> None:
    diagram = entities.Diagram(tables)
    for columns in (diagram.facts, diagram.gold):
        left, right = ({box.center_of(owner) for box in column for _, owner in box.held} for column in columns)
        assert left
        assert right
        assert not left & right
