"""The last task of a run: gathers what happened to every file, tells who is on call, and ends the run red when it must."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Variable, get_current_context

from include.alerts.causes import AlertKind, Cause, Severity, alerts_of
from include.alerts.channels import send
from include.alerts.errors import AlertNotSentError, RunFailedError
from include.alerts.messages import Message, items_of, severity_of
from include.alerts.open_causes import OPEN_OUTSIDE, OpenCauses
from include.alerts.reports import begin_report, end_report, is_newest_run
from include.alerts.run_causes import RunFacts, file_causes, layout_causes, report_cause, stale_causes, task_causes
from include.alerts.run_report import RunReport, make_report
from include.ingest.planning import Plan
from include.orchestration.connections import connect_services
from include.orchestration.steps import PLAN
from include.settings import Settings, load_settings

_log = logging.getLogger(__name__)
#: When something was last published, and when open causes were last listed; kept as Airflow Variables.
PUBLISHED_AT, DIGEST_AT = "alerts_published_at", "alerts_digest_at"


def report_run() -> None:
    """Logs and stores the report and tells who is on call; raises RunFailedError with the reasons when something is wrong."""
    context: Any = get_current_context()
    begin_report(context["run_id"], context["dag_run"].run_after)
    facts = _facts(context)
    try:
        report = gather(context, facts)
        causes = [*task_causes(facts), *file_causes(facts, report), *layout_causes(facts, report), *_stale(facts)]
    except Exception as error:  # whatever it is, somebody must hear of it; it is raised again
        _tell(context, facts, None, [*task_causes(facts), report_cause(facts, error)])
        raise
    news = OpenCauses.load().news(causes, report.run_id)
    red = [cause for cause in causes if _ends_red(cause, news)]
    if report.published_rows:
        Variable.set(PUBLISHED_AT, _now())
    impact = impact_of(report, causes)
    _store(report, impact, red, [cause for cause in causes if cause not in (*news, *red)])
    reasons = [cause.reason for cause in red]
    try:
        _tell(context, facts, impact, causes)
    except AlertNotSentError as error:
        reasons.append(str(error))
    if reasons:
        raise RunFailedError("; ".join(reasons))


def _ends_red(cause: Cause, news: Sequence[Cause]) -> bool:
    """What happened in this run, or a file that no earlier run has told of."""
    return cause.kind.ends_every_run_red or (cause.kind is AlertKind.QUARANTINED_FILE and cause in news)


def _stale(facts: RunFacts) -> list[Cause]:
    return stale_causes(facts, connect_services().checkpoints.all()) if facts.is_newest else []


def gather(context: Any, facts: RunFacts) -> RunReport:
    ti = context["ti"]
    return make_report(
        run_id=context["run_id"],
        plans=facts.plans,
        checkpoints=connect_services().checkpoints,
        loaded=ti.xcom_pull(task_ids="copy_to_bronze") or [],
        published=ti.xcom_pull(task_ids="publish") or {},
    )


def impact_of(report: RunReport, causes: Sequence[Cause]) -> str:
    """What the run means for whoever reads the dashboard."""
    if report.published_rows:
        left_out = len(report.quarantined) + len(report.unfinished)
        files = f"{len(report.loaded)} new {'file is' if len(report.loaded) == 1 else 'files are'} loaded and published"
        return f"{files}; {left_out} {'is' if left_out == 1 else 'are'} not." if left_out else f"{files}."
    published = Variable.get(PUBLISHED_AT, default="")
    shows = f"the dashboard shows what was published at {published}" if published else "nothing has been published yet"
    if severity_of(alerts_of(causes)) is Severity.PAGE:
        return f"Nothing is published by this run; {shows}."
    return f"Nothing new to publish; {shows}."


def _tell(context: Any, facts: RunFacts, impact: str | None, causes: Sequence[Cause]) -> None:
    """One message: what is new, what is over, and what stays open. Raises AlertNotSentError when a channel refuses it."""
    settings, run_id = load_settings(), context["run_id"]
    known, outside = OpenCauses.load(), OpenCauses.load(OPEN_OUTSIDE)
    untold, over = known.untold(causes), known.over(causes, facts.has_looked_at)
    left = known.without(over.by_subject)
    alerts, recovered = alerts_of(untold), [*over.alerts(), *(outside.alerts() if facts.is_newest else [])]
    if alerts or recovered or (left.by_subject and _digest_is_due(settings)):
        message = Message(
            severity=severity_of(alerts) if alerts or recovered else Severity.TICKET,
            environment=settings.alert_environment,
            dag=context["dag"].dag_id,
            impact=impact or "The report of the run could not be made.",
            items=items_of(alerts, settings.alert_runbook_url),
            recovered=items_of(recovered, settings.alert_runbook_url, section="recovered"),
            open_items=items_of(left.alerts(), settings.alert_runbook_url),
        )
        try:
            send(message, settings)
        except AlertNotSentError as error:
            if not error.was_told:  # the next report tells all of it
                raise
            _remember(left.opened(causes, run_id), facts)
            raise
        Variable.set(DIGEST_AT, _now())
    _remember(left.opened(causes, run_id), facts)
    end_report(run_id)


def _remember(open_now: OpenCauses, facts: RunFacts) -> None:
    open_now.save()
    if facts.is_newest:
        OpenCauses({}).save(OPEN_OUTSIDE)


def _digest_is_due(settings: Settings) -> bool:
    told = Variable.get(DIGEST_AT, default="")
    return not told or datetime.now(UTC) - datetime.fromisoformat(told) > timedelta(days=settings.alert_digest_days)


def _facts(context: Any) -> RunFacts:
    ti, run_id = context["ti"], context["run_id"]
    states = ti.get_task_states(dag_id=context["dag"].dag_id, run_ids=[run_id]).get(run_id, {})
    noted = [ti.xcom_pull(task_ids=task, key=PLAN) for task in ("plan", "to_certify") if states.get(task) == "success"]
    plans = tuple(map(Plan.from_dict, filter(None, noted)))
    return RunFacts(ti, states, plans, tuple(context["params"]["families"]), is_newest_run(run_id))


def _store(report: RunReport, impact: str, red: Sequence[Cause], still_open: Sequence[Cause]) -> None:
    """The summary of `make run` and the page "Data landing" read this file."""
    told = {"impact": impact, "needs_a_person": [*map(str, red)], "still_open": [*map(str, still_open)]}
    path = load_settings().runs_dir / f"{report.run_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report.as_dict() | told, indent=2), encoding="utf-8")
    for line in _log_lines(report, impact, still_open):
        _log.info(line)
    for cause in red:
        _log.error(str(cause))


def _log_lines(report: RunReport, impact: str, still_open: Sequence[Cause]) -> Iterator[str]:
    yield impact
    yield from report.lines()
    yield from (f"still open: {cause}" for cause in still_open)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
