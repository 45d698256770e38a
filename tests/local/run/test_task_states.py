"""What `make run` shows comes out of Airflow's own database."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.run.progress import describe
from local.run.task_states import by_stage, latest_run_id, read_tasks

START = "2026-01-01 00:00:00.000000"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The few columns of Airflow's tables that are read."""
    path = tmp_path / "airflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table dag_run (dag_id, run_id, start_date)")
        connection.execute(
            "create table task_instance (dag_id, run_id, task_id, rendered_map_index, state, start_date, end_date)"
        )
        connection.execute("insert into dag_run values ('healthcare_pipeline', 'run-1', ?)", [START])
        tasks = [
            ("plan", None, "success", START, "2026-01-01 00:00:02.000000"),
            ("certify", "good.csv", "success", START, "2026-01-01 00:00:01.000000"),
            ("certify", "bad.csv", "failed", START, "2026-01-01 00:00:04.500000"),
            ("dbt.models.silver.facts.fct_penalties_model_build", None, "running", START, None),
            ("dbt.models.gold.facilities_model_build", None, None, None, None),
            ("data_tests", None, "skipped", None, None),
        ]
        rows = [("healthcare_pipeline", "run-1", *task) for task in tasks]
        connection.executemany("insert into task_instance values (?, ?, ?, ?, ?, ?, ?)", rows)
    return path


def test_tasks_are_gathered_by_stage_with_wall_seconds(database: Path) -> None:
    stages = {stage.stage: stage for stage in by_stage(read_tasks(database, "run-1"))}

    assert list(stages) == ["plan", "certify", "silver", "gold", "tests"]
    assert (stages["certify"].done, stages["certify"].tasks, stages["certify"].seconds) == (2, 2, 4.5)
    assert not stages["silver"].is_done
    assert stages["gold"].seconds == 0


def test_failed_file_is_named_as_in_the_grid(database: Path) -> None:
    (certify,) = [stage for stage in by_stage(read_tasks(database, "run-1")) if stage.stage == "certify"]

    assert "FAILED: bad.csv" in describe(certify)


def test_skipped_stage_says_so(database: Path) -> None:
    (tests,) = [stage for stage in by_stage(read_tasks(database, "run-1")) if stage.stage == "tests"]

    assert "skipped" in describe(tests)


def test_only_runs_that_began_since_are_followed(database: Path) -> None:
    assert latest_run_id(database, datetime(2025, 12, 31, tzinfo=UTC)) == "run-1"
    assert latest_run_id(database, datetime(2026, 1, 2, tzinfo=UTC)) is None


def test_database_that_is_not_there_yet_means_no_run(tmp_path: Path) -> None:
    assert latest_run_id(tmp_path / "none.db", datetime.now(UTC)) is None
