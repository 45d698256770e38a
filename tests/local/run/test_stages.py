"""What `make run` shows comes out of the events that Airflow's listener has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.run.progress import describe
from local.run.stages import RunEvents, StageState

TASKS = ("plan", "land", "certify", "dbt.models.silver.facts.fct_penalties", "dbt.models.gold.facilities", "data_tests")


@pytest.fixture
def events(tmp_path: Path) -> RunEvents:
    (tmp_path / "logs").mkdir()
    return RunEvents(tmp_path)


class Writer:
    """Writes events as the listener does: first the tasks of the run, then what becomes of them, so many seconds into it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.counts(**dict.fromkeys(TASKS, 1))

    def counts(self, **counts: int) -> None:
        self._line({"counts": counts})

    def task(self, task_id: str, state: str, at: float, map_index: int = -1, label: str | None = None) -> None:
        time = f"2026-01-01T00:00:{at:09.6f}+00:00"
        where = {"run_id": "run-1", "task_id": task_id, "map_index": map_index, "label": label or task_id}
        self._line({**where, "state": state, "at": time})

    def _line(self, event: dict[str, Any]) -> None:
        with self._file.open("a") as lines:
            lines.write(json.dumps(event) + "\n")


@pytest.fixture
def write(events: RunEvents) -> Writer:
    return Writer(events.begin())


def by_name(stages: list[StageState]) -> dict[str, StageState]:
    return {stage.stage: stage for stage in stages}


def test_tasks_are_gathered_by_stage_with_wall_seconds(events: RunEvents, write: Writer) -> None:
    write.counts(certify=2)
    for number, ended in enumerate((1, 4.5)):
        write.task("certify", "running", 0, number)
        write.task("certify", "success", ended, number)
    write.task("dbt.models.silver.facts.fct_penalties", "running", 5)

    stages = by_name(events.stages(is_run_over=False))

    assert list(stages) == ["plan", "land", "certify", "silver", "gold", "tests"]
    assert (stages["certify"].done, stages["certify"].tasks, stages["certify"].seconds) == (2, 2, 4.5)
    assert not stages["silver"].is_over
    assert stages["gold"].seconds == 0
    assert events.run_id == "run-1"


def test_events_are_read_as_they_are_written(events: RunEvents, write: Writer) -> None:
    write.task("plan", "running", 0)
    assert by_name(events.stages(is_run_over=False))["plan"].done == 0
    write.task("plan", "success", 1)
    assert by_name(events.stages(is_run_over=False))["plan"].done == 1


def test_failed_file_is_named_as_in_the_grid(events: RunEvents, write: Writer) -> None:
    write.task("certify", "running", 0, 0, "bad.csv")
    write.task("certify", "failed", 1, 0, "bad.csv")

    assert "FAILED: bad.csv" in describe(by_name(events.stages(is_run_over=False))["certify"])


def test_task_that_is_tried_again_with_success_has_not_failed(events: RunEvents, write: Writer) -> None:
    for state, at in (("running", 0), ("failed", 1), ("running", 2), ("success", 3)):
        write.task("plan", state, at)

    plan = by_name(events.stages(is_run_over=True))["plan"]

    assert (plan.failed, plan.done, plan.seconds) == ((), 1, 3)


def test_stage_without_files_is_skipped_at_once_and_one_that_never_ran_at_the_end(events: RunEvents, write: Writer) -> None:
    write.counts(land=0)

    running, ended = by_name(events.stages(is_run_over=False)), by_name(events.stages(is_run_over=True))

    assert "skipped" in describe(running["land"])
    assert "skipped" not in describe(running["tests"])
    assert "skipped" in describe(ended["tests"])


def test_new_run_forgets_the_events_of_the_one_before(events: RunEvents, write: Writer) -> None:
    write.task("plan", "running", 0)
    events.begin()

    assert events.stages(is_run_over=False) == []
