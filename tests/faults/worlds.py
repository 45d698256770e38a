"""Worlds: a Drive folder, a bucket, a checkpoint table and a home of their own, and the workers that run in them.

A world is copied from a snapshot of the undisturbed run, so a fault starts in the very state that it is about.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from local.emulators.aws_clients import LocalAws
from local.emulators.aws_resources import ResourceNames, create_missing
from tests.emulators.drive_server import DriveServer, running_drive_server
from tests.faults.worker import Fault, Job, work

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.fork_server"])

#: multiprocessing looks at all its children whenever one is started, and only one thread may read how a child has ended.
_ONE_AT_A_TIME = threading.Lock()
LONGEST_STEP_SECONDS = 240.0
LEASE_SECONDS = 2
RERUNS = 3
_KEY = ("file_id", "file_md5")

File = dict[str, Any]


def start_fork_server(home: Path) -> None:
    """In a home whose dbt project is parsed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEALTHCARE_HOME", str(home))
        forkserver.ensure_running()


@dataclass(frozen=True)
class Cloud:
    """The S3 and DynamoDB that all worlds share, each with a bucket and a table of its own."""

    url: str
    aws: LocalAws


@dataclass(frozen=True)
class Outcome:
    """What became of a worker: a result, an error, or nothing when it was killed."""

    exit_code: int | None
    result: Any = None
    error: str | None = None
    message: str = ""
    log: str = ""
    passed: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.exit_code == 0 and self.error is None

    @property
    def was_killed(self) -> bool:
        return self.exit_code == -9


@dataclass
class Worker:
    """A running worker."""

    process: BaseProcess
    folder: Path

    def wait(self) -> Outcome:
        deadline = time.monotonic() + LONGEST_STEP_SECONDS
        while self._is_alive():
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"a worker did not end: {self._read('log')[-3000:]}")
            time.sleep(0.01)
        told = json.loads(self._read("outcome") or "{}")
        passed = tuple(self._read("passed").splitlines())
        return Outcome(self.process.exitcode, log=self._read("log"), passed=passed, **told)

    def _is_alive(self) -> bool:
        with _ONE_AT_A_TIME:
            return self.process.is_alive()

    def wait_until_halted(self) -> None:
        deadline = time.monotonic() + LONGEST_STEP_SECONDS
        while not (self.folder / "halted").exists():
            assert self._is_alive(), f"the worker ended before it halted: {self._read('log')[-3000:]}"
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def go_on(self) -> None:
        (self.folder / "go").touch()

    def kill(self) -> None:
        with _ONE_AT_A_TIME:
            self.process.kill()

    def has_ended_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self._is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._is_alive()

    def _read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


@dataclass
class World:
    cloud: Cloud
    folder: Path
    names: ResourceNames
    server: DriveServer | None = None
    overrides: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def rawdata(self) -> Path:
        return self.folder / "rawdata"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def drive(self) -> DriveServer:
        assert self.server is not None
        return self.server

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "HEALTHCARE_HOME": str(self.home),
            "TMPDIR": str(self._made("tmp")),
            "DBT_TARGET": "duckdb",
            "DRIVE_API_ENDPOINT": self.server.url if self.server else "http://127.0.0.1:1",
            "DRIVE_LONGEST_WAIT_SECONDS": "0.05",
            "S3_BUCKET": self.names.bucket,
            "DYNAMODB_TABLE": self.names.table,
            "PART_BYTES": str(5 * 1024 * 1024),
            "LEASE_SECONDS": str(LEASE_SECONDS),
            **self.overrides,
        }

    def start(
        self, step: str, run_id: str = "run-1", fault: Fault | None = None, aws_read_seconds: float = 20.0, **arguments: Any
    ) -> Worker:
        folder = Path(tempfile.mkdtemp(prefix=f"{step}-", dir=self._made("workers")))
        job = Job(step, run_id, self.environment(), str(folder), arguments, fault, aws_read_seconds)
        process = FORKS.Process(target=work, args=(job,))
        with _ONE_AT_A_TIME:
            process.start()
        return Worker(process, folder)

    def run(self, step: str, run_id: str = "run-1", fault: Fault | None = None, **arguments: Any) -> Outcome:
        return self.start(step, run_id, fault, **arguments).wait()

    def must(self, step: str, run_id: str = "run-1", **arguments: Any) -> Any:
        """A step that nothing disturbs."""
        outcome = self.run(step, run_id, **arguments)
        assert outcome.is_done, f"{step}: {outcome.error}: {outcome.message}\n{outcome.log[-3000:]}"
        return outcome.result

    def clear(self, step: str, run_id: str = "run-1", **arguments: Any) -> Any:
        """What the operator does with a red task, until it is green; returns its result."""
        for _ in range(RERUNS):
            outcome = self.run(step, run_id, **arguments)
            if outcome.is_done:
                return outcome.result
        raise AssertionError(f"{step} stays red: {outcome.error}: {outcome.message}\n{outcome.log[-3000:]}")

    def ingest(self, planned: dict[str, Any], run_id: str = "run-1") -> None:
        """What the plan has found, from there to certified."""
        self.must("land", run_id, files=planned["work"])
        self.must("certify", run_id, files=self.must("to_certify", run_id, planned=planned)["work"])

    def finish(self, run_id: str = "run-1", *, tested: bool = False) -> None:
        """The rest of a run behind ingestion."""
        self.must("copy_to_bronze", run_id)
        self.must("build", run_id, tested=tested)
        self.must("publish", run_id)

    def _made(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(exist_ok=True, parents=True)
        return path


class WorldMaker:
    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder

    def empty(self, rawdata: Path, parsed_project: Path) -> World:
        world = self._named()
        shutil.copytree(rawdata, world.rawdata)
        shutil.copytree(parsed_project, world.home / "dbt")
        return world

    def copy(self, source: World) -> World:
        world = self._named()
        for name in ("home", "rawdata"):
            shutil.copytree(source.folder / name, world.folder / name, symlinks=True)
        self._copy_objects(source.names.bucket, world.names.bucket)
        items = self.cloud.aws.dynamodb.scan(TableName=source.names.table, ConsistentRead=True)["Items"]
        for item in items:
            self.cloud.aws.dynamodb.put_item(TableName=world.names.table, Item=item)
        return world

    @contextmanager
    def copied(self, source: World) -> Iterator[World]:
        """A living copy, gone when the test is done with it."""
        world = self.copy(source)
        with running(world):
            try:
                yield world
            finally:
                self.drop(world)

    def put_back(self, world: World, to: World) -> None:
        """Home, objects and checkpoints as `to` has them; the folder of Drive stays."""
        shutil.rmtree(world.home)
        shutil.copytree(to.home, world.home, symlinks=True)
        mine, theirs = set(keys(self.cloud, world.names.bucket)), set(keys(self.cloud, to.names.bucket))
        for key in mine - theirs:
            self.cloud.aws.s3.delete_object(Bucket=world.names.bucket, Key=key)
        for key in theirs - mine:
            self._copy_object(key, to.names.bucket, world.names.bucket)
        items, wanted = self._items(world), self._items(to)
        for gone in items.keys() - wanted.keys():
            wire_key = {name: {"S": text} for name, text in zip(_KEY, gone, strict=True)}
            self.cloud.aws.dynamodb.delete_item(TableName=world.names.table, Key=wire_key)
        for version, item in wanted.items():
            if items.get(version) != item:
                self.cloud.aws.dynamodb.put_item(TableName=world.names.table, Item=item)

    def _items(self, world: World) -> dict[tuple[str, ...], dict[str, Any]]:
        items = self.cloud.aws.dynamodb.scan(TableName=world.names.table, ConsistentRead=True)["Items"]
        return {tuple(item[name]["S"] for name in _KEY): item for item in items}

    def take_back(self, world: World, file: File, to: World) -> None:
        """Puts one file into the state that an earlier snapshot has it in, be it that no run had seen it."""
        kept = keys(self.cloud, to.names.bucket)
        for key in keys(self.cloud, world.names.bucket):
            if file["file_md5"] in key and key not in kept:
                self.cloud.aws.s3.delete_object(Bucket=world.names.bucket, Key=key)
        self._copy_item(file, to, world)

    def bring(self, world: World, file: File, of: World) -> None:
        """Puts one file into the state that a later snapshot has it in."""
        for key in keys(self.cloud, of.names.bucket):
            if file["file_md5"] in key:
                self._copy_object(key, of.names.bucket, world.names.bucket)
        self._copy_item(file, of, world)

    def members_of(self, world: World, archive: File) -> list[File]:
        """All that was taken out of the archive, by file id and md5."""
        return [
            dict(zip(_KEY, key, strict=True))
            for key, item in self._items(world).items()
            if item.get("archive_md5") == {"S": archive["file_md5"]}
        ]

    def forget(self, world: World, file: File) -> None:
        """As if no run had seen the file yet."""
        key = {name: {"S": file[name]} for name in _KEY}
        self.cloud.aws.dynamodb.delete_item(TableName=world.names.table, Key=key)

    def _copy_item(self, file: File, source: World, target: World) -> None:
        key = {name: {"S": file[name]} for name in _KEY}
        found = self.cloud.aws.dynamodb.get_item(TableName=source.names.table, Key=key, ConsistentRead=True)
        if "Item" in found:
            self.cloud.aws.dynamodb.put_item(TableName=target.names.table, Item=found["Item"])
        else:
            self.forget(target, file)

    def drop(self, world: World) -> None:
        shutil.rmtree(world.folder, ignore_errors=True)
        for key in keys(self.cloud, world.names.bucket):
            self.cloud.aws.s3.delete_object(Bucket=world.names.bucket, Key=key)
        self.cloud.aws.dynamodb.delete_table(TableName=world.names.table)

    def _named(self) -> World:
        name = f"world-{uuid.uuid4().hex}"
        names = ResourceNames(name, name)
        create_missing(self.cloud.aws, names)
        world = World(self.cloud, self.folder / name, names)
        world.folder.mkdir(parents=True)
        return world

    def _copy_objects(self, source: str, target: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda key: self._copy_object(key, source, target), keys(self.cloud, source)))

    def _copy_object(self, key: str, source: str, target: str) -> None:
        self.cloud.aws.s3.copy_object(Bucket=target, Key=key, CopySource={"Bucket": source, "Key": key})


def etags(world: World) -> dict[str, str]:
    pages = world.cloud.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=world.names.bucket)
    return {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}


def keys(cloud: Cloud, bucket: str) -> list[str]:
    pages = cloud.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


@contextmanager
def running(world: World) -> Iterator[World]:
    """With its Drive server."""
    with ExitStack() as stack:
        world.server = stack.enter_context(running_drive_server(world.rawdata))
        yield world
    world.server = None
