"""Staging is rendered from the contracts, committed, and not stale."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from include.cms_contracts import render_staging
from include.cms_contracts.contract import LINEAGE_COLUMNS, UNMAPPED_COLUMN, Contract, load_contract, load_contracts


@pytest.fixture
def staging_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(render_staging, "STAGING_DIR", tmp_path)
    monkeypatch.setattr(render_staging, "DBT_DIR", tmp_path / "include" / "dbt_healthcare")
    render_staging.write_files()
    return tmp_path


def test_committed_staging_is_what_the_contracts_say() -> None:
    assert render_staging.stale_files() == []


def test_every_family_gets_a_model_and_both_yaml_files(staging_copy: Path) -> None:
    models = {f"stg_{contract.family}.sql" for contract in load_contracts()}
    assert {path.name for path in staging_copy.iterdir()} == models | {"_bronze__sources.yml", "_staging__models.yml"}


def test_model_casts_every_column_by_its_type(staging_copy: Path) -> None:
    sql = (staging_copy / "stg_nh_penalties.sql").read_text(encoding="utf-8")
    for column in load_contract("nh_penalties").columns:
        assert f"{{{{ cms_{column.type}('{column.name}') }}}} as {column.name}" in sql


def test_edited_missing_and_orphaned_files_are_stale_and_written_anew(staging_copy: Path) -> None:
    edited, missing, orphan = (staging_copy / f"stg_{name}.sql" for name in ("nh_penalties", "nh_ownership", "of_no_family"))
    edited.write_text("select 1", encoding="utf-8")
    missing.unlink()
    orphan.write_text("select 1", encoding="utf-8")
    assert set(render_staging.stale_files()) == {edited, missing, orphan}
    render_staging.write_files()
    assert render_staging.stale_files() == []
    assert not orphan.exists()


def test_check_fails_on_stale_files_and_names_them(
    staging_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["render_staging", "--check"])
    assert render_staging.main() == 0
    (staging_copy / "stg_nh_penalties.sql").unlink()
    assert render_staging.main() == 1
    assert "stale: stg_nh_penalties.sql" in capsys.readouterr().err
    assert not (staging_copy / "stg_nh_penalties.sql").exists()


def test_source_tells_the_models_what_a_family_goes_by_and_bronze_its_columns(staging_copy: Path) -> None:
    rendered = yaml.safe_load((staging_copy / "_bronze__sources.yml").read_text(encoding="utf-8"))
    tables = {table["name"]: table for table in rendered["sources"][0]["tables"]}
    assert set(tables) == {contract.family for contract in load_contracts()}
    penalties = load_contract("nh_penalties")
    assert tables["nh_penalties"]["config"]["meta"] == {
        "silver_model": "fct_penalties",
        "key": [],
        "repeats": "event",
        "max_age_days": 75,
        "expected_every_days": 45,
    }
    columns = {column["name"]: column.get("data_type") for column in tables["nh_penalties"]["columns"]}
    assert list(columns) == [*penalties.column_names, *LINEAGE_COLUMNS, UNMAPPED_COLUMN]
    assert (columns["_source_row"], columns["_occurrence"], columns["_landed_at"]) == ("bigint", "bigint", "timestamp")
    assert columns["fine_id"] is columns[UNMAPPED_COLUMN] is None


def test_staging_keeps_lineage_and_leaves_unknown_cells_in_bronze(staging_copy: Path) -> None:
    sql = (staging_copy / "stg_nh_penalties.sql").read_text(encoding="utf-8")
    assert all(f"        {name}" in sql for name in LINEAGE_COLUMNS)
    assert UNMAPPED_COLUMN not in sql


@pytest.mark.parametrize("contract", load_contracts(), ids=lambda contract: contract.family)
def test_keys_of_a_family_are_tested_where_its_rows_are_stored(contract: Contract) -> None:
    """The staging views have no tests of their own."""
    (path,) = render_staging.DBT_DIR.glob(f"models/silver/**/{contract.silver_model}.yml")
    (model,) = (
        found for found in yaml.safe_load(path.read_text(encoding="utf-8"))["models"] if found["name"] == contract.silver_model
    )
    tested = {column["name"] for column in model["columns"] if "not_null" in column.get("data_tests", [])}
    assert {*contract.key, "_file_md5"} <= tested
