"""A worker: one process that runs one step of the pipeline, as an Airflow task process does, with a fault on the way.

Imported once by the fork server, so that each worker starts with everything loaded and dies without hurting another.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import boto3
import dbt.adapters.duckdb
import dbt.cli.main
import dbt.task.build  # noqa: F401
import duckdb  # noqa: F401 - loaded before the fork
from botocore.config import Config

from include.ingest import pipeline
from include.ingest.drive import service_account
from include.ingest.file_version import FileVersion
from include.ingest.planning import Plan
from include.settings import load_settings
from include.warehouse import publish
from include.warehouse.bronze_copy import copy_to_bronze
from include.warehouse.operations import run_dbt
from tests.faults.boundaries import Boundaries

HALT_SECONDS = 200.0


@dataclass(frozen=True)
class Fault:
    """What happens to the worker itself.

    `disk_full_at`: from this boundary on the disk takes not one byte more. `largest_file_bytes`: it is full as soon as a file
    is that large, so that a write fails in its middle.
    """

    kill_at: str | None = None
    halt_at: str | None = None
    disk_full_at: str | None = None
    largest_file_bytes: int | None = None
    trace: bool = False
    clock_shift_seconds: float = 0

    @property
    def has_boundary(self) -> bool:
        return bool(self.trace or self.kill_at or self.halt_at or self.disk_full_at)


@dataclass(frozen=True)
class Job:
    """One step: everything a worker needs, and the folder in which it leaves what it did."""

    step: str
    run_id: str
    environment: Mapping[str, str]
    folder: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    aws_read_seconds: float = 20.0


def work(job: Job) -> None:
    """The body of a worker's process: the outcome is written last, so that a killed worker leaves none."""
    folder = Path(job.folder)
    log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(job.environment)
    tempfile.tempdir = None  # the fork server has chosen its own
    if job.fault:
        _install(job.fault, folder)
    try:
        outcome: dict[str, Any] = {"result": _STEPS[job.step](job)}
    except Exception as error:  # noqa: BLE001 - whatever a step raises is the outcome of its task
        _make_room_on_the_disk()
        traceback.print_exc()
        outcome = {"error": type(error).__name__, "message": str(error)}
    _make_room_on_the_disk()
    (folder / "outcome.new").write_text(json.dumps(outcome, default=str), encoding="utf-8")
    (folder / "outcome.new").rename(folder / "outcome")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _install(fault: Fault, folder: Path) -> None:
    if fault.clock_shift_seconds:
        _shift_the_clock(fault.clock_shift_seconds)
    if fault.largest_file_bytes is not None:
        _fill_the_disk(fault.largest_file_bytes)
    if not fault.has_boundary:
        return
    passed = (folder / "passed").open("a", encoding="utf-8", buffering=1)

    def reached(boundary: str) -> None:
        if not passed.closed:
            passed.write(boundary + "\n")
        if boundary == fault.disk_full_at:
            passed.close()
            _fill_the_disk(0)
        if boundary == fault.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(HALT_SECONDS)
        if boundary == fault.halt_at:
            _halt(folder)

    Boundaries(reached, Path(os.environ["HEALTHCARE_HOME"])).install()


def _halt(folder: Path) -> None:
    """A worker that is swapped out, paused or cut off: it goes on when the test says so."""
    (folder / "halted").touch()
    deadline = time.monotonic() + HALT_SECONDS
    while not (folder / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def _fill_the_disk(largest_file_bytes: int) -> None:
    """The kernel refuses every write beyond, whoever makes it: Python, Arrow, DuckDB or dbt. As anyone may order it of himself,
    it needs no file system of its own; what was written before stays on the disk, as it does when a real one is full.

    What the task prints goes elsewhere, as it does in Airflow.
    """
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file_bytes, hard))


def _make_room_on_the_disk() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    for stream, told in ((sys.__stdout__, sys.stdout), (sys.__stderr__, sys.stderr)):
        if isinstance(told, io.StringIO) and stream:
            stream.write(told.getvalue())
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def _shift_the_clock(seconds: float) -> None:
    """This worker's clock is wrong; Python reads it by two doors, and both show the same time."""
    import datetime as datetime_module

    true_time = time.time

    class ShiftedDatetime(datetime_module.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime_module.datetime.fromtimestamp(true_time() + seconds, tz)

    time.time = lambda: true_time() + seconds
    for name, module in list(sys.modules.items()):
        if name.startswith("include.") and getattr(module, "datetime", None) is datetime_module.datetime:
            module.datetime = ShiftedDatetime  # type: ignore[attr-defined]


def _services(job: Job) -> pipeline.Services:
    config = Config(read_timeout=job.aws_read_seconds, connect_timeout=5)
    s3, dynamodb = boto3.client("s3", config=config), boto3.resource("dynamodb", config=config)
    key = os.environ.get("DRIVE_KEY")
    credentials = service_account(json.loads(key)) if key else None
    return pipeline.connect(load_settings(), s3, dynamodb, credentials)


def _plan(job: Job) -> dict[str, Any]:
    return pipeline.plan(_services(job)).as_dict()


def _land(job: Job) -> None:
    services = _services(job)
    for file in job.arguments["files"]:
        pipeline.land(services, FileVersion(**file), job.run_id)


def _to_certify(job: Job) -> dict[str, Any]:
    return pipeline.plan_to_certify(_services(job), Plan.from_dict(job.arguments["planned"])).as_dict()


def _certify(job: Job) -> None:
    services = _services(job)
    for file in job.arguments["files"]:
        pipeline.certify(services, FileVersion(**file), job.run_id)


def _copy(job: Job) -> list[dict[str, Any]]:
    return [asdict(file) for file in copy_to_bronze(_services(job), job.run_id)]


def _dbt(job: Job) -> None:
    run_dbt(load_settings(), "--quiet", "--no-write-json", *job.arguments["command"])


def _build(job: Job) -> None:
    """What the DAG does with dbt, in one worker; tests only where they are asked for."""
    settings, quiet = load_settings(), ("--quiet", "--no-write-json")
    run_dbt(settings, *quiet, "seed")
    run_dbt(settings, *quiet, "run")
    if job.arguments.get("tested"):
        run_dbt(settings, *quiet, "test", "--exclude-resource-type", "unit_test")


def _fingerprint(job: Job) -> str:
    return publish.gold_fingerprint(load_settings())


def _publish(job: Job) -> dict[str, int]:
    return publish.publish_gold(load_settings(), job.run_id, job.arguments.get("built_from"))


def _is_published(job: Job) -> bool:
    return publish.is_published(load_settings())


_STEPS: dict[str, Callable[[Job], Any]] = {
    "plan": _plan,
    "land": _land,
    "to_certify": _to_certify,
    "certify": _certify,
    "copy_to_bronze": _copy,
    "dbt": _dbt,
    "build": _build,
    "fingerprint": _fingerprint,
    "publish": _publish,
    "is_published": _is_published,
}
