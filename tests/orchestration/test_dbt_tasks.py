"""How dbt tasks start dbt, and what the report says of one that Snowflake has stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from include.orchestration.connection_errors import explain_dbt_failures
from include.orchestration.dbt_tasks import DbtBuildTask, DbtTestTask
from include.orchestration.warehouse_profile import dbt_connection
from include.settings import REPOSITORY, load_settings
from include.warehouse.dbt_runs import describe_failures, invoke_dbt
from tests.emulators.snowflake_emulator import SnowflakeEmulator


@pytest.mark.parametrize("task", [DbtBuildTask, DbtTestTask])
def test_cosmos_calls_what_our_tasks_override(task: type) -> None:
    """Under another name after an upgrade, the tasks would parse the project each, and not take turns at the warehouse."""
    ours, cosmos = task.__mro__[1:3]
    overridden = [name for name in vars(ours) if not name.startswith("__")]
    assert overridden
    assert [name for name in overridden if not hasattr(cosmos, name)] == []


@pytest.fixture(scope="module")
def models_and_classes(parsed_project: Path) -> dict[str, str]:
    """The class of each task of the rendered group."""
    code = """
import json
from airflow.sdk import DAG
from include.orchestration.dbt_tasks import dbt_models
with DAG("any"):
    group = dbt_models("default_pool")
print(json.dumps({task.task_id: type(task).__name__ for task in group.iter_tasks()}))
"""
    environment = {**os.environ, "HEALTHCARE_HOME": str(parsed_project.parent), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    described: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return described


def test_every_model_is_a_task_of_our_own_class(models_and_classes: dict[str, str]) -> None:
    assert len(models_and_classes) > 30
    assert set(models_and_classes.values()) == {"DbtBuildTask"}


def failures_of(node: str) -> str:
    """Builds it as its task does."""
    settings = load_settings()
    target = str(settings.dbt_target_dir)
    where = ["--project-dir", str(settings.dbt_dir), "--target-path", target, "--log-path", target]
    with dbt_connection():
        result = invoke_dbt(["--no-write-json", "build", "--select", node, *where])
    return explain_dbt_failures(describe_failures(result))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("matching", "code", "message", "advice"),
    [
        (
            "silver.states",
            "090073",
            "Warehouse 'HEALTHCARE_WH' cannot be resumed because resource monitor 'HEALTHCARE_MONITOR' has exceeded its quota.",
            "the month's credits are spent",
        ),
        (
            "silver.states",
            "003001",
            "SQL access control error: Insufficient privileges to operate on schema 'SILVER'.",
            "a grant or an object is missing",
        ),
        ("login", "390114", "Authentication token has expired. The user must authenticate again.", "the token has expired"),
    ],
    ids=["suspended warehouse", "missing grant", "expired token"],
)
def test_refused_task_is_one_sentence_with_connection_and_fix(
    cloud: Callable[..., None], emulator: SnowflakeEmulator, matching: str, code: str, message: str, advice: str
) -> None:
    emulator.refuse({"matching": matching, "code": code, "message": message})
    said = failures_of("states")
    assert said.startswith("snowflake_default: ")
    assert advice in said
    assert "\n" not in said
