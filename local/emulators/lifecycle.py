"""Starts, finds, saves and ends the local Drive, S3 and DynamoDB of one home; what S3 and DynamoDB hold is kept."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local import processes
from local.emulators import aws_clients
from local.emulators.aws_resources import ResourceNames, create_missing
from local.emulators.drive_folder import ROOT_ID
from local.emulators.listening import DRIVE_HEALTH_PATH, LOOPBACK, listen
from local.emulators.persistence import SaveSummary, restore_cloud, save_cloud
from local.errors import CloudStateNotSavedError, EmulatorsNotRunningError, RawdataFolderMissingError
from local.processes import Program

DRIVE, AWS = "Drive", "S3, DynamoDB"


@dataclass(frozen=True)
class Emulators:
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


def start(home: Path, rawdata: Path, names: ResourceNames | None = None) -> Emulators:
    """Does only what is missing: servers that run and answer, for this rawdata, are left alone."""
    home, rawdata = home.resolve(), rawdata.resolve()
    names = names or ResourceNames.from_environment()
    if not rawdata.is_dir():
        raise RawdataFolderMissingError(rawdata)
    with processes.only_one_at_a_time(home):
        known = processes.recorded(home)
        started = []
        if not (_is_usable(home, DRIVE) and known[DRIVE].about == {"rawdata": str(rawdata)}):
            started.append(_start_drive(home, rawdata))
        if not _is_usable(home, AWS):
            started.append(_start_aws(home))
        _make_ready(home, started, names)
        return _described(home)


def running(home: Path) -> Emulators | None:
    home = home.resolve()
    return _described(home) if _is_usable(home, DRIVE) and _is_usable(home, AWS) else None


def save_state(home: Path) -> SaveSummary:
    home = home.resolve()
    with processes.only_one_at_a_time(home):
        if not _is_usable(home, AWS):
            raise EmulatorsNotRunningError(home)
        return _save(home)


def stop(home: Path, *, discard: bool = False) -> SaveSummary | None:
    """Saves first. When that fails nothing is stopped, unless the unsaved part may be discarded. None when nothing was saved."""
    home = home.resolve()
    with processes.only_one_at_a_time(home):
        saved = _save(home) if not discard and _is_usable(home, AWS) else None
        processes.stop(home, DRIVE, AWS)
        processes.forget(home, DRIVE, AWS)
        shutil.rmtree(_temporary(home), ignore_errors=True)
    return saved


def _start_drive(home: Path, rawdata: Path) -> Program:
    about, arguments = {"rawdata": str(rawdata)}, ("--rawdata", str(rawdata), "--ids", str(home / "drive_ids.json"))
    return _start_server(home, DRIVE, ["local.emulators.drive_server", *arguments], DRIVE_HEALTH_PATH, about)


def _start_aws(home: Path) -> Program:
    return _start_server(home, AWS, ["local.emulators.aws_server"], "/moto-api/", {})


def _start_server(home: Path, name: str, module: list[str], health_path: str, about: dict[str, str]) -> Program:
    """In place of whatever is left of the one before, and on its port if possible: its old address then leads to the new one."""
    old = processes.recorded(home).get(name)
    processes.stop(home, name)
    processes.forget(home, name)
    _temporary(home).mkdir(parents=True, exist_ok=True)
    with listen(old.port if old else 0) as listener:
        command = [sys.executable, "-m", *module, "--fd", str(listener.fileno())]
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        # moto's large objects are temporary files: they belong into the home, /tmp may be memory.
        environment = {**os.environ, "TMPDIR": str(_temporary(home))}
        return processes.start_program(
            home, name, command, environment, url=url, health_path=health_path, about=about, fds=[listener.fileno()]
        )


def _make_ready(home: Path, started: list[Program], names: ResourceNames) -> None:
    """Records a server only when it holds all of the saved state: another one would be saved in place of the good state."""
    programs = {program.name: program for program in started}
    try:
        for program in started:
            processes.wait_until_it_answers(home, program)
        if AWS in programs:
            restore_cloud(home, aws_clients.connect(programs[AWS].url))
        aws = programs.get(AWS) or processes.recorded(home)[AWS]
        create_missing(aws_clients.connect(aws.url), names)
    except BaseException:
        if programs:
            processes.stop(home, *programs)
        raise
    programs[AWS] = aws.model_copy(update={"about": {"bucket": names.bucket, "table": names.table}})
    processes.record(home, *programs.values())


def _described(home: Path) -> Emulators:
    known = processes.recorded(home)
    drive, aws = known[DRIVE], known[AWS]
    return Emulators(home, Path(drive.about["rawdata"]), drive.url, aws.url, aws.about["bucket"], aws.about["table"])


def _is_usable(home: Path, name: str) -> bool:
    program = processes.recorded(home).get(name)
    return program is not None and processes.is_alive(home, program) and processes.answers(program)


def _save(home: Path) -> SaveSummary:
    try:
        return save_cloud(home, aws_clients.connect(processes.recorded(home)[AWS].url))
    except (OSError, ClientError, BotoCoreError) as error:
        raise CloudStateNotSavedError(home, str(error)) from error


def _temporary(home: Path) -> Path:
    return home / "tmp"
