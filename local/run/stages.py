"""How far a run is, stage by stage, out of the events of its tasks (`task_events.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DAG_ID = "healthcare_pipeline"
EVENTS_FILE_VARIABLE = "RUN_EVENTS_FILE"
STAGES = ("plan", "land", "certify", "bronze", "staging", "silver", "gold", "tests", "publish", "report")
STAGE_OF_TASK = {
    "plan": "plan",
    "land": "land",
    "to_certify": "certify",
    "certify": "certify",
    "copy_to_bronze": "bronze",
    "is_gold_stale": "bronze",
    "staging": "staging",
    "data_tests": "tests",
    "publish": "publish",
    "report": "report",
}


_LISTS_FILES = "to_certify"  # no file of its own: it is shown only when it fails


@dataclass(frozen=True)
class TaskState:
    task_id: str
    label: str
    state: str
    started: datetime
    ended: datetime | None


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
    def is_over(self) -> bool:
        return self.done + self.skipped == self.tasks

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None before the first task has ended, and when nothing is left."""
        left = self.tasks - self.done - self.skipped
        return self.seconds * left / self.done if self.done and left else None


def stage_of(task_id: str) -> str:
    if stage := STAGE_OF_TASK.get(task_id):
        return stage
    folders = task_id.split(".")
    return next((stage for stage in ("silver", "gold") if stage in folders), "tests")


class RunEvents:
    """The events of the newest `make run` of a home, read as they are written."""

    def __init__(self, home: Path) -> None:
        self._file = home / "logs" / "run.jsonl"
        self._bytes_read = 0
        self._counts: dict[str, int] = {}
        self._tasks: dict[tuple[str, int], TaskState] = {}
        self.run_id: str | None = None

    def begin(self) -> Path:
        """Where a new run is to write its events."""
        self._file.unlink(missing_ok=True)
        return self._file

    def stages(self, *, is_run_over: bool) -> list[StageState]:
        """What has not run when the run is over was skipped: nothing calls for a task that never starts."""
        self._read()
        return [self._stage(stage, is_run_over) for stage in STAGES if self._count(stage)]

    def _stage(self, stage: str, is_run_over: bool) -> StageState:
        own = [task for task in self._tasks.values() if stage_of(task.task_id) == stage]
        counted = [task for task in own if task.task_id != _LISTS_FILES]
        count = max(self._count(stage), len(counted))
        done = sum(task.ended is not None and task.state != "skipped" for task in counted)
        skipped = count - done if is_run_over else sum(task.state == "skipped" for task in counted) + self._empty(stage)
        failed = tuple(task.label for task in own if task.state == "failed")
        return StageState(stage, count, done, failed, skipped, _seconds(own))

    def _count(self, stage: str) -> int:
        """A mapped task without files counts as one that is skipped, as in Airflow's grid."""
        counts = {task_id: count for task_id, count in self._counts.items() if task_id != _LISTS_FILES}
        return sum(max(count, 1) for task_id, count in counts.items() if stage_of(task_id) == stage)

    def _empty(self, stage: str) -> int:
        return sum(count == 0 for task_id, count in self._counts.items() if stage_of(task_id) == stage)

    def _read(self) -> None:
        if not self._file.exists():
            return
        with self._file.open("rb") as events:
            events.seek(self._bytes_read)
            new = events.read()
        whole = new[: new.rfind(b"\n") + 1]  # the last line may be half written
        self._bytes_read += len(whole)
        for line in whole.splitlines():
            self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        if "counts" in event:
            self._counts |= event["counts"]
        else:
            self._take_state(event)

    def _take_state(self, event: dict[str, Any]) -> None:
        self.run_id = event["run_id"]
        key, at = (event["task_id"], event["map_index"]), datetime.fromisoformat(event["at"])
        before = self._tasks.get(key)
        is_running = event["state"] == "running"
        started = before.started if before else at
        self._tasks[key] = TaskState(event["task_id"], event["label"], event["state"], started, None if is_running else at)


def _seconds(tasks: Iterable[TaskState]) -> float:
    tasks = list(tasks)
    if not tasks:
        return 0.0
    ends = [task.ended or datetime.now(UTC) for task in tasks]
    return (max(ends) - min(task.started for task in tasks)).total_seconds()
