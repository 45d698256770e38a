"""Staging is rendered from the contracts, committed, and not stale."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from include.contracts import render_staging
from include.contracts.contract import LINEAGE_COLUMNS, UNMAPPED_COLUMN, load_contract, load_contracts


@pytest.fixture
def staging_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(render_staging, "STAGING_DIR", tmp_path)
    monkeypatch.setattr(render_staging, "DBT_DIR", tmp_path / "include" / "dbt_healthcare")
    render_staging.write_files()
    return tmp_path


def test_committed_staging_is_what_the_contracts_say() -> None:
    assert render_staging.stale_files() == []


def test_every_family_gets_a_model_and_all_are_sources(staging_copy: Path) -> None:
    models = {f"stg_{contract.family}.sql" for contract in load_contracts()}
    assert {path.name for path in staging_copy.glob("*.*")} == models | {"_bronze__sources.yml"}


def test_every_family_is_in_the_list_that_models_go_by(staging_copy: Path) -> None:
    text = (staging_copy / "include" / "dbt_healthcare" / "macros" / "cms_families.sql").read_text(encoding="utf-8")
    listed = [json.loads(line.strip().rstrip(",")) for line in text.splitlines() if line.strip().startswith('{"name"')]
    assert [facts["name"] for facts in listed] == [contract.family for contract in load_contracts()]
    penalties = next(facts for facts in listed if facts["name"] == "nh_penalties")
    assert (penalties["silver_model"], penalties["repeats"], penalties["key"]) == ("fct_penalties", "event", [])
    assert "ccn" in penalties["required"]


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


def test_bronze_has_the_columns_of_the_contract_the_lineage_and_the_unknown_cells(staging_copy: Path) -> None:
    rendered = yaml.safe_load((staging_copy / "_bronze__sources.yml").read_text(encoding="utf-8"))
    tables = {table["name"]: table["columns"] for table in rendered["sources"][0]["tables"]}
    assert set(tables) == {contract.family for contract in load_contracts()}
    columns = {column["name"]: column.get("data_type") for column in tables["nh_penalties"]}
    assert list(columns) == [*load_contract("nh_penalties").column_names, *LINEAGE_COLUMNS, UNMAPPED_COLUMN]
    assert (columns["_source_row"], columns["_occurrence"], columns["_landed_at"]) == ("bigint", "bigint", "timestamp")
    assert columns["fine_id"] is columns[UNMAPPED_COLUMN] is None


def test_staging_keeps_lineage_and_leaves_unknown_cells_in_bronze(staging_copy: Path) -> None:
    sql = (staging_copy / "stg_nh_penalties.sql").read_text(encoding="utf-8")
    assert f"    {', '.join(LINEAGE_COLUMNS)}\nfrom" in sql
    assert UNMAPPED_COLUMN not in sql
