"""The DAG as Airflow loads it: own AIRFLOW_HOME and dbt manifest, in a process of its own so that no setting leaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]

_DESCRIBE = """
import json, sys
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
def several(given):  # a mapped task keeps what it was given until it is expanded
    return given if isinstance(given, (list, tuple)) else [given]

bag = BundleDagBag("dags", bundle_path=Path("dags"), bundle_name="dags")
assert not bag.import_errors, bag.import_errors
(dag,) = bag.dags.values()
tasks = {
    task.task_id: {
        "owner": task.owner, "retries": task.retries, "backoff": bool(task.retry_exponential_backoff), "pool": task.pool,
        "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)), "doc": bool(task.doc_md or task.doc),
        "on_failure": [callback.__name__ for callback in several(task.on_failure_callback)],
        "longest": task.execution_timeout and task.execution_timeout.total_seconds(),
        "downstream": sorted(task.downstream_task_ids), "map_index_template": task.map_index_template,
        "multiple_outputs": getattr(task, "multiple_outputs", None),
    }
    for task in dag.tasks
}
print("DAG " + json.dumps({
    "schedule": str(dag.schedule), "tags": sorted(dag.tags), "doc": dag.doc_md, "catchup": dag.catchup,
    "max_active_runs": dag.max_active_runs, "params": sorted(dag.params), "tasks": tasks,
    "longest_run": dag.dagrun_timeout.total_seconds(), "deadline": dag.deadline,
    "on_failed_run": dag.on_failure_callback.__name__,
    "network": sorted(name for name in ("googleapiclient", "duckdb", "dbt.cli.main", "pyarrow") if name in sys.modules),
}))
"""


@pytest.fixture(scope="session")
def dag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "HEALTHCARE_HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "PYTHONPATH": str(REPOSITORY),
    }
    project = str(REPOSITORY / "include" / "dbt_healthcare")
    parse = ["parse", "--project-dir", project, "--profiles-dir", project, "--target-path", str(home / "dbt")]
    for command in (["-m", "dbt.cli.main", *parse, "--log-path", str(home / "logs")], ["-c", _DESCRIBE]):
        done = subprocess.run(
            [sys.executable, *command], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("DAG ")]
    described: dict[str, Any] = json.loads(line.removeprefix("DAG "))
    described["manifest"] = str(home / "dbt" / "manifest.json")
    return described


@pytest.fixture(scope="session")
def dbt_tests(dag: dict[str, Any]) -> list[dict[str, Any]]:
    """Every data test of the dbt project with its parents and tags, from the manifest that the DAG was rendered from."""
    nodes = json.loads(Path(dag["manifest"]).read_text(encoding="utf-8"))["nodes"].values()
    return [node for node in nodes if node["resource_type"] == "test"]
