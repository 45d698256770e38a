"""A Drive over a folder, Google's and Amazon's own clients, homes whose processes end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httplib2
import pytest
from googleapiclient.discovery import build

from local import processes
from local.emulators.lifecycle import stop
from tests.emulators.drive_server import DriveServer

DriveClient = Any  # google-api-python-client builds its methods at run time


@pytest.fixture
def drive(server: DriveServer) -> DriveClient:
    return _connect(server.url)


@pytest.fixture(scope="session")
def connect() -> Callable[[str], DriveClient]:
    """Google's own client for a Drive at any address."""
    return _connect


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    stop(folder, discard=True)


@pytest.fixture
def processes_of() -> Callable[[Path], list[int]]:
    """Every living process of the home."""
    return lambda home: sorted(process.pid for process in processes.processes_of(home))


@pytest.fixture(scope="session")
def aws_client() -> Callable[[str, str], Any]:
    """boto3 as the pipeline uses it, with its own defaults: `aws_client("s3", url)`."""
    return _aws_client


def _aws_client(service: str, url: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def _connect(url: str) -> DriveClient:
    options = {"api_endpoint": url}
    return build("drive", "v3", static_discovery=True, http=httplib2.Http(timeout=20), client_options=options)
