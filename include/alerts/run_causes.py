"""The causes that a run's report knows: its red tasks, the files it could not load, and families that no file comes for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from include.alerts.causes import AlertKind, Cause, causes_in_files, causes_in_layouts, stale_sources
from include.alerts.failures import FAILURE
from include.alerts.run_report import FILE_TASKS, RunReport
from include.ingest.checkpoints import CheckpointTable
from include.ingest.file_version import FileVersion
from include.ingest.planning import Plan
from include.orchestration.dbt_tasks import DBT_FAILED_TESTS, DBT_FAILURES

_REPORT = "report"
_KILLED = {"reason": "It could not say why: its process was killed or lost. What it did before is in its log.", "section": ""}
#: A task that was skipped had nothing to do: what it makes is published and up to date. One that is gone from the DAG is over.
_WELL = {"success", "skipped", "removed"}


@dataclass(frozen=True)
class RunFacts:
    """What Airflow knows of the run: states by task (mapped ones as `land_3`), and what it planned to land and to certify."""

    ti: Any
    states: Mapping[str, str | None]
    plans: tuple[Plan, ...]
    families: tuple[str, ...]

    def log_url(self, task: str) -> str:
        task_id, _, index = task.rpartition("_") if task.startswith(FILE_TASKS) else (task, "", "")
        mapped = f"/mapped/{index}" if index.isdigit() else ""
        return f"{self.ti.log_url.partition('/tasks/')[0]}/tasks/{task_id}{mapped}"

    def has_looked_at(self, subject: str) -> bool:
        """Whether a subject that is no cause any more is well, or the run just did not come to it."""
        kind, _, name = subject.partition(":")
        if kind == "task":
            return name == _REPORT or self.states.get(name, "removed") in _WELL
        if kind == "file":
            return bool(self.plans) and (not self.families or _family_of(name) in self.families)
        return kind != "layout"  # a run says nothing about the layouts of files that it has not loaded


def task_causes(facts: RunFacts) -> list[Cause]:
    """One a failed task; what only waits for a failed one is none, and a file's task is told with its file."""
    failed = [task for task, state in facts.states.items() if state == "failed"]
    return [_task_cause(facts, task) for task in failed if task != _REPORT and not task.startswith(FILE_TASKS)]


def report_cause(facts: RunFacts, error: Exception) -> Cause:
    """The report itself could not be made."""
    reason = f"The report of the run could not be made. {type(error).__name__}: {' '.join(str(error).split())}"
    return Cause(AlertKind.FAILED_TASK, f"task:{_REPORT}", reason, log_url=facts.log_url(_REPORT))


def file_causes(facts: RunFacts, report: RunReport) -> list[Cause]:
    return causes_in_files(report, _file_failures(facts), facts.log_url(_REPORT))


def layout_causes(facts: RunFacts, report: RunReport) -> list[Cause]:
    return causes_in_layouts(report, facts.log_url(_REPORT))


def stale_causes(facts: RunFacts, checkpoints: CheckpointTable) -> list[Cause]:
    return stale_sources(checkpoints.all(), datetime.now(UTC), facts.log_url("plan"))


def _task_cause(facts: RunFacts, task: str) -> Cause:
    note = facts.ti.xcom_pull(task_ids=task, key=FAILURE) or _KILLED
    said = facts.ti.xcom_pull(task_ids=task, key=DBT_FAILURES) or note["reason"]
    kind = AlertKind.FAILED_DATA_TEST if facts.ti.xcom_pull(task_ids=task, key=DBT_FAILED_TESTS) else AlertKind.FAILED_TASK
    return Cause(kind, f"task:{task}", said, note["section"], facts.log_url(task))


def _file_failures(facts: RunFacts) -> dict[str, dict[str, str]]:
    """What the failed task of a file said, by file name."""
    found: dict[str, dict[str, str]] = {}
    for task_id, plan in zip(FILE_TASKS, facts.plans, strict=False):
        for index, file in enumerate(plan.work):
            if facts.states.get(f"{task_id}_{index}") == "failed":
                note = facts.ti.xcom_pull(task_ids=task_id, map_indexes=index, key=FAILURE) or _KILLED
                found[file.name] = {**note, "log_url": facts.log_url(f"{task_id}_{index}")}
    return found


def _family_of(file_name: str) -> str:
    return FileVersion.named("", "", file_name, 0, "").family
