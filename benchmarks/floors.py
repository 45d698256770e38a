"""What the pipeline is held against, each measured in the same run as the pipeline itself."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from benchmarks.figures import result_of, run_python
from include.settings import REPOSITORY
from local.emulators.lifecycle import start, stop

# The DAG runs no unit tests either, and one model at a time, which gets all of DuckDB's memory.
_BUILD = ("build", "--full-refresh", "--exclude-resource-type", "unit_test", "--threads", "1")

_COPY = """
import sys
from pathlib import Path

import boto3
from include.ingest import pipeline
from include.settings import load_settings

services = pipeline.connect(load_settings(), boto3.client("s3"), boto3.resource("dynamodb"))
copy, block = Path(sys.argv[1]), 16 << 20
for file in services.drive.list_folder().files:
    with copy.open("wb") as target:
        for begin in range(0, file.size, block):
            target.write(services.drive.read_range(file, begin, min(begin + block, file.size)))
    services.store.upload_file(copy, "copied/" + file.name)
"""


def copy_seconds(home: Path, rawdata: Path) -> float:
    """Every file from Drive to disk and from there to S3, whole and one after the other: nothing resumes, nothing is verified."""
    shutil.rmtree(home, ignore_errors=True)
    services = start(home, rawdata)
    seconds, _ = run_python("-c", _COPY, str(home / "copy"), environment=services.environment())
    stop(home, discard=True)
    return seconds


def floor_seconds(home: Path, rawdata: Path) -> float:
    """One DuckDB process reads the same files and writes the same gold: see benchmarks/floor.py."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    _dbt(home, "compile")
    (home / "warehouse.duckdb").unlink(missing_ok=True)
    time.sleep(1)
    return float(result_of("-m", "benchmarks.floor", str(home), str(rawdata))["seconds"])


def dbt_build_seconds(home: Path, copy: Path) -> float:
    """`dbt build --full-refresh` without Airflow, on a copy of the home's warehouse."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    shutil.copy(home / "warehouse.duckdb", copy)
    _dbt(copy, "parse")  # the scheduler's project is parsed too
    return _dbt(copy, *_BUILD)


def _dbt(home: Path, *command: str) -> float:
    """Seconds of one dbt command."""
    project = str(REPOSITORY / "include" / "dbt_healthcare")
    where = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(home / "dbt"), "--log-path", str(home)]
    seconds, _ = run_python("-m", "dbt.cli.main", *command, *where, environment={"HEALTHCARE_HOME": str(home)})
    return seconds
