"""Keeps the background processes of a home: Airflow, the dashboard, the emulators and a run under way.

Each is started with a mark in its environment, which all its children inherit. So the processes of a home are found by the mark
alone, whatever has become of their parent, and no other process is taken for one of them: not after a reboot, not by its pid.
`<home>/processes.json` says what was started and where it answers.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from include.settings import REPOSITORY
from local.errors import ProcessRecordUnreadableError, ProgramDidNotStartError

_MARK = "HEALTHCARE_PROCESS"
_START_SECONDS = 120.0
_END_SECONDS = 4.0  # nothing here is harmed by a hard end: the fault suite kills it anywhere
# Long: a busy moto is slow to answer, and taking it for dead would lose its objects.
_ANSWER_SECONDS = 30.0
_MARK_SECONDS = 10.0
_POLL_SECONDS = 0.05
_LOG_LINES_SHOWN = 15


class Program(BaseModel):
    """What was started: `about` is what it was started for, and with other facts it must be started again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    pid: int
    log: Path
    url: str = ""
    health_path: str = ""
    about: dict[str, str] = {}

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0


_RECORD = TypeAdapter(dict[str, Program])


@contextmanager
def only_one_at_a_time(home: Path) -> Iterator[None]:
    """Two `up` at once must not start two sets. The system lifts the lock even when its holder is killed."""
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / "processes.lock", is_singleton=True):
        yield


def start_program(
    home: Path,
    program: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    url: str = "",
    health_path: str = "",
    about: Mapping[str, str] | None = None,
    folder: Path = REPOSITORY,
    fds: Sequence[int] = (),
) -> Program:
    """Returns at once; the log of the start before is kept beside the new one."""
    log = home / "logs" / f"{program.lower().replace(', ', '_')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    marked = {**environment, _MARK: _mark(home, program)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=marked, cwd=folder, pass_fds=fds, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    # For an instant of its start a process shows no environment.
    deadline = time.monotonic() + _MARK_SECONDS
    while process.poll() is None and not _is_marked(process.pid, _mark(home, program)) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    process.returncode = 0  # it outlives us on purpose; without this Popen warns about a child that is left running
    return Program(name=program, pid=process.pid, log=log, url=url, health_path=health_path, about=dict(about or {}))


def wait_until_it_answers(home: Path, program: Program, seconds: float = _START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and is_alive(home, program):
        if answers(program):
            return
        time.sleep(_POLL_SECONDS)
    raise ProgramDidNotStartError(program.name, program.log, _end_of(program.log))


def is_alive(home: Path, program: Program) -> bool:
    """Of a program whose first process is dead, the children may still be alive: `stop` ends them."""
    return _is_marked(program.pid, _mark(home, program.name))


def answers(program: Program) -> bool:
    # http.client knows no proxies: HTTP_PROXY of a company's machine must not come in between.
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", program.health_path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def processes_of(home: Path, *names: str) -> list[psutil.Process]:
    """Every living process of these programs, children included; of all programs of the home when none is named."""
    return [process for process in psutil.process_iter() if _is_of(process, home, names)]


def stop(home: Path, *names: str) -> None:
    """Ends the programs with all their children, politely at first."""
    for ending in (psutil.Process.terminate, psutil.Process.kill):
        family = processes_of(home, *names)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                ending(process)
        psutil.wait_procs(family, timeout=_END_SECONDS)


def recorded(home: Path) -> dict[str, Program]:
    try:
        return _RECORD.validate_json(_record(home).read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise ProcessRecordUnreadableError(_record(home)) from error


def record(home: Path, *programs: Program) -> None:
    with only_one_at_a_time(home):
        _write(home, recorded(home) | {program.name: program for program in programs})


def forget(home: Path, *names: str) -> None:
    with only_one_at_a_time(home):
        _write(home, {name: program for name, program in recorded(home).items() if name not in names})


def _write(home: Path, programs: dict[str, Program]) -> None:
    half_written = home / "processes.json.new"
    half_written.write_bytes(_RECORD.dump_json(programs, indent=1))
    half_written.replace(_record(home))


def _record(home: Path) -> Path:
    return home / "processes.json"


def _mark(home: Path, name: str) -> str:
    return f"{name} of {home.resolve()}"


def _is_marked(pid: int, mark: str) -> bool:
    try:
        return bool(psutil.Process(pid).environ().get(_MARK) == mark)
    except psutil.Error:  # gone, or somebody else's
        return False


def _is_of(process: psutil.Process, home: Path, names: Sequence[str]) -> bool:
    try:
        name, _, home_of_it = process.environ().get(_MARK, "").partition(" of ")
    except psutil.Error:
        return False
    return process.pid != os.getpid() and home_of_it == str(home.resolve()) and (not names or name in names)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:])
