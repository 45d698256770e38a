"""`rebuild`: the same warehouse from S3 alone, also after a kill; refused while somebody works or S3 lacks something."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from include.ingest import pipeline
from include.ingest.checkpoints import Status
from include.ingest.pipeline import Services
from include.on_call.__main__ import main
from include.settings import REPOSITORY, load_settings
from include.warehouse.bronze_copy import copy_to_bronze
from include.warehouse.operations import run_dbt
from include.warehouse.publish import publish_gold, read_manifest
from local.sample import SampleSize, write_sample
from tests.checkpoints import recorded
from tests.faults.comparison import Difference, warehouse_differences

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PENALTIES = "NH_Penalties_Feb2025.csv"


@pytest.fixture
def run_once(services: Services, dbt_home: Path) -> Callable[[], None]:
    """What the DAG does, without Airflow."""

    def run() -> None:
        for file in pipeline.plan(services).work:
            pipeline.land(services, file, "run-1")
            pipeline.certify(services, file, "run-1")
        copy_to_bronze(services, "run-1")
        run_dbt(load_settings(), "--quiet", "--no-write-json", "build", "--exclude-resource-type", "unit_test")
        publish_gold(load_settings(), "run-1")

    return run


@pytest.fixture
def one_file(rawdata: Path, services: Services, dbt_home: Path, csv_of: Callable[..., bytes]) -> Path:
    """A home with one file in bronze, which is all that a refusal needs; its warehouse. A fine below zero fails a data test."""
    penalty = {"ccn": "015009", "penalty_date": "2024-01-02", "fine_amount_usd": "-5", "processing_date": "2025-02-01"}
    (rawdata / PENALTIES).write_bytes(csv_of("nh_penalties", [penalty]))
    for file in pipeline.plan(services).work:
        pipeline.land(services, file, "run-1")
        pipeline.certify(services, file, "run-1")
    copy_to_bronze(services, "run-1")
    return load_settings().warehouse_path


def rebuild(environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "include.on_call", "rebuild", *arguments]
    return subprocess.Popen(command, env=dict(environment), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def kill_when_it_says(environment: Mapping[str, str], words: str) -> None:
    with rebuild(environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if words in line:
                process.kill()
                break
        assert process.wait() == -signal.SIGKILL


def test_killed_anywhere_and_begun_again_it_ends_in_the_same_rows_without_drive(
    run_once: Callable[[], None], rawdata: Path, services: Services, environment: Mapping[str, str], tmp_path: Path
) -> None:
    write_sample(rawdata, SampleSize(facilities=60, quarters=2, vintages=2))
    run_once()
    settings = load_settings()
    original = tmp_path / "original.duckdb"
    shutil.copy(settings.warehouse_path, original)
    published = read_manifest(settings)
    without_drive = {**environment, "DRIVE_API_ENDPOINT": "http://127.0.0.1:1"}

    for words in ("certified files are in S3", "dropped the warehouse", "rows into bronze", "built silver and gold"):
        kill_when_it_says(without_drive, words)
        assert read_manifest(settings) == published
    with rebuild(without_drive) as process:
        said, _ = process.communicate()

    assert process.returncode == 0, said
    assert differences(original, settings.warehouse_path) == []
    assert known_since(settings.warehouse_path) == known_since(original)
    assert read_manifest(settings)["rows"] == published["rows"]
    assert read_manifest(settings)["fingerprint"] == published["fingerprint"]
    assert {item.status for item in services.checkpoints.all()} == {Status.LOADED}
    assert main(["verify", "--deep"]) == 0


def differences(original: Path, rebuilt: Path) -> list[Difference]:
    return [found for found in warehouse_differences(original, rebuilt) if found.rows]


def known_since(warehouse: Path) -> list[tuple[str, datetime]]:
    """What "as known on" a date goes by."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("select file_md5, loaded_at from bronze.load_ledger order by 1").fetchall()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `rebuild` says when it refuses."""
    capsys.readouterr()
    assert main(["rebuild", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_lost_object_is_named_and_nothing_is_dropped(
    one_file: Path, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkpoint,) = services.checkpoints.all()
    services.store.delete(recorded(checkpoint.certified).bronze_key)
    assert recorded(checkpoint.certified).bronze_key in refused(capsys)
    assert one_file.exists()
    assert [item.status for item in services.checkpoints.all()] == [Status.LOADED]


def test_file_that_is_worked_on_keeps_the_warehouse(
    one_file: Path, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkpoint,) = services.checkpoints.all()
    with services.checkpoints.claim(checkpoint, "run of tonight"):
        assert "'run of tonight'" in refused(capsys)
    assert one_file.exists()


@pytest.mark.parametrize("lock", ["stage.lock", "warehouse.lock"])
def test_copy_or_model_that_is_at_work_keeps_the_warehouse(lock: str, one_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with held(one_file.with_name(lock)):
        assert lock in refused(capsys)
    assert one_file.exists()


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """By another process."""
    holder = f"""
import sys
from filelock import FileLock
with FileLock({str(lock)!r}):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        assert process.stdin is not None
        process.stdin.close()


def test_run_that_has_not_ended_keeps_the_warehouse_unless_it_is_known_to_be_dead(
    one_file: Path, environment: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    airflow = environment_of_airflow(load_settings().healthcare_home, environment)
    assert run(airflow, "-m", "airflow", "db", "migrate").returncode == 0
    with held(one_file.with_name("stage.lock")):  # so that it is refused in any case, and drops nothing
        assert "stage.lock" in refused(capsys)  # Airflow has not seen the DAG yet

        dag = one_file.with_name("dags") / "healthcare_pipeline.py"
        dag.parent.mkdir()
        dag.write_text(END_A_RUN_AND_DIE_IN_THE_NEXT)
        assert run(airflow, "-m", "airflow", "dags", "reserialize").returncode == 0
        killed = run(airflow, str(dag))
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        triggered = run(airflow, "-m", "airflow", "dags", "trigger", "healthcare_pipeline", "--run-id", "run-queued")
        assert triggered.returncode == 0, triggered.stderr

        running, queued = unfinished(refused(capsys))
        assert (running[:8], queued) == ("manual__", "run-queued")
        assert unfinished(refused(capsys, "--dead-run", "run-queued")) == [running]
        assert "stage.lock" in refused(capsys, "--dead-run", "run-queued", "--dead-run", running)


END_A_RUN_AND_DIE_IN_THE_NEXT = """
import os, signal
from airflow.sdk import DAG, task

with DAG("healthcare_pipeline") as dag:

    @task
    def work(dag_run):
        if dag_run.conf.get("dies"):
            os.kill(os.getpid(), signal.SIGKILL)

    work()

if __name__ == "__main__":
    assert dag.test().state == "success"
    dag.test(run_conf={"dies": True})
"""


def environment_of_airflow(home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """As `make run` sets it."""
    return {
        **environment,
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow' / 'airflow.db'}",
    }


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=dict(environment), cwd=REPOSITORY, capture_output=True, text=True, check=False)


def unfinished(words: str) -> list[str]:
    """The runs that it names."""
    return words.removeprefix("These runs have not ended: ").partition(". ")[0].split(", ")


def test_airflow_that_cannot_list_its_runs_keeps_the_warehouse(one_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = load_settings().healthcare_home / "airflow" / "airflow.db"
    database.parent.mkdir()
    database.write_bytes(b"")
    assert "Airflow cannot list its runs" in refused(capsys)
    assert one_file.exists()


def test_gold_that_fails_a_test_is_not_published(one_file: Path, services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["rebuild"]) == 2
    said = capsys.readouterr().out
    assert "loaded 1 rows into bronze" in said
    assert "every test passed" not in said
    assert not (load_settings().published_dir / "current").exists()
    assert [item.status for item in services.checkpoints.all()] == [Status.LOADED]
