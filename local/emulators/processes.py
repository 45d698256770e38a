"""Background processes of one home: started detached, recognised without doubt, ended for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.errors import ServiceDidNotStartError

_REPOSITORY = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0
_END_SECONDS = 10.0
_EXEC_SECONDS = 2.0
_POLL_SECONDS = 0.02
_ENDED_STATES = ("Z", "X")
_LOG_LINES_SHOWN = 15


@dataclass(frozen=True)
class BackgroundProcess:
    """`instance` is a random text on the process's command line.

    A pid alone proves nothing: after a reboot it may belong to anybody.
    """

    pid: int
    instance: str


@dataclass(frozen=True)
class ProgramFiles:
    log: Path
    address: Path


def start_detached(module: str, arguments: list[str], files: ProgramFiles, environment: dict[str, str]) -> BackgroundProcess:
    instance = uuid.uuid4().hex
    files.address.unlink(missing_ok=True)
    _keep_previous_log(files.log)
    command = [
        sys.executable, "-m", module, *arguments,
        "--address-file", str(files.address), "--instance", instance,
    ]  # fmt: skip
    with files.log.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=_REPOSITORY, env=os.environ | environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    process.returncode = 0  # it outlives us on purpose; without this Popen warns about a child left running
    return BackgroundProcess(process.pid, instance)


def wait_for_address(process: BackgroundProcess, service: str, files: ProgramFiles) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if files.address.exists():
            return files.address.read_text(encoding="utf-8")
        if not is_alive(process):
            break
        time.sleep(_POLL_SECONDS)
    raise ServiceDidNotStartError(service, files.log, _end_of(files.log))


def is_alive(process: BackgroundProcess) -> bool:
    command_line = _command_line(process.pid)
    deadline = time.monotonic() + _EXEC_SECONDS
    while not command_line and _is_between_programs(process.pid) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        command_line = _command_line(process.pid)
    return process.instance in command_line


def terminate(process: BackgroundProcess) -> None:
    """Politely, then by force. A process that is not ours (any more) is never touched."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        if not is_alive(process):
            return
        os.kill(process.pid, ending)
        _wait_until_gone(process)


def _wait_until_gone(process: BackgroundProcess) -> None:
    deadline = time.monotonic() + _END_SECONDS
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _is_between_programs(pid: int) -> bool:
    """While the kernel replaces the forked copy by the new program, Linux shows an empty command line.

    Seen under load: a server was taken for dead, and left behind, a millisecond after its start.
    """
    # Only a child of this very process can be a zombie that waits for us; for all others this is an error.
    with suppress(OSError):
        os.waitpid(pid, os.WNOHANG)
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in _ENDED_STATES


def _command_line(pid: int) -> str:
    """Empty for a process that does not exist, for a zombie, and for an instant of every start."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""
    listing = subprocess.run(["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listing.stdout


def _keep_previous_log(log: Path) -> None:
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:])
