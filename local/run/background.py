"""Programs of `make up` in the background: Airflow and the dashboard, started on free ports, found again and stopped."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from include.settings import REPOSITORY

_STOP_SECONDS = 15


@dataclass(frozen=True)
class Program:
    """A pid alone proves nothing: after a reboot it may belong to anybody, so the time of its start goes with it."""

    name: str
    pid: int
    started: float
    url: str


def free_port(preferred: int) -> int:
    """The preferred port of 127.0.0.1, or any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def start_program(
    name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, url: str, folder: Path = REPOSITORY
) -> Program:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # it outlives us on purpose
    return Program(name, process.pid, psutil.Process(process.pid).create_time(), url)


def is_running(program: Program) -> bool:
    return _process(program) is not None


def wait_until_it_answers(program: Program, health_url: str, seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and is_running(program):
        try:
            with urllib.request.urlopen(health_url, timeout=2) as answer:  # noqa: S310 - our own server
                if answer.status == 200:
                    return
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.3)
    raise SystemExit(f"{program.name} did not answer at {health_url}; see {log}")


def stop_program(program: Program) -> None:
    """Ends it with all its children, politely first."""
    process = _process(program)
    if process is None:
        return
    family = [process, *process.children(recursive=True)]
    for member in family:
        _signal(member, force=False)
    _, alive = psutil.wait_procs(family, timeout=_STOP_SECONDS)
    for member in alive:
        _signal(member, force=True)
    psutil.wait_procs(alive, timeout=_STOP_SECONDS)


def read_programs(home: Path) -> list[Program]:
    path = _record(home)
    return [Program(**item) for item in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def write_programs(home: Path, programs: Sequence[Program]) -> None:
    _record(home).write_text(json.dumps([asdict(program) for program in programs], indent=1), encoding="utf-8")


def _record(home: Path) -> Path:
    return home / "programs.json"


def _process(program: Program) -> psutil.Process | None:
    try:
        process = psutil.Process(program.pid)
        is_same = abs(process.create_time() - program.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if is_same else None


def _signal(process: psutil.Process, *, force: bool) -> None:
    try:
        process.kill() if force else process.terminate()
    except psutil.NoSuchProcess:
        return
