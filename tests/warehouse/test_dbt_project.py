"""dbt starts with the project as its files are now, and parses nothing that was parsed already."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from include.settings import REPOSITORY, Settings
from include.warehouse.dbt_project import is_parsed, parse_project
from include.warehouse.dbt_runs import invoke_dbt

KPI = "models/gold/kpi_turnover_by_state.sql"


class EditableSettings(Settings):
    """A copy of the dbt project, which a test may break."""

    @property
    def dbt_dir(self) -> Path:
        return self.healthcare_home / "project"


@pytest.fixture
def settings(tmp_path: Path, parsed_project: Path) -> EditableSettings:
    made = EditableSettings(healthcare_home=tmp_path)
    shutil.copytree(REPOSITORY / "include" / "dbt_healthcare", made.dbt_dir, ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copytree(parsed_project, made.dbt_target_dir)
    return made


def code_of(settings: Settings, name: str = "kpi_turnover_by_state") -> str:
    parsed = parse_project(settings)
    assert parsed is not None
    code: str = parsed.nodes[f"model.dbt_healthcare.{name}"].raw_code
    return code


def times(settings: Settings) -> list[int]:
    return [path.stat().st_mtime_ns for path in (settings.dbt_manifest_path, settings.dbt_parsed_path)]


def test_another_process_begins_with_what_was_parsed(settings: EditableSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """In another home and with another stage: the project of an image is parsed before anybody knows where it runs."""
    monkeypatch.setenv("SNOWFLAKE_STAGE", "bronze.another_stage")
    log = settings.dbt_target_dir / "logs" / "dbt.log"
    log.unlink()
    assert parse_project(settings)
    said = log.read_text(encoding="utf-8")
    assert "Unable to do partial parsing" not in said
    assert "Nothing changed, skipping partial parsing" in said


def test_nothing_is_parsed_again_while_no_file_has_changed(settings: EditableSettings) -> None:
    before = times(settings)
    (settings.dbt_dir / KPI).touch()
    code_of(settings)
    assert times(settings) == before


def test_a_mended_model_is_what_the_next_start_runs(settings: EditableSettings) -> None:
    assert not code_of(settings).endswith("-- fixed")
    path, manifest = settings.dbt_dir / KPI, settings.dbt_manifest_path
    path.write_text(path.read_text(encoding="utf-8") + "\n-- fixed", encoding="utf-8")

    assert code_of(settings).endswith("-- fixed")
    assert "-- fixed" in manifest.read_text(encoding="utf-8")  # Cosmos renders the DAG from the same project
    assert is_parsed(settings)


def test_an_older_copy_that_is_put_back_is_noticed_although_its_date_is_old(settings: EditableSettings) -> None:
    path, backup = settings.dbt_dir / KPI, settings.healthcare_home / "backup.sql"
    before = code_of(settings)
    shutil.copy2(path, backup)
    path.write_text("select no_such_column", encoding="utf-8")
    assert code_of(settings) == "select no_such_column"

    os.replace(backup, path)  # noqa: PTH105 - as `mv` does it

    assert code_of(settings) == before


def test_a_model_that_is_added_is_found(settings: EditableSettings) -> None:
    (settings.dbt_dir / "models" / "silver" / "one_row.sql").write_text("select 1 as one", encoding="utf-8")
    assert code_of(settings, "one_row") == "select 1 as one"


def test_a_project_that_cannot_be_parsed_is_refused_in_dbts_words(
    settings: EditableSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = times(settings)
    (settings.dbt_dir / KPI).write_text("select * from {{ ref('no_such_model') }}", encoding="utf-8")
    where = ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir)]
    output = ["--target-path", str(settings.healthcare_home / "target"), "--log-path", str(settings.healthcare_home / "logs")]
    monkeypatch.setenv("HEALTHCARE_HOME", str(settings.healthcare_home))

    done = invoke_dbt(["--quiet", "ls", *where, *output], settings)

    assert not done.success
    assert "no_such_model" in str(done.exception)
    assert times(settings) == before  # what could be parsed last still renders the DAG
