"""S3 and DynamoDB from moto's server, a real Drive server over a folder, and steps of the pipeline on one file."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from include.ingest import pipeline
from include.ingest.certify import certify_file
from include.ingest.checkpoints import Checkpoint, Status, certified_of
from include.ingest.file_version import FileVersion
from include.ingest.pipeline import Services
from include.settings import REPOSITORY, Settings, load_settings
from include.warehouse.dbt_project import parse_project
from tests.emulators.drive_server import DriveServer, running_drive_server

MIB = 1024 * 1024


@pytest.fixture(scope="session")
def peak_memory() -> str:
    """A function for a script that gives its own peak in KiB; that of `getrusage` begins with the peak of its parent."""
    return """
def peak_memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
"""


@pytest.fixture(scope="session")
def aws_environment() -> Iterator[dict[str, str]]:
    """What boto3 must find in the environment to reach the one S3 and DynamoDB of this session."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line a request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    server.stop()


@pytest.fixture(scope="session")
def s3(aws_environment: Mapping[str, str]) -> Any:
    return _session().client("s3", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])


@pytest.fixture(scope="session")
def dynamodb(aws_environment: Mapping[str, str]) -> Any:
    return _session().resource("dynamodb", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])


def _session() -> boto3.Session:
    return boto3.Session("testing", "testing", region_name="us-east-1")


@pytest.fixture
def rawdata(tmp_path: Path) -> Path:
    folder = tmp_path / "rawdata"
    folder.mkdir()
    return folder


@pytest.fixture
def server(rawdata: Path) -> Iterator[DriveServer]:
    with running_drive_server(rawdata) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, s3: Any, dynamodb: Any) -> Settings:
    """A Drive address is added by `services`."""
    return fresh_settings(tmp_path / "home", s3, dynamodb)


def fresh_settings(home: Path, s3: Any, dynamodb: Any) -> Settings:
    """With a bucket and a table of their own."""
    name = f"test-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "file_id", "KeyType": "HASH"}, {"AttributeName": "file_md5", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "file_id", "AttributeType": "S"},
            {"AttributeName": "file_md5", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return Settings(
        healthcare_home=home,
        s3_bucket=name,
        dynamodb_table=name,
        part_bytes=5 * MIB,
        lease_seconds=3,
        drive_longest_wait_seconds=0.01,
        drive_api_endpoint="http://127.0.0.1:1",
    )


@pytest.fixture
def services(settings: Settings, server: DriveServer, s3: Any, dynamodb: Any) -> Services:
    with_drive = settings.model_copy(update={"drive_api_endpoint": server.url})
    return pipeline.connect(with_drive, s3, dynamodb)


@pytest.fixture
def no_drive(settings: Settings, s3: Any, dynamodb: Any) -> Services:
    """For steps that never ask Drive: it would refuse the connection."""
    return pipeline.connect(settings, s3, dynamodb)


@pytest.fixture
def environment(
    services: Services, aws_environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The same services as environment variables, for children and for the command line."""
    show_in_environment(services.settings, aws_environment, monkeypatch)
    yield {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    load_settings.cache_clear()


def show_in_environment(settings: Settings, aws_environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        **aws_environment,
        "HEALTHCARE_HOME": str(settings.healthcare_home),
        "DBT_TARGET": settings.dbt_target,
        "DRIVE_API_ENDPOINT": str(settings.drive_api_endpoint),
        "DRIVE_LONGEST_WAIT_SECONDS": str(settings.drive_longest_wait_seconds),
        "S3_BUCKET": settings.s3_bucket,
        "DYNAMODB_TABLE": settings.dynamodb_table,
        "PART_BYTES": str(settings.part_bytes),
        "LEASE_SECONDS": str(settings.lease_seconds),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project parsed once for all tests, as `make run` does before the DAG."""
    settings = Settings(healthcare_home=tmp_path_factory.mktemp("parsed"))
    assert parse_project(settings)
    return settings.dbt_target_dir


@pytest.fixture
def dbt_home(environment: Mapping[str, str], parsed_project: Path) -> Path:
    """A home in which dbt finds the project parsed."""
    shutil.copytree(parsed_project, load_settings().dbt_target_dir)
    return load_settings().healthcare_home


@pytest.fixture
def new_home(
    tmp_path: Path,
    s3: Any,
    dynamodb: Any,
    aws_environment: Mapping[str, str],
    parsed_project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[Path], Services]]:
    """Services over a folder, with a bucket, a table and a home of their own, in which dbt works until there is a newer one."""
    with ExitStack() as stack:

        def make(rawdata: Path) -> Services:
            server = stack.enter_context(running_drive_server(rawdata))
            fresh = fresh_settings(tmp_path / f"home of {rawdata.name}", s3, dynamodb)
            settings = fresh.model_copy(update={"drive_api_endpoint": server.url})
            show_in_environment(settings, aws_environment, monkeypatch)
            shutil.copytree(parsed_project, settings.dbt_target_dir)
            return pipeline.connect(settings, s3, dynamodb)

        yield make
    load_settings.cache_clear()


@pytest.fixture
def listed(services: Services) -> Callable[[str], FileVersion]:
    """The file version of that name, as Drive lists it now."""

    def find(name: str) -> FileVersion:
        (file,) = [file for file in services.drive.list_folder().files if file.name == name]
        return file

    return find


@pytest.fixture
def land(services: Services, listed: Callable[[str], FileVersion]) -> Callable[[str], Checkpoint]:
    """Lands the file of that name as the DAG does."""
    return lambda name: pipeline.land(services, listed(name), owner="test-run")


@dataclass(frozen=True)
class Certification:
    """A certified file with what was written for it."""

    checkpoint: Checkpoint
    bronze: Any
    rejects: list[dict[str, Any]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.bronze.to_pylist()
        return rows

    @property
    def lines(self) -> list[int]:
        return self.column("_source_row")

    @property
    def reasons(self) -> dict[int, str]:
        return {reject["source_row"]: reject["reason"] for reject in self.rejects}

    def column(self, name: str) -> list[Any]:
        cells: list[Any] = self.bronze.column(name).to_pylist()
        return cells


@pytest.fixture
def landed(no_drive: Services) -> Callable[[str, bytes], Checkpoint]:
    """A file as landing leaves it: bytes in S3, checkpoint LANDED."""

    def put(name: str, content: bytes) -> Checkpoint:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        file = FileVersion.named(f"id of {name}", md5, name, len(content), "2024-11-01T00:00:00.000Z")
        key = f"raw/test/{md5}/{uuid.uuid4().hex}"
        no_drive.store.client.put_object(Bucket=no_drive.store.bucket, Key=key, Body=content)
        with no_drive.checkpoints.claim(no_drive.checkpoints.discover(file), "lander") as lease:
            return lease.advance(Status.LANDED, raw_key=key, landed_at="2024-11-01T00:00:00+00:00")

    return put


@pytest.fixture
def certify(no_drive: Services, landed: Callable[[str, bytes], Checkpoint]) -> Callable[[str, bytes], Certification]:
    """Certifies that content under that name and reads back what was written."""

    def run(name: str, content: bytes) -> Certification:
        checkpoint = certify_file(landed(name, content).version, no_drive.store, no_drive.checkpoints, "certifier")
        assert checkpoint.status is Status.CERTIFIED
        certified = certified_of(checkpoint)
        bronze, rejects = (_read(no_drive, key) for key in (certified.bronze_key, certified.rejects_key))
        return Certification(checkpoint, bronze, rejects.to_pylist())

    return run


def _read(services: Services, key: str) -> Any:
    return pq.read_table(io.BytesIO(b"".join(services.store.read_chunks(key))))


@pytest.fixture
def quarantined(no_drive: Services) -> Callable[[], Checkpoint]:
    """The one checkpoint of the table, which must be quarantined."""

    def find() -> Checkpoint:
        (checkpoint,) = no_drive.checkpoints.all()
        assert checkpoint.status is Status.QUARANTINED
        return checkpoint

    return find
