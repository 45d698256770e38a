"""(b) The dbt part under a real Airflow scheduler against `dbt build` alone, both rebuilding everything from bronze."""

from __future__ import annotations

import json
import shutil
import time
from datetime import datetime
from pathlib import Path

from benchmarks.figures import Figure, run_python, stop_home
from benchmarks.floors import dbt_build_seconds
from benchmarks.sample import full_sample
from local.emulators.lifecycle import running
from local.run.airflow_home import describe_home
from local.run.stages import DAG_ID, stage_of

_LONGEST_SECONDS = 1200
_POLL_SECONDS = 15  # each look costs seconds of CPU
_RUN_ID = "benchmark"
_DBT_STAGES = {"staging", "silver", "gold", "tests"}


def measure(folder: Path) -> list[Figure]:
    rawdata, home = full_sample(folder), folder / "scheduler-home"
    shutil.rmtree(home, ignore_errors=True)
    run_python("-m", "local.run.run", "--home", str(home), "--rawdata", str(rawdata))
    floor = dbt_build_seconds(home, folder / "dbt-home")
    tasks = _scheduled_run(home, rawdata)
    stop_home(home)
    own = [task for task in tasks if stage_of(task["task_id"]) in _DBT_STAGES and task["start_date"] and task["end_date"]]
    starts, ends = ([datetime.fromisoformat(task[name]) for task in own] for name in ("start_date", "end_date"))
    seconds = (max(ends) - min(starts)).total_seconds()
    how = f"{len(own)} tasks in {seconds:.0f} s against {floor:.1f} s of `dbt build --full-refresh`"
    return [Figure("dbt part under the scheduler", seconds / floor, "x dbt build", 2.5, how)]


def _scheduled_run(home: Path, rawdata: Path) -> list[dict[str, str]]:
    run_python("-m", "local.run", "up", "--home", str(home), "--rawdata", str(rawdata))
    emulators = running(home)
    if emulators is None:
        raise SystemExit("the emulators did not start")
    environment = describe_home(home, emulators).environment
    conf = json.dumps({"full_refresh": True})
    # `up` has also started the day's own run, which has nothing to do: the triggered one is measured.
    run_python("-m", "airflow", "dags", "trigger", DAG_ID, "--run-id", _RUN_ID, "--conf", conf, environment=environment)
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        states = ("tasks", "states-for-dag-run", DAG_ID, _RUN_ID, "--output", "json")
        _, output = run_python("-m", "airflow", *states, environment=environment)
        tasks: list[dict[str, str]] = json.loads(output.splitlines()[-1])
        if any(task["task_id"] == "report" and task["end_date"] for task in tasks):
            return tasks
    raise SystemExit(f"the scheduled run did not end within {_LONGEST_SECONDS} s")
