"""What Airflow calls when a task or a run has failed; imported when the DAG file is parsed.

The DAG processor and the tasks find it by PYTHONPATH, which the image and the embedded default set.
"""

from __future__ import annotations

from typing import Any

from include.alerts.failures import note_failure

__all__ = ["note_failure", "on_failed_run"]


_TIMED_OUT = "timed_out"  # Airflow's word for `dagrun_timeout`


def on_failed_run(context: Any) -> None:
    """In the DAG processor, where no task is left that could tell."""
    from include.alerts.sending import FailedRun, tell_unreported_run  # noqa: PLC0415 - the DAG file is parsed without

    run, task = context.get("dag_run"), context.get("ti")
    tell_unreported_run(
        FailedRun(
            run_id=context["run_id"],
            started_at=run.start_date if run else None,
            ended_at=run.end_date if run else None,
            has_timed_out=context["reason"] == _TIMED_OUT,
            last_task=task.task_id if task else "",
            url=_run_url(context["dag"].dag_id, context["run_id"]),
        )
    )


def _run_url(dag_id: str, run_id: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415

    from airflow.configuration import conf  # noqa: PLC0415

    base = conf.get("api", "base_url", fallback="http://localhost:8080/").rstrip("/")
    return f"{base}/dags/{dag_id}/runs/{quote(run_id)}"
