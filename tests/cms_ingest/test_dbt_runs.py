"""dbt as the tasks start it: two tasks at one DuckDB file take turns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from include.cms_ingest.dbt_runs import DbtRunner, describe_failures, failed_tests
from include.cms_ingest.settings import REPOSITORY, Settings, load_settings

BUILD_A_SEED = """
from include.cms_ingest.settings import load_settings
from include.cms_ingest.warehouse import run_dbt

for _ in range(3):
    run_dbt(load_settings(), "seed", "--select", "states")
"""


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
        assert not DbtRunner(settings=settings).invoke(["--no-such-option"]).success


@pytest.mark.slow
@pytest.mark.usefixtures("dbt_home")
def test_failed_data_test_is_told_apart_from_a_failed_model() -> None:
    settings = load_settings()
    where = ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir), "--no-write-json"]
    runner = DbtRunner(settings=settings)
    assert runner.invoke(["seed", "--select", "states", *where]).success
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        ((schema,),) = warehouse.execute("select schema_name from duckdb_tables() where table_name = 'states'").fetchall()
        warehouse.execute(f"insert into {schema}.states select * from {schema}.states limit 1")

    tested = runner.invoke(["test", "--select", "states", *where])
    assert [name for name in failed_tests(tested) if name.startswith("unique_states")]
    assert all(name in describe_failures(tested) for name in failed_tests(tested))

    modelled = runner.invoke(["run", "--select", "fct_penalties", *where])
    assert "fct_penalties" in describe_failures(modelled)
    assert failed_tests(modelled) == []
