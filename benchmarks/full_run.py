"""(a) The `full` sample from Drive to gold against one DuckDB process; (c) a second run with nothing new against the first."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.figures import Figure, run_python, stop_home
from benchmarks.floors import floor_seconds
from benchmarks.sample import full_sample
from local.emulators.lifecycle import start
from local.run.airflow_home import describe_home, prepare


def measure(folder: Path) -> list[Figure]:
    rawdata = full_sample(folder)
    floor = floor_seconds(folder / "floor-home", rawdata)
    home = folder / "full-home"
    shutil.rmtree(home, ignore_errors=True)
    prepare(describe_home(home, start(home, rawdata)))  # installing and migrating are not part of a run
    first, _ = run_python("-m", "local.run.run", "--home", str(home), "--rawdata", str(rawdata))
    stamp = (home / "warehouse.duckdb").stat().st_mtime_ns
    second, output = run_python("-m", "local.run.run", "--home", str(home), "--rawdata", str(rawdata))
    if "0 rows into bronze" not in output or (home / "warehouse.duckdb").stat().st_mtime_ns != stamp:
        raise SystemExit("the second run was to write nothing, but it did")
    stop_home(home)
    return [
        Figure("full sample, Drive to gold", first / floor, "x the floor", 5.0, f"{first:.0f} s against {floor:.1f} s"),
        Figure("second run with nothing new", 100 * second / first, "% of the first", 10.0, f"{second:.1f} s"),
    ]
