"""`make up`, `status`, `down` and an interrupted `make run` say the truth and leave nothing behind. Run in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from include.settings import REPOSITORY
from local.processes import processes_of, recorded
from local.run.stages import RunEvents
from local.sample import SampleSize, write_sample
from tests.end_to_end.airflow_api import wait_for
from tests.end_to_end.conftest import Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

START_SECONDS = 300


@pytest.fixture(scope="module")
def home(home: Home) -> Home:
    write_sample(home.rawdata, SampleSize.small())
    return home


def local_run(home: Home, verb: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.run", verb, "--home", str(home.home), "--rawdata", str(home.rawdata)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def is_landing(home: Home) -> bool:
    stages = {stage.stage: stage for stage in RunEvents(home.home).stages(is_run_over=False)}
    return "land" in stages and stages["land"].done > 0


def test_interrupted_run_ends_cleanly_and_says_so(home: Home, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.run.run", "--home", str(home.home), "--rawdata", str(home.rawdata)]
    as_in_foreground = partial(signal.signal, signal.SIGINT, signal.default_int_handler)  # a shell's background ignores Ctrl-C
    with (
        (tmp_path / "output").open("w+") as output,
        subprocess.Popen(command, cwd=REPOSITORY, stdout=output, preexec_fn=as_in_foreground) as run,  # noqa: PLW1509
    ):
        wait_for(lambda: is_landing(home), START_SECONDS, "the landing of a file")
        second, other = local_run(home, "status"), local_run(home, "up")
        run.send_signal(signal.SIGINT)
        assert run.wait() == 130
        said = (tmp_path / "output").read_text()
    assert second.returncode == 0
    assert "under way" in second.stdout
    assert other.returncode == 1
    assert "`make run` of" in other.stderr
    assert "Interrupted" in said
    assert "continues where this one stopped" in said
    assert "Nothing is left running" in said
    assert processes_of(home.home) == []
    assert home.run_states() == ["failed"]
    assert local_run(home, "down").returncode == 0


def test_up_says_where_everything_is_and_when_the_dag_runs(home: Home) -> None:
    done = local_run(home, "up")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = {line.split("  ")[0].strip() for line in done.stdout.splitlines()}
    assert lines >= {"Drive", "S3, DynamoDB", "Airflow", "Dashboard"}
    assert "The DAG healthcare_pipeline runs daily" in done.stdout
    assert local_run(home, "status").returncode == 0


def test_run_beside_up_is_refused(home: Home) -> None:
    """The scheduler would run the tasks of that run a second time."""
    done = home.run()
    assert done.returncode == 1
    assert "`make up` of" in done.stdout
    assert "Trigger the DAG on Airflow's page" in done.stdout
    assert local_run(home, "status").returncode == 0


def test_environment_for_the_on_call_verbs_is_printed_for_a_shell(home: Home) -> None:
    lines = local_run(home, "env").stdout.splitlines()
    said = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    assert all(line.startswith("export ") for line in lines)
    assert said["DRIVE_API_ENDPOINT"] == recorded(home.home)["Drive"].url
    assert said["AWS_ENDPOINT_URL"] == recorded(home.home)["S3, DynamoDB"].url


def test_killed_airflow_is_named_and_replaced_with_all_its_children(home: Home) -> None:
    before = {process.pid for process in processes_of(home.home, "Airflow")}
    os.kill(recorded(home.home)["Airflow"].pid, signal.SIGKILL)
    status = local_run(home, "status")
    assert status.returncode == 1
    assert "Airflow       is dead. Start it again: make up" in status.stdout
    assert "Dashboard" in status.stdout
    assert local_run(home, "up").returncode == 0
    assert not before & {process.pid for process in processes_of(home.home, "Airflow")}


def test_killed_scheduler_is_named(home: Home) -> None:
    schedulers = [process for process in processes_of(home.home, "Airflow") if process.cmdline()[-1] == "scheduler"]
    assert len(schedulers) == 1
    schedulers[0].kill()
    wait_for(lambda: "unhealthy: scheduler" in local_run(home, "status").stdout, 120, "the missing heartbeat")


def test_down_leaves_no_process_and_no_dead_address(home: Home) -> None:
    began = time.monotonic()
    done = local_run(home, "down")
    assert done.returncode == 0
    assert time.monotonic() - began < START_SECONDS
    assert "Saved:" in done.stdout
    assert processes_of(home.home) == []
    assert local_run(home, "env").returncode == 1
    assert f"Nothing of {home.home} is running" in local_run(home, "status").stdout
