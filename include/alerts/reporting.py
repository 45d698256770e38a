"""The last task of a run: gathers what happened to every file, tells who is on call, and ends the run red when it must."""

from __future__ import annotations

import json
import logging
from typing import Any

from airflow.sdk import get_current_context

from include.alerts.errors import AlertNotSentError, RunFailedError
from include.alerts.run_causes import RunFacts, file_causes, layout_causes, report_cause, stale_causes, task_causes
from include.alerts.run_report import RunReport, make_report
from include.alerts.sending import begin_report, tell_causes
from include.ingest.planning import Plan
from include.orchestration.connections import connect_services
from include.orchestration.dbt_tasks import DBT_FAILURES
from include.orchestration.steps import PLAN
from include.settings import load_settings

_log = logging.getLogger(__name__)
_RED = {"failed", "upstream_failed"}


def report_run() -> None:
    """Logs and stores the report and sends its alerts; raises RunFailedError with the reasons when the run is not clean."""
    context: Any = get_current_context()
    begin_report(context["run_id"])
    facts = _facts(context)
    try:
        report = gather(context, facts)
        _store(report)
        causes = [
            *file_causes(facts, report),
            *stale_causes(facts, connect_services().checkpoints),
            *layout_causes(facts, report),
        ]
    except Exception as error:
        tell_causes(context["run_id"], [*task_causes(facts), report_cause(facts, error)], lambda _: False)
        raise
    reasons = report.reasons_to_fail()
    try:
        tell_causes(context["run_id"], [*task_causes(facts), *causes], facts.has_looked_at)
    except AlertNotSentError as error:
        reasons.append(str(error))
    if reasons:
        raise RunFailedError("; ".join(reasons))


def gather(context: Any, facts: RunFacts) -> RunReport:
    ti, run_id = context["ti"], context["run_id"]
    red = sorted(task for task, state in facts.states.items() if state in _RED)
    return make_report(
        run_id=run_id,
        plans=facts.plans,
        checkpoints=connect_services().checkpoints,
        loaded=ti.xcom_pull(task_ids="copy_to_bronze") or [],
        published=ti.xcom_pull(task_ids="publish") or {},
        red_tasks=red,
        dbt_failures={
            task: said
            for task in red
            if facts.states[task] == "failed" and (said := ti.xcom_pull(task_ids=task, key=DBT_FAILURES))
        },
    )


def _facts(context: Any) -> RunFacts:
    ti, run_id = context["ti"], context["run_id"]
    states = ti.get_task_states(dag_id=context["dag"].dag_id, run_ids=[run_id]).get(run_id, {})
    noted = [ti.xcom_pull(task_ids=task, key=PLAN) for task in ("plan", "to_certify") if states.get(task) == "success"]
    return RunFacts(ti, states, tuple(map(Plan.from_dict, filter(None, noted))), tuple(context["params"]["families"]))


def _store(report: RunReport) -> None:
    path = load_settings().runs_dir / f"{report.run_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report.as_dict(), indent=2), encoding="utf-8")
    for line in report.lines():
        _log.info(line)
