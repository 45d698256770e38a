"""What each task of the DAG does, inside a running task: the pipeline's steps with Airflow's connections and context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include.ingest import pipeline
from include.ingest.file_version import FileVersion
from include.ingest.planning import Plan, Selection
from include.orchestration.connection_errors import connection_errors_explained
from include.orchestration.connections import connect_services
from include.orchestration.warehouse_profile import dbt_connection
from include.settings import load_settings
from include.warehouse import bronze_copy
from include.warehouse.publish import gold_fingerprint, is_published, publish_gold

File = dict[str, Any]  # a FileVersion as XCom carries it
PLAN = "plan"  # the XCom key under which a planning task keeps all that it has decided


def _context() -> dict[str, Any]:
    return cast("dict[str, Any]", get_current_context())


@connection_errors_explained()
def plan() -> list[File]:
    """The file versions to land; everything else the folder holds is noted for the report."""
    context = _context()
    made = pipeline.plan(connect_services(), Selection.of(context["params"]))
    return _noted(made, PLAN, ["land", "to_certify", "certify"])


@connection_errors_explained()
def land(file: File) -> None:
    version = FileVersion(**file)
    pipeline.land(connect_services(), version, owner=_show_name(version))


@connection_errors_explained()
def to_certify() -> list[File]:
    """What has landed: the files of the plan, and the members of its archives."""
    context = _context()
    noted = context["ti"].xcom_pull(task_ids="plan", key=PLAN)
    planned = Plan.from_dict(noted) if noted else Plan()
    made = pipeline.plan_to_certify(connect_services(), planned, Selection.of(context["params"]))
    return _noted(made, PLAN, ["certify"])


@connection_errors_explained()
def certify(file: File) -> None:
    version = FileVersion(**file)
    pipeline.certify(connect_services(), version, owner=_show_name(version))


def _noted(made: Plan, key: str, without_work: list[str]) -> list[File]:
    """The work of a plan for the tasks behind it; all of it for the report. Those tasks are skipped when there is none."""
    noted, context = made.as_dict(), _context()
    context["ti"].xcom_push(key, noted)
    if not made.work:
        raise _skipped(_instances(context, without_work))
    return cast("list[File]", noted["work"])


@connection_errors_explained()
def copy_to_bronze() -> list[dict[str, Any]]:
    with dbt_connection():
        return [asdict(file) for file in bronze_copy.copy_to_bronze(connect_services(), _context()["run_id"])]


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


def _show_name(file: FileVersion) -> str:
    """Puts the file's name into the grid and returns who works on it: the run, so that a cleared task continues at once."""
    context = _context()
    context["file_name"] = file.name
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
