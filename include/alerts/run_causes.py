"""The causes that a run's report knows: its red tasks, files that it could not load, changed layouts, families that stay away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from include.alerts.causes import AlertKind, Cause
from include.alerts.failures import FAILURE, Failure
from include.alerts.run_report import RunReport
from include.contracts.contract import load_contract
from include.ingest.checkpoints import Checkpoint
from include.ingest.file_version import FileVersion
from include.ingest.planning import Plan, Refused
from include.orchestration.dbt_tasks import DBT_FAILED_TESTS, DBT_FAILING_ROWS, DBT_FAILURES
from include.warehouse.bronze_copy import LoadedFile

#: The mapped tasks of single files: what is wrong with one is told with its file.
FILE_TASKS = ("land", "certify")
REPORT = "report"
#: A task that was skipped had nothing to do: what it makes is published and up to date. One that is gone from the DAG is over.
_WELL = {"success", "skipped", "removed"}


@dataclass(frozen=True)
class RunFacts:
    """What Airflow knows of the run: states by task (mapped ones as `land_3`), and what it planned to land and to certify."""

    ti: Any
    states: Mapping[str, str | None]
    plans: tuple[Plan, ...]
    families: tuple[str, ...]
    is_newest: bool = True

    def log_url(self, task: str) -> str:
        task_id, _, index = task.rpartition("_") if task.startswith(FILE_TASKS) else (task, "", "")
        mapped = f"/mapped/{index}" if index.isdigit() else ""
        return f"{self.ti.log_url.partition('/tasks/')[0]}/tasks/{task_id}{mapped}"

    def has_looked_at(self, subject: str) -> bool:
        """Whether a subject that is no cause any more is well, or the run just did not come to it.

        An older run that somebody has cleared knows nothing of what newer runs have found.
        """
        kind, _, name = subject.partition(":")
        if not self.is_newest:
            return False
        if kind == "task":
            return name == REPORT or self.states.get(name, "removed") in _WELL
        if kind == "file":
            return bool(self.plans) and (not self.families or _family_of(name) in self.families)
        return kind != "layout"  # a run says nothing about the layouts of files that it has not loaded


def task_causes(facts: RunFacts) -> list[Cause]:
    """One per failed task. A task that waits for a failed one is no cause, and the task of a file is told with its file."""
    failed = [task for task, state in facts.states.items() if state == "failed"]
    return [_task_cause(facts, task) for task in failed if task != REPORT and not task.startswith(FILE_TASKS)]


def report_cause(facts: RunFacts, error: Exception) -> Cause:
    """The report itself could not be made."""
    failure = Failure.of(error)
    reason = f"The report of the run could not be made. {failure.reason}"
    return Cause(AlertKind.FAILED_TASK, f"task:{REPORT}", reason, failure.code, failure.facts, log_url=facts.log_url(REPORT))


def file_causes(facts: RunFacts, report: RunReport) -> list[Cause]:
    """What the report has against files, in the words of the file's own task where that has failed."""
    failures = _file_failures(facts)
    return [
        *(_file_cause(facts, AlertKind.QUARANTINED_FILE, item, failures) for item in report.quarantined),
        *(_file_cause(facts, AlertKind.FAILED_FILE, item, failures) for item in report.unfinished),
        *(_rejects_cause(facts, file) for file in report.loaded if file.rows_rejected),
    ]


def layout_causes(facts: RunFacts, report: RunReport) -> list[Cause]:
    """Nobody has to act on these; each column is told once."""
    return [
        Cause(
            AlertKind.LAYOUT_CHANGE,
            f"layout:{change.family}, {change.notice.column_name}",
            str(change),
            facts=(change.family, change.notice.column_name, change.notice.kind),
            log_url=facts.log_url(REPORT),
        )
        for change in report.layout_changes
    ]


def stale_causes(facts: RunFacts, checkpoints: Iterable[Checkpoint], now: datetime | None = None) -> list[Cause]:
    """Families whose newest file landed longer ago than their contract expects; one that has never come is not expected."""
    now = now or datetime.now(UTC)
    newest: dict[str, datetime] = {}
    for checkpoint in checkpoints:
        if checkpoint.certified and checkpoint.landed:
            family, landed = checkpoint.certified.family, datetime.fromisoformat(checkpoint.landed.landed_at)
            newest[family] = max(landed, newest.get(family, landed))
    return [_stale_cause(facts, family, landed) for family, landed in sorted(newest.items()) if now - landed > _window(family)]


def _task_cause(facts: RunFacts, task: str) -> Cause:
    log_url, said = facts.log_url(task), facts.ti.xcom_pull(task_ids=task, key=DBT_FAILURES)
    if not said:
        failure = Failure.from_xcom(facts.ti.xcom_pull(task_ids=task, key=FAILURE))
        return Cause(AlertKind.FAILED_TASK, f"task:{task}", failure.reason, failure.code, failure.facts, log_url=log_url)
    tests = facts.ti.xcom_pull(task_ids=task, key=DBT_FAILED_TESTS)
    kind = AlertKind.FAILED_DATA_TEST if tests else AlertKind.FAILED_TASK
    rows = tuple(facts.ti.xcom_pull(task_ids=task, key=DBT_FAILING_ROWS) or ())
    return Cause(kind, f"task:{task}", said, facts=(task, *(tests or ())), log_url=log_url, details=rows)


def _file_failures(facts: RunFacts) -> dict[str, tuple[Failure, str]]:
    """What the failed task of a file said, and its log, by file name."""
    found: dict[str, tuple[Failure, str]] = {}
    for task_id, plan in zip(FILE_TASKS, facts.plans, strict=False):
        for index, file in enumerate(plan.work):
            if facts.states.get(f"{task_id}_{index}") == "failed":
                said = facts.ti.xcom_pull(task_ids=task_id, map_indexes=index, key=FAILURE)
                found[file.name] = (Failure.from_xcom(said), facts.log_url(f"{task_id}_{index}"))
    return found


def _file_cause(facts: RunFacts, kind: AlertKind, item: Refused, failures: Mapping[str, tuple[Failure, str]]) -> Cause:
    known = Failure(item.reason, item.code, item.facts), facts.log_url(REPORT)
    failure, log_url = failures.get(item.name, known)
    return Cause(kind, f"file:{item.name}", failure.reason, failure.code, failure.facts, item.file_md5, log_url)


def _rejects_cause(facts: RunFacts, file: LoadedFile) -> Cause:
    name, log_url = file.file_name, facts.log_url(REPORT)
    reason = f"{file.rows_rejected:,} of {file.rows_in_file:,} records of {name} were rejected, see bronze.rejected_rows"
    details = tuple(f"{name}, {reject}" for reject in file.first_rejects)
    return Cause(AlertKind.REJECTED_RECORDS, f"file:{name}", reason, facts=(name,), log_url=log_url, details=details)


def _stale_cause(facts: RunFacts, family: str, landed: datetime) -> Cause:
    """The same words for every family, so that a release that CMS has skipped is one alert."""
    days = load_contract(family).expected_every_days
    reason = (
        f"No new file since {landed:%Y-%m-%d}, and one is expected every {days} days (`expected_every_days` of the contract). "
        "Look whether CMS has published one, and why it is not in the Drive folder."
    )
    shared = (f"{landed:%Y-%m-%d}", str(days))
    return Cause(AlertKind.STALE_SOURCE, f"family:{family}", reason, facts=shared, log_url=facts.log_url("plan"))


def _window(family: str) -> timedelta:
    return timedelta(days=load_contract(family).expected_every_days)


def _family_of(file_name: str) -> str:
    return FileVersion.named("", "", file_name, 0, "").family
