"""`make on-call ARGS="…"`: the verbs as the runbook writes them, also when nothing runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.settings import REPOSITORY
from local import processes

pytestmark = pytest.mark.slow


def on_call(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    rawdata = home.parent / "rawdata"
    rawdata.mkdir(exist_ok=True)
    environment = {**os.environ, "HEALTHCARE_HOME": str(home), "RAWDATA": str(rawdata), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "local.run.on_call", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)


def test_verb_finds_its_services_and_leaves_none_running(tmp_path: Path) -> None:
    home = tmp_path / "home"
    status, unknown = on_call(home, "status"), on_call(home, "retry", "nothing.csv")
    assert (status.returncode, status.stdout.split()[:3]) == (0, ["file", "family", "period"]), status.stderr
    assert (unknown.returncode, "'nothing.csv'" in unknown.stderr) == (2, True)
    assert processes.processes_of(home) == []
