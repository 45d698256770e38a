"""The dbt part of the DAG, rendered by Cosmos from the manifest: no dbt runs when the DAG file is parsed."""

from __future__ import annotations

import logging
from contextlib import chdir
from typing import TYPE_CHECKING, Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context
from cosmos import DbtTaskGroup, ExecutionConfig, ProjectConfig, RenderConfig
from cosmos.constants import DbtResourceType, ExecutionMode, InvocationMode, LoadMode, TestBehavior
from cosmos.operators.local import DbtBuildLocalOperator, DbtTestLocalOperator

from include.orchestration.connection_errors import explain_dbt_failures
from include.orchestration.warehouse_profile import dbt_connection, profile_config
from include.settings import load_settings
from include.warehouse.dbt_project import environment
from include.warehouse.dbt_runs import describe_failures, failed_tests, invoke_dbt
from include.warehouse.errors import WarehouseError
from include.warehouse.operations import failing_rows

if TYPE_CHECKING:
    from airflow.sdk import DAG, TaskGroup
    from cosmos.dbt.graph import DbtNode
    from dbt.cli.main import dbtRunnerResult

# By tag and type: dbt compares a path with every file of the project, in every task.
_STAGING = "tag:staging"
_SEEDS = "resource_type:seed"
_ACROSS_MODELS = "tag:across_models"

#: XCom of a red dbt task: what failed in it, a model or tests by name, with dbt's message.
DBT_FAILURES = "dbt_failures"
#: The data tests among that, and the first rows that fail them.
DBT_FAILED_TESTS, DBT_FAILING_ROWS = "dbt_failed_tests", "dbt_failing_rows"
_log = logging.getLogger(__name__)

# A model or test that fails on DuckDB fails again; a process that was killed is worth another try.
_DUCKDB_RETRIES = ExceptionRetryPolicy(
    rules=[RetryRule(exception="cosmos.exceptions.CosmosDbtRunError", action=RetryAction.FAIL, reason="it would fail again")]
)


class _DbtTask:
    """How each dbt task starts dbt: as the rest of the pipeline does, with the project as it was parsed once."""

    def run_dbt_runner(self, command: list[str], env: dict[str, str], cwd: str, **_: Any) -> dbtRunnerResult:
        """Leaves behind what failed, for the report of the run: the exception that Cosmos raises is only in the task's log."""
        with chdir(cwd), environment(env):
            result = invoke_dbt(command[1:])
        if failures := explain_dbt_failures(describe_failures(result)):
            tests = failed_tests(result)
            ti: Any = get_current_context()["ti"]
            ti.xcom_push(DBT_FAILURES, failures)
            ti.xcom_push(DBT_FAILED_TESTS, list(tests))
            ti.xcom_push(DBT_FAILING_ROWS, [f"{test}: {row}" for test, sql in tests.items() for row in _rows_of(test, sql)])
        return result

    def calculate_openlineage_events_completes(self, *_: Any, **__: Any) -> bool:
        """No: no task writes the artifacts that they are made of, and looking for them is a tenth of a task."""
        return False


def _rows_of(test: str, sql: str) -> list[str]:
    """What is wrong, in the log too, with the SQL that finds it."""
    try:
        with dbt_connection():
            rows = failing_rows(load_settings(), sql)
    except WarehouseError as error:
        rows = [f"the rows could not be read: {error}"]
    _log.error("%s\n%s\n%s", test, "\n".join(rows), sql)
    return rows


class DbtBuildTask(_DbtTask, DbtBuildLocalOperator):  # type: ignore[misc]
    """Builds and tests."""


class DbtTestTask(_DbtTask, DbtTestLocalOperator):  # type: ignore[misc]
    """Tests only."""


def staging_views(pool: str) -> DbtBuildTask:
    """Seeds and the generated staging views in one task: they are small, and each dbt start costs more than all of them."""
    return DbtBuildTask(task_id="staging", select=[_STAGING, _SEEDS], exclude=[_ACROSS_MODELS], **_dbt_start(pool))


def data_tests(pool: str) -> DbtTestTask:
    """Tests that look across models: relationships, agreement with CMS's own averages. Other tests run with their model."""
    return DbtTestTask(task_id="data_tests", select=[_ACROSS_MODELS], **_dbt_start(pool))


def dbt_models(pool: str) -> DbtTaskGroup:
    """One task for each silver and gold model, which builds and tests it.

    LOCAL + BUILD rather than WATCHER: clearing a red task and its downstream is all an on-call rerun takes.
    """
    settings = load_settings()
    return DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=settings.dbt_dir, manifest_path=settings.dbt_manifest_path, install_dbt_deps=False
        ),
        profile_config=profile_config(),
        execution_config=ExecutionConfig(execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.DBT_RUNNER),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            exclude=[_STAGING, _SEEDS, _ACROSS_MODELS],
            test_behavior=TestBehavior.BUILD,
            should_detach_multiple_parents_tests=False,  # such tests are tagged and run in `data_tests`
            group_nodes_by_folder=True,
            emit_datasets=False,
            node_converters={DbtResourceType.MODEL: _model_task},
        ),
        operator_args=_operator_args(pool),
    )


def _model_task(
    node: DbtNode, task_id: str, task_group: TaskGroup, dag: DAG, task_args: dict[str, Any], **_: Any
) -> DbtBuildTask:
    """Cosmos renders the task; the class is ours."""
    select, exclude = f"fqn:{'.'.join(node.fqn)}", [_ACROSS_MODELS]
    return DbtBuildTask(task_id=task_id, task_group=task_group, dag=dag, select=select, exclude=exclude, **task_args)


def _dbt_start(pool: str) -> dict[str, Any]:
    """What a dbt task outside the rendered group needs to know."""
    return {
        "project_dir": str(load_settings().dbt_dir),
        "profile_config": profile_config(),
        "invocation_mode": InvocationMode.DBT_RUNNER,
        "emit_datasets": False,
        **_operator_args(pool),
    }


def _operator_args(pool: str) -> dict[str, Any]:
    is_duckdb = load_settings().dbt_target == "duckdb"  # in the cloud the warehouse may have been the reason
    return {
        "pool": pool,
        "retries": 2,
        "retry_policy": _DUCKDB_RETRIES if is_duckdb else None,
        "full_refresh": "{{ params.full_refresh }}",
        "install_deps": False,
        "dbt_cmd_flags": ["--exclude-resource-type", "unit_test"],  # they test the SQL, not the data: `make test` runs them
        "dbt_cmd_global_flags": ["--no-write-json"],  # two thirds of a second a start, for artifacts nobody reads
    }
