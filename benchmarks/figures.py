"""A measured figure beside its target, and the processes that measuring needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.settings import REPOSITORY


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    target: float
    how: str

    @property
    def is_met(self) -> bool:
        return self.value <= self.target

    def line(self) -> str:
        verdict = "met   " if self.is_met else "MISSED"
        return f"{verdict} {self.name}: {self.value:.2f} {self.unit} (target {self.target:g})  [{self.how}]"


def run_python(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[float, str]:
    """Wall seconds and standard output of a Python process in the repository; raises with its output when it fails."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return time.perf_counter() - started, done.stdout


def result_of(*arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """What a Python process prints in its one line that begins with RESULT, as JSON."""
    _, output = run_python(*arguments, environment=environment)
    (line,) = [line for line in output.splitlines() if line.startswith("RESULT")]
    return json.loads(line.removeprefix("RESULT "))


def stop_home(home: Path) -> None:
    run_python("-m", "local.run", "down", "--home", str(home))
