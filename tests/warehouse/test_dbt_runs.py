"""dbt as the tasks start it: two tasks at one DuckDB file take turns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from include.settings import REPOSITORY, Settings, load_settings
from include.warehouse.dbt_runs import describe_failures, failed_tests, invoke_dbt
from include.warehouse.operations import failing_rows

BUILD_A_SEED = """
from include.settings import load_settings
from include.warehouse.operations import run_dbt

for _ in range(3):
    run_dbt(load_settings(), "seed", "--select", "states")
"""

# A task's process ends like this one: with its last query still at work in a thread of dbt.
RUN_OUT_OF_TIME = """
import os, sys
from airflow.sdk.exceptions import AirflowTaskTimeout
from airflow.sdk.execution_time.timeout import timeout
from include.settings import load_settings
from include.warehouse.dbt_runs import invoke_dbt

project = str(load_settings().dbt_dir)
endless = "select count(*) from range(1000000000) as a, range(1000000000) as b where a.range % 7 = b.range % 11"
try:
    with timeout(20):
        invoke_dbt([*sys.argv[1:], endless, "--project-dir", project, "--profiles-dir", project, "--no-write-json"])
except AirflowTaskTimeout:
    os._exit(7)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("dbt_home")
def test_dbt_that_runs_out_of_time_ends_as_a_timeout_and_not_as_an_error_of_dbt() -> None:
    command = [sys.executable, "-c", RUN_OUT_OF_TIME, "show", "--inline"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert "Concurrency: " in done.stdout, "the time was over before the query began"
    assert done.returncode == 7, done.stdout + done.stderr


@pytest.mark.slow
def test_two_processes_at_one_warehouse_take_turns(tmp_path: Path) -> None:
    environment = {"HEALTHCARE_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY), "PATH": ""}
    tasks = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD_A_SEED], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [task.communicate(timeout=240)[0] for task in tasks]
    assert [task.returncode for task in tasks] == [0, 0], said


def test_dbt_on_snowflake_waits_for_nobody(tmp_path: Path) -> None:
    settings = Settings(healthcare_home=tmp_path, dbt_target="snowflake")
    with FileLock(tmp_path / "warehouse.lock"):
        assert not invoke_dbt(["--no-such-option"], settings).success


@pytest.mark.slow
@pytest.mark.usefixtures("dbt_home")
def test_failed_data_test_is_told_apart_from_a_failed_model() -> None:
    settings = load_settings()
    where = ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir), "--no-write-json"]
    assert invoke_dbt(["seed", "--select", "states", *where], settings).success
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        ((schema,),) = warehouse.execute("select schema_name from duckdb_tables() where table_name = 'states'").fetchall()
        warehouse.execute(f"insert into {schema}.states select * from {schema}.states limit 1")

    tested = invoke_dbt(["test", "--select", "states", *where], settings)
    tests = failed_tests(tested)
    (unique,) = [sql for name, sql in tests.items() if name.startswith("unique_states")]
    assert all(name in describe_failures(tested) for name in tests)
    assert [row.endswith("n_records=2") for row in failing_rows(settings, unique)] == [True]

    modelled = invoke_dbt(["run", "--select", "fct_penalties", *where], settings)
    assert "fct_penalties" in describe_failures(modelled)
    assert failed_tests(modelled) == {}
