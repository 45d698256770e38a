"""(b) The dbt part under a real Airflow scheduler against `dbt build` alone, both rebuilding everything from bronze."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, run_python, stop_home
from benchmarks.floors import dbt_build_seconds
from benchmarks.sample import full_sample
from local.emulators.services import running
from local.run.airflow_home import describe_home
from local.run.task_states import TaskState, latest_run_id, read_tasks

_LONGEST_SECONDS = 1200
_DBT_STAGES = {"staging", "silver", "gold", "tests"}


def measure(folder: Path) -> list[Figure]:
    rawdata, home = full_sample(folder), folder / "scheduler-home"
    shutil.rmtree(home, ignore_errors=True)
    run_python("-m", "local.run.run", "--home", str(home), "--rawdata", str(rawdata))
    floor = dbt_build_seconds(home, folder / "dbt-home")
    tasks = _scheduled_run(home, rawdata)
    stop_home(home)
    own = [task for task in tasks if task.stage in _DBT_STAGES and task.started and task.ended]
    seconds = (max(t.ended for t in own if t.ended) - min(t.started for t in own if t.started)).total_seconds()
    how = f"{len(own)} tasks in {seconds:.0f} s against {floor:.1f} s of `dbt build --full-refresh`"
    return [Figure("dbt part under the scheduler", seconds / floor, "x dbt build", 2.5, how)]


def _scheduled_run(home: Path, rawdata: Path) -> list[TaskState]:
    run_python("-m", "local.run", "up", "--home", str(home), "--rawdata", str(rawdata))
    services = running(home)
    if services is None:
        raise SystemExit("the local cloud did not start")
    airflow = describe_home(home, services)
    since, environment = datetime.now(UTC), dict(airflow.environment)
    time.sleep(10)  # the DAG processor's first look
    conf = json.dumps({"full_refresh": True})
    run_python("-m", "airflow", "dags", "trigger", "healthcare_pipeline", "--conf", conf, environment=environment)
    run_python("-m", "airflow", "dags", "unpause", "healthcare_pipeline", "--yes", environment=environment)
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        time.sleep(2)
        run_id = latest_run_id(airflow.database, since)
        # Unpausing also starts the day's own run, which has nothing to do: the triggered one is measured.
        tasks = read_tasks(airflow.database, run_id) if run_id and run_id.startswith("manual__") else []
        if any(task.task_id == "report" and task.ended for task in tasks):
            return tasks
    raise SystemExit(f"the scheduled run did not end within {_LONGEST_SECONDS} s")
