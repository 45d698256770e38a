"""(a) The `full` sample from Drive to gold against one DuckDB process; (c) a second run with nothing new against the first."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

from benchmarks.figures import REPOSITORY, Figure, run_python, stop_home
from benchmarks.sample import full_sample
from include.embedded.airflow_home import describe_home, prepare
from include.local_cloud.services import start


def measure(folder: Path) -> list[Figure]:
    rawdata = full_sample(folder)
    floor = _floor(folder / "floor-home", rawdata)
    home = folder / "full-home"
    shutil.rmtree(home, ignore_errors=True)
    prepare(describe_home(home, start(home, rawdata)))  # installing and migrating are not part of a run
    first, _ = run_python("-m", "include.embedded.run", "--home", str(home), "--rawdata", str(rawdata))
    stamp = (home / "warehouse.duckdb").stat().st_mtime_ns
    second, output = run_python("-m", "include.embedded.run", "--home", str(home), "--rawdata", str(rawdata))
    if "0 rows into bronze" not in output or (home / "warehouse.duckdb").stat().st_mtime_ns != stamp:
        raise SystemExit("the second run was to write nothing, but it did")
    stop_home(home)
    return [
        Figure("full sample, Drive to gold", first / floor, "x the floor", 5.0, f"{first:.0f} s against {floor:.1f} s"),
        Figure("second run with nothing new", 100 * second / first, "% of the first", 10.0, f"{second:.1f} s"),
    ]


def _floor(home: Path, rawdata: Path) -> float:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    project = str(REPOSITORY / "include" / "dbt_healthcare")
    where = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(home / "dbt")]
    environment = {"HEALTHCARE_HOME": str(home)}
    run_python("-m", "dbt.cli.main", "compile", "--no-introspect", *where, "--log-path", str(home), environment=environment)
    (home / "warehouse.duckdb").unlink(missing_ok=True)
    time.sleep(1)
    _, output = run_python("-m", "benchmarks.floor", str(home), str(rawdata))
    (line,) = [line for line in output.splitlines() if line.startswith("RESULT")]
    return float(json.loads(line.removeprefix("RESULT "))["seconds"])
