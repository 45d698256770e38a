"""What Airflow calls when a task or a run has failed, or a run takes too long; imported when the DAG file is parsed.

The DAG processor, the triggerer and the tasks all find it by PYTHONPATH, which the image and the embedded default set.
"""

from __future__ import annotations

from typing import Any

from include.orchestration.failures import note_failure

__all__ = ["note_failure", "on_failed_run", "on_missed_deadline"]


def on_failed_run(context: Any) -> None:
    """In the DAG processor, where no task is left that could tell."""
    from include.orchestration.alerting import tell_unreported_run  # noqa: PLC0415 - the DAG file is parsed without

    run = context.get("dag_run")
    ended_at = run.end_date if run else None
    tell_unreported_run(context["run_id"], ended_at, _run_url(context["dag"].dag_id, context["run_id"]))


async def on_missed_deadline(context: Any) -> None:
    """In the triggerer, whose other work goes on meanwhile."""
    from asgiref.sync import sync_to_async  # noqa: PLC0415 - the DAG file is parsed without

    from include.orchestration.alerting import tell_missed_deadline  # noqa: PLC0415

    run = context["dag_run"]
    url = _run_url(run["dag_id"], run["dag_run_id"])
    await sync_to_async(tell_missed_deadline)(run["dag_run_id"], str(context["deadline"]["deadline_time"]), url)


def _run_url(dag_id: str, run_id: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415

    from airflow.configuration import conf  # noqa: PLC0415

    base = conf.get("api", "base_url", fallback="http://localhost:8080/").rstrip("/")
    return f"{base}/dags/{dag_id}/runs/{quote(run_id)}"
