"""Airflow of the embedded default: its configuration as environment variables, its database, pools and dbt manifest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from include.settings import REPOSITORY, Settings
from include.warehouse.dbt_project import is_parsed
from local import processes
from local.emulators.lifecycle import Emulators
from local.errors import AirflowBusyError

AIRFLOW, DASHBOARD, RUN = "Airflow", "Dashboard", "Run"
# What they report every few seconds while nothing happens, 7 MB per day; what is wrong they still report.
_QUIET = (
    "airflow.dag_processing.bundles.manager=WARNING airflow.models.dag=WARNING "
    "airflow.serialization.definitions.dag=WARNING airflow.jobs.triggerer_job_runner=WARNING"
)
POOLS = {"drive": (4, "Files read from Drive at once"), "warehouse": (2, "At DuckDB one works while the next starts")}


@dataclass(frozen=True)
class AirflowHome:
    """One home: `environment` is all that any process of it needs to know."""

    home: Path
    environment: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return self.home / "airflow"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def run(self, log_name: str, *command: str) -> None:
        """Runs a Python module to its end; its output goes to a log, which an error names."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / log_name
        with log.open("ab") as output:
            done = subprocess.run(
                [sys.executable, *command], env=dict(self.environment), cwd=REPOSITORY, stdout=output, stderr=output, check=False
            )
        if done.returncode:
            raise SystemExit(f"`{' '.join(command)}` failed with exit code {done.returncode}; see {log}")


def refuse_beside(home: Path, *names: str) -> None:
    """Raises AirflowBusyError while one of these programs is alive."""
    for name, target in ((RUN, "run"), (AIRFLOW, "up")):
        if name in names and processes.processes_of(home, name):
            raise AirflowBusyError(home, target)


def describe_home(home: Path, emulators: Emulators) -> AirflowHome:
    cloud = emulators.environment()
    aws = {
        "conn_type": "aws",
        "login": cloud["AWS_ACCESS_KEY_ID"],
        "password": cloud["AWS_SECRET_ACCESS_KEY"],
        "extra": {"region_name": cloud["AWS_DEFAULT_REGION"], "endpoint_url": emulators.aws_url},
    }
    environment = {
        **os.environ,
        **cloud,
        "HEALTHCARE_HOME": str(home),
        "PYTHONPATH": str(REPOSITORY),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(aws),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__MAX_MAP_LENGTH": "10000",
        # A task waits this long for the scheduler at most; each look costs 15 ms of CPU.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        # A file that has changed is parsed at once; this is for what it imports and for the dbt manifest.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "0",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": _QUIET,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow' / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__ENABLE_ORJSON_PARSER": "True",
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        # Airflow writes titles over the environment of its processes, and by that they are found (processes.py).
        "SPT_NOENV": "1",
    }
    return AirflowHome(home, environment)


def prepare(airflow: AirflowHome) -> None:
    """Database, pools and manifest; does nothing when they are there and fit this code."""
    write_manifest_if_stale(airflow)
    _write_local_settings(airflow)
    pools = airflow.folder / "pools.json"
    if not pools.exists():
        airflow.run("airflow-setup.log", "-m", "airflow", "db", "migrate")
        new = pools.with_name("new-pools.json")
        new.write_text(json.dumps(_pools()), encoding="utf-8")
        airflow.run("airflow-setup.log", "-m", "airflow", "pools", "import", str(new))
        new.replace(pools)


def _pools() -> dict[str, dict[str, object]]:
    """As `airflow pools import` takes them."""
    return {
        name: {"slots": slots, "description": description, "include_deferred": False}
        for name, (slots, description) in POOLS.items()
    }


def write_manifest_if_stale(airflow: AirflowHome) -> None:
    """The dbt manifest that Cosmos renders the DAG from: made once per state of the dbt project."""
    if not is_parsed(Settings(healthcare_home=airflow.home)):
        airflow.run("dbt-parse.log", "-m", "include.warehouse.dbt_project")


def _write_local_settings(airflow: AirflowHome) -> None:
    """Airflow imports this file in every process: the scheduler then has dbt in memory, and its tasks inherit it."""
    path = airflow.folder / "config" / "airflow_local_settings.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("import include.orchestration.preload  # noqa: F401\n", encoding="utf-8")
