"""Starts, finds and ends the local Drive, S3 and DynamoDB of one home; what S3 and DynamoDB hold is kept."""

from __future__ import annotations

import http.client
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from local.emulators import aws_clients
from local.emulators.aws_resources import ResourceNames, create_missing
from local.emulators.drive_folder import ROOT_ID
from local.emulators.listening import DRIVE_HEALTH_PATH, LOOPBACK
from local.emulators.persistence import SaveSummary, restore_cloud, save_cloud
from local.emulators.processes import (
    ProgramFiles,
    is_alive,
    start_detached,
    terminate,
    wait_for_address,
)
from local.emulators.service_record import (
    DriveRecord,
    ServerRecord,
    ServiceRecord,
    only_one_at_a_time,
    read_record,
    remove_record,
    write_record,
)
from local.errors import (
    CloudStateNotSavedError,
    LocalCloudNotRunningError,
    RawdataFolderMissingError,
)

_LOG = logging.getLogger(__name__)
# Long: a busy moto is slow to answer, and taking it for dead would throw its objects away.
_ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class _Program:
    name: str
    module: str
    health_path: str


_DRIVE = _Program("drive", "local.emulators.drive_server", DRIVE_HEALTH_PATH)
_AWS = _Program("aws", "local.emulators.aws_server", "/moto-api/")


@dataclass(frozen=True)
class Services:
    home: Path
    rawdata: Path
    drive_url: str
    aws_url: str
    bucket: str
    table: str

    def environment(self) -> dict[str, str]:
        """What the pipeline's settings must say to talk to these servers."""
        return {
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ACCESS_KEY_ID": aws_clients.ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": aws_clients.SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": aws_clients.REGION,
            "DRIVE_API_ENDPOINT": self.drive_url,
            "DRIVE_FOLDER_ID": ROOT_ID,
            "S3_BUCKET": self.bucket,
            "DYNAMODB_TABLE": self.table,
        }


@dataclass(frozen=True)
class _Servers:
    drive: DriveRecord
    aws: ServerRecord

    def record(self, names: ResourceNames) -> ServiceRecord:
        return ServiceRecord(drive=self.drive, aws=self.aws, bucket=names.bucket, table=names.table)

    def described(self, home: Path, bucket: str, table: str) -> Services:
        return Services(home, self.drive.rawdata, self.drive.url, self.aws.url, bucket, table)


@dataclass(frozen=True)
class Stopped:
    servers: tuple[str, ...]
    saved: SaveSummary | None
    has_lost_changes: bool


def start(home: Path, rawdata: Path, names: ResourceNames | None = None) -> Services:
    """Does only what is missing: servers that run and answer, for this rawdata, are left alone."""
    home, rawdata = home.resolve(), rawdata.resolve()
    names = names or ResourceNames.from_environment()
    if not rawdata.is_dir():
        raise RawdataFolderMissingError(rawdata)
    with only_one_at_a_time(home):
        servers = _servers_started_or_found(home, rawdata, read_record(home))
        try:
            servers = _made_ready(home, servers, names)
        except BaseException:
            _end_what_is_not_ready(servers)
            raise
        write_record(home, servers.record(names))
    return servers.described(home, names.bucket, names.table)


def running(home: Path) -> Services | None:
    home = home.resolve()
    record = read_record(home)
    if record.drive is None or record.aws is None:
        return None
    if not (_is_usable(_DRIVE, record.drive) and _is_usable(_AWS, record.aws)):
        return None
    return _Servers(record.drive, record.aws).described(home, record.bucket, record.table)


def save_state(home: Path) -> SaveSummary:
    home = home.resolve()
    with only_one_at_a_time(home):
        record = read_record(home)
        if record.aws is None or not _is_usable(_AWS, record.aws):
            raise LocalCloudNotRunningError(home)
        return _save(home, record.aws)


def stop(home: Path, *, discard: bool = False) -> Stopped:
    """Saves first. If that fails nothing is stopped, unless the unsaved part may be discarded."""
    home = home.resolve()
    with only_one_at_a_time(home):
        record = read_record(home)
        can_save = record.aws is not None and not discard and _is_usable(_AWS, record.aws)
        saved = _save(home, record.aws) if record.aws and can_save else None
        servers = {"Drive": record.drive, "S3 and DynamoDB": record.aws}
        alive = {name: server for name, server in servers.items() if server and is_alive(server.process)}
        for server in alive.values():
            terminate(server.process)
        remove_record(home)
        shutil.rmtree(_temporary(home), ignore_errors=True)
    was_ready = record.aws is not None and record.aws.is_ready
    return Stopped(tuple(alive), saved, has_lost_changes=was_ready and saved is None)


def _servers_started_or_found(home: Path, rawdata: Path, known: ServiceRecord) -> _Servers:
    """The record is written after every start, so that no process is ever lost from sight."""
    drive, aws = known.drive, known.aws
    if drive is None or drive.rawdata != rawdata or not _is_usable(_DRIVE, drive):
        server = _replaced(home, _DRIVE, drive, ["--rawdata", str(rawdata)])
        drive = DriveRecord(**server.model_dump(), rawdata=rawdata)
        write_record(home, known.model_copy(update={"drive": drive}))
    if aws is None or not _is_usable(_AWS, aws):
        if aws is not None and aws.is_ready:
            _LOG.warning("S3 and DynamoDB of %s had ended by themselves: restored as last saved", home)
        aws = _replaced(home, _AWS, aws, [])
        write_record(home, known.model_copy(update={"drive": drive, "aws": aws}))
    return _Servers(drive, aws)


def _replaced(home: Path, program: _Program, old: ServerRecord | None, arguments: list[str]) -> ServerRecord:
    if old is not None:
        terminate(old.process)
    # The old port again if possible: whoever still holds the old address then reaches the new server.
    port = old.port if old is not None else 0
    # moto's large objects are temporary files: they belong into the home, /tmp may be memory.
    environment = {"TMPDIR": str(_temporary(home))}
    process = start_detached(program.module, ["--port", str(port), *arguments], _files(home, program), environment)
    return ServerRecord(pid=process.pid, port=port, url="", instance=process.instance)


def _made_ready(home: Path, servers: _Servers, names: ResourceNames) -> _Servers:
    drive, aws = servers.drive, servers.aws
    if not drive.is_ready:
        drive = drive.model_copy(update=_address(home, _DRIVE, drive))
    if not aws.is_ready:
        aws = aws.model_copy(update=_address(home, _AWS, aws))
        restore_cloud(home, aws_clients.connect(aws.url))
    create_missing(aws_clients.connect(aws.url), names)
    ready = {"is_ready": True}
    return _Servers(drive.model_copy(update=ready), aws.model_copy(update=ready))


def _address(home: Path, program: _Program, server: ServerRecord) -> dict[str, str | int | None]:
    url = wait_for_address(server.process, program.name, _files(home, program))
    return {"url": url, "port": urlsplit(url).port}


def _end_what_is_not_ready(servers: _Servers) -> None:
    for server in (servers.drive, servers.aws):
        if not server.is_ready:
            terminate(server.process)


def _is_usable(program: _Program, server: ServerRecord) -> bool:
    return server.is_ready and is_alive(server.process) and _answers(program, server)


def _answers(program: _Program, server: ServerRecord) -> bool:
    # http.client knows no proxies: HTTP_PROXY of a company machine must not come in between.
    connection = http.client.HTTPConnection(LOOPBACK, server.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", program.health_path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _save(home: Path, aws: ServerRecord) -> SaveSummary:
    try:
        return save_cloud(home, aws_clients.connect(aws.url))
    except (OSError, ClientError, BotoCoreError) as error:
        raise CloudStateNotSavedError(home, str(error)) from error


def _files(home: Path, program: _Program) -> ProgramFiles:
    (home / "logs").mkdir(parents=True, exist_ok=True)
    log = home / "logs" / f"{program.name}_server.log"
    return ProgramFiles(log, _temporary(home) / f"{program.name}.address")


def _temporary(home: Path) -> Path:
    folder = home / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
