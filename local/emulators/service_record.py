"""`services.json` of a home: which processes were started for it, and whether they are ready."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from local.emulators.processes import BackgroundProcess
from local.errors import ServiceRecordUnreadableError


class _Recorded(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerRecord(_Recorded):
    """`is_ready` is false until the server answers and, for S3 and DynamoDB, holds all of the saved state.

    A server that is not ready is never saved from: it would replace the good state by a part of it.
    """

    pid: int
    port: int
    url: str
    instance: str
    is_ready: bool = False

    @property
    def process(self) -> BackgroundProcess:
        return BackgroundProcess(self.pid, self.instance)


class DriveRecord(ServerRecord):
    rawdata: Path


class ServiceRecord(_Recorded):
    drive: DriveRecord | None = None
    aws: ServerRecord | None = None
    bucket: str = ""
    table: str = ""


def read_record(home: Path) -> ServiceRecord:
    try:
        return ServiceRecord.model_validate_json(_path(home).read_bytes())
    except FileNotFoundError:
        return ServiceRecord()
    except ValidationError as error:
        raise ServiceRecordUnreadableError(_path(home)) from error


def write_record(home: Path, record: ServiceRecord) -> None:
    half_written = home / "services.json.new"
    half_written.write_text(record.model_dump_json(indent=1), encoding="utf-8")
    half_written.replace(_path(home))


def remove_record(home: Path) -> None:
    _path(home).unlink(missing_ok=True)


@contextmanager
def only_one_at_a_time(home: Path) -> Iterator[None]:
    """Two `up` at once must not start two sets. The system lifts the lock even if its holder is killed."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _path(home: Path) -> Path:
    return home / "services.json"
