"""Background processes of a home: found whatever became of their parent, never mistaken, ended with all their children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from local.errors import ProcessRecordUnreadableError, ProgramDidNotStartError
from local.processes import Program

SLEEP = "import time; time.sleep(120)"
# A parent with a child, as Airflow's `standalone` has; both ignore a polite end.
FAMILY = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"])
time.sleep(120)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home of somebody"
    yield folder
    processes.stop(folder)


def started(home: Path, script: str = SLEEP, name: str = "Airflow") -> Program:
    program = processes.start_program(home, name, [sys.executable, "-c", script], os.environ)
    processes.record(home, program)
    return program


def wait_for_processes(home: Path, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(processes.processes_of(home)) != count and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(processes.processes_of(home)) == count


def test_program_is_recognized_from_its_first_instant_to_its_last(home: Path) -> None:
    for _ in range(20):
        program = started(home)
        assert processes.is_alive(home, program)
        os.kill(program.pid, signal.SIGKILL)
        os.waitpid(program.pid, 0)
        assert not processes.is_alive(home, program)


def test_children_of_a_killed_parent_are_found_and_ended(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_END_SECONDS", 0.5)
    program = started(home, FAMILY)
    wait_for_processes(home, 2)
    os.kill(program.pid, signal.SIGKILL)
    os.waitpid(program.pid, 0)
    assert not processes.is_alive(home, program)
    assert len(processes.processes_of(home)) == 1
    processes.stop(home, "Airflow")
    assert processes.processes_of(home) == []


def test_foreign_process_with_a_recorded_pid_is_neither_trusted_nor_harmed(home: Path) -> None:
    home.mkdir()
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as stranger:
        program = Program(name="Airflow", pid=stranger.pid, log=home / "log")
        processes.record(home, program)
        assert not processes.is_alive(home, program)
        processes.stop(home)
        assert stranger.poll() is None
        stranger.kill()


def test_program_of_another_home_is_left_alone(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    theirs = started(other)
    started(home)
    processes.stop(home)
    assert processes.processes_of(home) == []
    assert processes.is_alive(other, theirs)
    processes.stop(other)


def test_only_the_named_programs_are_stopped(home: Path) -> None:
    started(home, name="Airflow")
    dashboard = started(home, name="Dashboard")
    processes.stop(home, "Airflow")
    assert [process.pid for process in processes.processes_of(home)] == [dashboard.pid]


def test_program_that_dies_at_its_start_is_reported_with_the_end_of_its_log(home: Path) -> None:
    program = started(home, "raise SystemExit('the port is mine')")
    with pytest.raises(ProgramDidNotStartError, match="the port is mine"):
        processes.wait_until_it_answers(home, program)


def test_record_is_kept_until_it_is_forgotten_and_a_damaged_one_is_named(home: Path) -> None:
    program = started(home)
    assert processes.recorded(home) == {"Airflow": program}
    processes.forget(home, "Airflow")
    assert processes.recorded(home) == {}
    (home / "processes.json").write_text("{")
    with pytest.raises(ProcessRecordUnreadableError, match=r"processes\.json"):
        processes.recorded(home)
