"""Tells the person on call: from the report at the end of a run, which knows all causes, and from two callbacks for what it
cannot tell: that it never came to its end, and that the run takes too long.

What is open is kept in Airflow's Variables, one for each writer, so that no one overwrites another's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Variable

from include.cms_ingest.alerts import (
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
from include.cms_ingest.errors import AlertNotSentError
from include.cms_ingest.settings import load_settings
from include.orchestration.alert_channels import send
from include.orchestration.alert_messages import message_of

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


def tell_unreported_run(run_id: str, ended_at: datetime | None, log_url: str) -> None:
    """For a red run whose report was killed, or could not be sent; one that has told everything is left alone.

    `ended_at` is the end that the callback speaks of: where a report has begun since, somebody has cleared the run meanwhile, and
    its next end has a callback of its own.
    """
    report = Variable.get(REPORTS, default={}, deserialize_json=True).get(run_id)
    if report and (report["is_told"] or (ended_at and ended_at < datetime.fromisoformat(report["begun_at"]))):
        return
    reason = "It has ended red, and its last task could not tell why: it was killed, or no channel took its alerts."
    _tell_outside(Cause(AlertKind.UNREPORTED_RUN, f"run:{run_id}", reason, log_url=log_url))


def tell_missed_deadline(run_id: str, deadline: str, log_url: str) -> None:
    minutes = load_settings().run_deadline_minutes
    reason = f"It has not ended within {minutes:g} minutes, by {deadline}, and goes on."
    _tell_outside(Cause(AlertKind.MISSED_DEADLINE, f"run:{run_id}", reason, log_url=log_url))


def _tell_outside(cause: Cause) -> None:
    settings = load_settings()
    send(message_of(alert_of([cause]), settings.alert_runbook_url), settings)
    known: OpenCauses = Variable.get(OPEN_OUTSIDE, default={}, deserialize_json=True)
    Variable.set(OPEN_OUTSIDE, {**known, **opened([cause], datetime.now(UTC))}, serialize_json=True)
