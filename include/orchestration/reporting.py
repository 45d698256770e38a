"""The last task of a run: gathers what happened to every file, and ends the run red when something needs a person."""

from __future__ import annotations

import json
import logging
from typing import Any

from airflow.sdk import get_current_context

from include.cms_ingest import pipeline
from include.cms_ingest.errors import RunFailedError
from include.cms_ingest.run_report import RunReport, make_report
from include.cms_ingest.settings import load_settings
from include.orchestration.dbt_tasks import DBT_FAILURES
from include.orchestration.services import connect_services

_log = logging.getLogger(__name__)
_RED = {"failed", "upstream_failed"}


def report_run() -> None:
    """Logs and stores the report; raises RunFailedError with the reasons when the run is not clean."""
    context: Any = get_current_context()
    settings, run_id = load_settings(), context["run_id"]
    report = gather(context)
    path = settings.runs_dir / f"{run_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report.as_dict(), indent=2), encoding="utf-8")
    for line in report.lines():
        _log.info(line)
    if reasons := report.reasons_to_fail():
        raise RunFailedError("; ".join(reasons))


def gather(context: Any) -> RunReport:
    ti, run_id = context["ti"], context["run_id"]
    plan = ti.xcom_pull(task_ids="plan", key="plan") or pipeline.NO_PLAN
    states = ti.get_task_states(dag_id=context["dag"].dag_id, run_ids=[run_id]).get(run_id, {})
    red = sorted(task for task, state in states.items() if state in _RED)
    return make_report(
        run_id=run_id,
        plan=plan,
        checkpoints=connect_services().checkpoints,
        loaded=ti.xcom_pull(task_ids="copy_to_bronze") or [],
        published=ti.xcom_pull(task_ids="publish") or {},
        red_tasks=red,
        dbt_failures={
            task: said for task in red if states[task] == "failed" and (said := ti.xcom_pull(task_ids=task, key=DBT_FAILURES))
        },
    )
