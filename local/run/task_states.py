"""Reads from Airflow's own database how far a run is: states and times of its task instances, by stage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DAG_ID = "healthcare_pipeline"
STAGES = ("plan", "land", "certify", "bronze", "staging", "silver", "gold", "tests", "publish", "report")
_DONE = {"success", "failed", "skipped", "upstream_failed", "removed"}
_STAGE_OF_TASK = {
    "plan": "plan",
    "land": "land",
    "certify": "certify",
    "copy_to_bronze": "bronze",
    "is_gold_stale": "bronze",
    "staging": "staging",
    "data_tests": "tests",
    "publish": "publish",
    "report": "report",
}


@dataclass(frozen=True)
class TaskState:
    task_id: str
    label: str
    state: str
    started: datetime | None
    ended: datetime | None

    @property
    def stage(self) -> str:
        if stage := _STAGE_OF_TASK.get(self.task_id):
            return stage
        folders = self.task_id.split(".")
        return next((stage for stage in ("silver", "gold") if stage in folders), "tests")


@dataclass(frozen=True)
class StageState:
    """One stage of a run; `seconds` is the wall time from its first task's start to its last task's end."""

    stage: str
    tasks: int
    done: int
    failed: tuple[str, ...]
    skipped: int
    seconds: float

    @property
    def is_done(self) -> bool:
        return self.done == self.tasks

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None before the first task has ended, and when nothing is left."""
        return self.seconds * (self.tasks - self.done) / self.done if 0 < self.done < self.tasks else None


def latest_run_id(database: Path, since: datetime) -> str | None:
    rows = _query(
        database,
        "select run_id from dag_run where dag_id = ? and start_date >= ? order by start_date desc limit 1",
        (DAG_ID, since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")),
    )
    return str(rows[0][0]) if rows else None


def unfinished_run_ids(database: Path) -> list[str]:
    rows = _query(database, "select run_id from dag_run where dag_id = ? and state in ('queued', 'running')", (DAG_ID,))
    return [str(run_id) for (run_id,) in rows]


def read_tasks(database: Path, run_id: str) -> list[TaskState]:
    rows = _query(
        database,
        "select task_id, coalesce(rendered_map_index, ''), coalesce(state, ''), start_date, end_date"
        " from task_instance where dag_id = ? and run_id = ?",
        (DAG_ID, run_id),
    )
    return [TaskState(task, label, state, _time(start), _time(end)) for task, label, state, start, end in rows]


def by_stage(tasks: Iterable[TaskState]) -> list[StageState]:
    tasks = list(tasks)
    stages = []
    for stage in STAGES:
        if own := [task for task in tasks if task.stage == stage]:
            starts = [task.started for task in own if task.started]
            ends = [task.ended or datetime.now(UTC) for task in own if task.started]
            seconds = (max(ends) - min(starts)).total_seconds() if starts else 0.0
            failed = tuple(task.label or task.task_id for task in own if task.state == "failed")
            done, skipped = sum(task.state in _DONE for task in own), sum(task.state == "skipped" for task in own)
            stages.append(StageState(stage, len(own), done, failed, skipped, seconds))
    return stages


def _query(database: Path, sql: str, arguments: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
    try:
        return connection.execute(sql, arguments).fetchall()
    except sqlite3.OperationalError:
        return []  # Airflow is writing or still making its tables: the next look tells
    finally:
        connection.close()


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
