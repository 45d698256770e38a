"""(e) Seconds that importing the DAG file takes, in a process that has Airflow loaded as the DAG processor has."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.figures import Figure, result_of
from local.emulators.lifecycle import start, stop
from local.run.airflow_home import describe_home, write_manifest_if_stale

_TIMED = """
import sys, time
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
sys.path.insert(0, "dags")
started = time.perf_counter()
bag = BundleDagBag("dags", bundle_path=Path("dags"), bundle_name="dags")
assert bag.dags and not bag.import_errors
print("RESULT", time.perf_counter() - started)
"""
_RUNS = 5


def measure(folder: Path) -> list[Figure]:
    home = folder / "import-home"
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    airflow = describe_home(home, start(home, empty))
    write_manifest_if_stale(airflow)
    seconds = [float(result_of("-c", _TIMED, environment=airflow.environment)) for _ in range(_RUNS)]
    stop(home)
    how = f"median of {_RUNS} imports, {min(seconds):.2f} to {max(seconds):.2f} s, Cosmos's own import included"
    return [Figure("DAG file import", statistics.median(seconds), "s", 1.0, how)]
