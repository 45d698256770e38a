"""Tells the person on call: from the report at the end of a run, which knows all causes, and from a callback of the run for what
it cannot tell: that it never came to its end, because it was killed or because the run took too long and was stopped.

What is open is kept in Airflow's Variables, one for each writer, so that no one overwrites another's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Variable

from include.alerts.causes import (
    Alert,
    AlertKind,
    Cause,
    OpenCauses,
    alert_of,
    group,
    opened,
    recovered,
    recovery_of,
    untold,
)
from include.alerts.channels import send
from include.alerts.errors import AlertNotSentError
from include.alerts.messages import message_of
from include.settings import load_settings

#: Causes that reports have told and no later report has taken back; the same of the callbacks; the newest reports, by run.
OPEN, OPEN_OUTSIDE, REPORTS = "alerts_open", "alerts_open_outside_of_reports", "alerts_reports"
_KEPT_REPORTS = 20


def begin_report(run_id: str) -> None:
    """A run that is cleared reports a second time, and what its first report has told says nothing about this one."""
    _note_report(run_id, {"begun_at": datetime.now(UTC).isoformat(), "is_told": False})


def _note_report(run_id: str, note: dict[str, Any]) -> None:
    known: dict[str, dict[str, Any]] = Variable.get(REPORTS, default={}, deserialize_json=True)
    before = known.pop(run_id, {})
    newest = list(known.items())[1 - _KEPT_REPORTS :]
    Variable.set(REPORTS, {**dict(newest), run_id: {**before, **note}}, serialize_json=True)


def tell_causes(run_id: str, causes: list[Cause], is_well: Callable[[str], bool]) -> None:
    """New causes, and those that are gone; raises AlertNotSentError when it has tried all.

    `is_well` says of a subject that is no cause any more whether the run has looked at it.
    """
    known: OpenCauses = Variable.get(OPEN, default={}, deserialize_json=True)
    outside: OpenCauses = Variable.get(OPEN_OUTSIDE, default={}, deserialize_json=True)
    unsent: list[AlertNotSentError] = []
    told = [cause for alike in group(untold(causes, known)) if _is_sent(alert_of(alike), unsent) for cause in alike]
    gone = recovered(causes, known, is_well)
    for alert in (*recovery_of(gone, known), *recovery_of(outside, outside)):
        _is_sent(alert, unsent)
    left = {subject: was for subject, was in known.items() if subject not in gone}
    Variable.set(OPEN, {**left, **opened(told, datetime.now(UTC))}, serialize_json=True)
    if outside:
        Variable.set(OPEN_OUTSIDE, {}, serialize_json=True)
    if unsent:
        raise unsent[0]
    _note_report(run_id, {"is_told": True})


def _is_sent(alert: Alert, unsent: list[AlertNotSentError]) -> bool:
    """Whether somebody has been told: what no channel took is told again by the next report."""
    settings = load_settings()
    try:
        send(message_of(alert, settings.alert_runbook_url), settings)
    except AlertNotSentError as error:
        unsent.append(error)
        return error.was_told
    return True


@dataclass(frozen=True)
class FailedRun:
    """A run as Airflow's callback knows it. A run that was cleared has started again: it is as old as its last clearing."""

    run_id: str
    started_at: datetime | None
    ended_at: datetime | None
    has_timed_out: bool
    last_task: str
    url: str


def tell_unreported_run(run: FailedRun) -> None:
    """For a run that was stopped, or whose report was killed or could not be sent; one that has told everything is left alone."""
    report = Variable.get(REPORTS, default={}, deserialize_json=True).get(run.run_id)
    if report and _speaks_for(report, run):
        return
    kind, reason = (AlertKind.TIMED_OUT_RUN, _timed_out(run)) if run.has_timed_out else (AlertKind.UNREPORTED_RUN, _UNREPORTED)
    _tell_outside(Cause(kind, f"run:{run.run_id}", reason, log_url=run.url))


def _speaks_for(report: Mapping[str, Any], run: FailedRun) -> bool:
    """Whether the report has told of this end of the run, or has begun since: then somebody has cleared the run meanwhile, and
    its next end has a callback of its own.
    """
    begun_at = datetime.fromisoformat(report["begun_at"])
    if run.ended_at and run.ended_at < begun_at:
        return True
    return bool(report["is_told"] and not (run.started_at and begun_at < run.started_at))


_UNREPORTED = "It has ended red, and its last task could not tell why: it was killed, or no channel took its alerts."


def _timed_out(run: FailedRun) -> str:
    minutes = load_settings().run_timeout_minutes
    at = f" It was at {run.last_task}." if run.last_task else ""
    return (
        f"Airflow has stopped it: it was not done within {minutes:g} minutes (RUN_TIMEOUT_MINUTES).{at} "
        'What was landed and loaded stays. Clear the run with "Clear existing tasks": it continues where it stopped.'
    )


def _tell_outside(cause: Cause) -> None:
    settings = load_settings()
    send(message_of(alert_of([cause]), settings.alert_runbook_url), settings)
    known: OpenCauses = Variable.get(OPEN_OUTSIDE, default={}, deserialize_json=True)
    Variable.set(OPEN_OUTSIDE, {**known, **opened([cause], datetime.now(UTC))}, serialize_json=True)
