"""What each task of the DAG does, inside a running task: the pipeline's steps with Airflow's connections and context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include.cms_ingest import pipeline
from include.cms_ingest.connection_errors import connection_errors_explained
from include.cms_ingest.planning import Selection
from include.cms_ingest.publish import gold_fingerprint, is_published, publish_gold
from include.cms_ingest.settings import load_settings
from include.orchestration.services import connect_services
from include.orchestration.warehouse_profile import dbt_connection

File = dict[str, Any]


def _context() -> dict[str, Any]:
    return cast("dict[str, Any]", get_current_context())


@connection_errors_explained()
def plan() -> list[File]:
    """The file versions to work on; everything else the folder holds is noted for the report."""
    context = _context()
    made = pipeline.plan_as_dict(pipeline.plan(connect_services(), Selection.of(context["params"])))
    context["ti"].xcom_push("plan", made)
    if not made["work"]:
        raise _skipped(_instances(context, ["ingest.land", "ingest.certify"]))
    return cast("list[File]", made["work"])


@connection_errors_explained()
def land(file: File) -> File:
    pipeline.land(connect_services(), file, owner=_show_name(file))
    return file


@connection_errors_explained()
def certify(file: File) -> None:
    pipeline.certify(connect_services(), file, owner=_show_name(file))


@connection_errors_explained()
def copy_to_bronze() -> list[File]:
    with dbt_connection():
        return pipeline.copy_to_bronze(connect_services(), _context()["run_id"])


@connection_errors_explained()
def skip_to_report_unless_gold_is_stale() -> str:
    """Returns what gold is about to be built from, for `publish` to hold against."""
    context = _context()
    with dbt_connection():
        if context["params"]["full_refresh"] or not is_published(load_settings()):
            return gold_fingerprint(load_settings())
    downstream = context["task"].get_flat_relatives(upstream=False)
    raise _skipped([task.task_id for task in downstream if task.task_id != "report"])


@connection_errors_explained()
def publish() -> dict[str, int]:
    context = _context()
    built_from = context["ti"].xcom_pull(task_ids="is_gold_stale")
    with dbt_connection():
        return publish_gold(load_settings(), context["run_id"], built_from)


def _show_name(file: File) -> str:
    """Puts the file's name into the grid and returns who works on it: the run, so that a cleared task goes on at once."""
    context = _context()
    context["file_name"] = file["name"]
    return str(context["run_id"])


def _instances(context: dict[str, Any], task_ids: list[str]) -> list[str | tuple[str, int]]:
    """These tasks, and those of their mapped instances that a cleared run still has: Airflow skips only what is named."""
    run_id = context["run_id"]
    known = context["ti"].get_task_states(dag_id=context["dag"].dag_id, task_ids=task_ids, run_ids=[run_id]).get(run_id, {})
    mapped = (name.rpartition("_") for name in known)
    return [*task_ids, *((task_id, int(index)) for task_id, _, index in mapped if task_id in task_ids)]


def _skipped(task_ids: Sequence[str | tuple[str, int]]) -> DownstreamTasksSkipped:
    """At once: left to their trigger rules, tasks are skipped level by level, which takes a round of the scheduler each."""
    return DownstreamTasksSkipped(tasks=list(task_ids))  # type: ignore[no-untyped-call]  # Airflow's own
