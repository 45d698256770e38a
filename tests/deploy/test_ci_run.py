""".ci/run with a `make` that only writes down what it was asked for, in repositories of one, two, … commits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from include.settings import REPOSITORY

FAKE_MAKE = """#!/bin/sh
echo "$1" >> "$ASKED"
[ "$1" != "$HANGS" ] || sleep 60
[ "$1" != "$FAILS" ]
"""
SLOW_SUITES = {"test-scheduler", "test-cloud", "test-faults", "test-browser"}
# Seconds after the start.
TOO_LATE_FOR_FAULTS, SHORTLY_BEFORE_THE_END = 3800, 5195
TIMED_OUT = 124


class Ci:
    """A repository with .ci/run, and programs that do nothing in front of the real ones."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder / "repository", folder / "asked"
        (self.folder / ".ci").mkdir(parents=True)
        shutil.copy(REPOSITORY / ".ci" / "run", self.folder / ".ci" / "run")
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name, script in {"make": FAKE_MAKE, "apt-get": "#!/bin/sh\n"}.items():
            (self.programs / name).write_text(script)
            (self.programs / name).chmod(0o755)
        self._git("init", "--quiet")

    def commit(self) -> None:
        who = ("-c", "user.name=CI", "-c", "user.email=ci@example.org")
        self._git(*who, "commit", "--quiet", "--allow-empty", "--message", "next")

    def run(self, seconds: int = 0, fails: str = "", hangs: str = "") -> subprocess.CompletedProcess[str]:
        """One run that began `seconds` ago: bash takes its clock from the environment."""
        path = f"{self.programs}:{os.environ['PATH']}"
        fake = {"ASKED": str(self.asked), "FAILS": fails, "HANGS": hangs}
        environment = {**os.environ, "PATH": path, "SECONDS": str(seconds), **fake}
        self.asked.unlink(missing_ok=True)
        command = ["bash", ".ci/run"]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def targets(self) -> list[str]:
        return [target for target in self.asked.read_text().split() if target != "down"]

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def ci(tmp_path: Path) -> Ci:
    made = Ci(tmp_path)
    made.commit()
    return made


def test_every_suite_runs_where_there_is_time(ci: Ci) -> None:
    done = ci.run()
    assert done.returncode == 0, done.stderr
    assert ci.targets()[:3] == ["check", "test", "run"]
    assert set(ci.targets()[3:]) == SLOW_SUITES
    assert f"passed: {' '.join(ci.targets())}" in done.stdout
    assert "left out" not in done.stdout


def test_suite_that_came_last_comes_first_after_one_more_commit(ci: Ci) -> None:
    last = set()
    for _ in SLOW_SUITES:
        ci.run()
        before = ci.targets()[3:]
        ci.commit()
        ci.run()
        assert ci.targets()[3:] == [before[-1], *before[:-1]]
        last.add(before[-1])
    assert last == SLOW_SUITES


def test_suite_that_no_longer_fits_is_left_out_and_named_with_the_reason(ci: Ci) -> None:
    done = ci.run(TOO_LATE_FOR_FAULTS)
    assert done.returncode == 0, done.stderr
    assert set(ci.targets()[3:]) == SLOW_SUITES - {"test-faults"}
    (said,) = [line for line in done.stdout.splitlines() if line.startswith("left out: ")]
    assert re.fullmatch(r"left out: test-faults \(38\d\d s are gone, and it may take 1500 s\)", said)


def test_suite_that_hangs_is_ended_before_ci_is(ci: Ci) -> None:
    done = ci.run(SHORTLY_BEFORE_THE_END, hangs="test")
    assert done.returncode == TIMED_OUT
    assert "== make test, after 519" in done.stdout
    assert f"exit code {TIMED_OUT}" in done.stdout


@pytest.mark.parametrize("target", ["check", "test", "run", "test-cloud"])
def test_run_is_red_and_ends_where_a_target_fails(ci: Ci, target: str) -> None:
    done = ci.run(fails=target)
    assert done.returncode != 0
    assert ci.targets()[-1] == target
    (passed,) = [line for line in done.stdout.splitlines() if line.startswith("passed:")]
    assert passed.split()[1:] == ci.targets()[:-1]
    assert ci.asked.read_text().split()[-1] == "down", "nothing is left running"
