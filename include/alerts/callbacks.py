"""What Airflow calls when a run has failed, in the DAG processor: reports a run that was stopped or whose report was killed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from include.alerts.failures import note_failure
from include.settings import load_settings

__all__ = ["note_failure", "on_failed_run"]

_TIMED_OUT = "timed_out"  # Airflow's word for `dagrun_timeout`
_UNREPORTED = "It ended red, and its last task could not say why: it was killed, or no channel took its message."


@dataclass(frozen=True)
class FailedRun:
    """A run as Airflow's callback knows it. A run that was cleared has started again: it is as old as its last clearing."""

    dag_id: str
    run_id: str
    started_at: datetime | None
    ended_at: datetime | None
    has_timed_out: bool
    last_task: str
    url: str


def on_failed_run(context: Any) -> None:
    run, task, dag_id = context.get("dag_run"), context.get("ti"), context["dag"].dag_id
    tell_unreported_run(
        FailedRun(
            dag_id=dag_id,
            run_id=context["run_id"],
            started_at=run.start_date if run else None,
            ended_at=run.end_date if run else None,
            has_timed_out=context["reason"] == _TIMED_OUT,
            last_task=task.task_id if task else "",
            url=_run_url(dag_id, context["run_id"]),
        )
    )


def tell_unreported_run(run: FailedRun) -> None:
    """One that has told everything is left alone."""
    from include.alerts.causes import AlertKind, Cause, Severity, alerts_of  # noqa: PLC0415 - the DAG file is parsed without
    from include.alerts.channels import send  # noqa: PLC0415
    from include.alerts.messages import Message, items_of  # noqa: PLC0415
    from include.alerts.open_causes import OPEN_OUTSIDE, OpenCauses  # noqa: PLC0415
    from include.alerts.reports import read_reports  # noqa: PLC0415

    report = read_reports().get(run.run_id)
    if report and _speaks_for(report, run):
        return
    kind, reason = (AlertKind.TIMED_OUT_RUN, _timed_out(run)) if run.has_timed_out else (AlertKind.UNREPORTED_RUN, _UNREPORTED)
    cause, settings = Cause(kind, f"run:{run.run_id}", reason, log_url=run.url), load_settings()
    items = items_of(alerts_of([cause]), settings.alert_runbook_url)
    impact = "The run did not finish; the dashboard shows what was published before it."
    send(Message(Severity.PAGE, settings.alert_environment, run.dag_id, impact, items), settings)
    OpenCauses.load(OPEN_OUTSIDE).opened([cause], run.run_id).save(OPEN_OUTSIDE)


def _speaks_for(report: Mapping[str, Any], run: FailedRun) -> bool:
    """Whether the report has told of this end of the run, or has begun since: then somebody has cleared the run meanwhile, and
    its next end has a callback of its own.
    """
    begun_at = datetime.fromisoformat(report["begun_at"])
    if run.ended_at and run.ended_at < begun_at:
        return True
    return bool(report["is_told"] and not (run.started_at and begun_at < run.started_at))


def _timed_out(run: FailedRun) -> str:
    minutes = load_settings().run_timeout_minutes
    at = f" It was at {run.last_task}." if run.last_task else ""
    return (
        f"Airflow stopped it: it was not done within {minutes:g} minutes (RUN_TIMEOUT_MINUTES).{at} "
        'What was landed and loaded stays. Clear the run with "Clear existing tasks": it continues where it stopped.'
    )


def _run_url(dag_id: str, run_id: str) -> str:
    from airflow.configuration import conf  # noqa: PLC0415 - the DAG file is parsed without

    base = conf.get("api", "base_url", fallback="http://localhost:8080/").rstrip("/")
    return f"{base}/dags/{dag_id}/runs/{quote(run_id)}"
