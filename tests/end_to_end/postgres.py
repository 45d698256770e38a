"""A PostgreSQL server of a test's own: a new cluster in a temporary folder, on a free port, gone when the test ends."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from local.emulators.listening import free_port
from tests.prerequisites import missing

_DEBIAN_VERSIONS = Path("/usr/lib/postgresql")
_ACCOUNT = "postgres"  # PostgreSQL refuses to run as root; its package makes this account
_USER = "airflow"
_START_SECONDS = 120
_STOP_SECONDS = 30


@dataclass(frozen=True)
class Postgres:
    folder: Path
    url: str


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    binaries = _binaries()
    # Not below pytest's folder, which nobody but its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if _account():
            shutil.chown(folder, _ACCOUNT, _ACCOUNT)
        password = secrets.token_hex(16)
        _make_cluster(binaries, folder, password)
        port = free_port(0)
        with _serving(binaries, folder, port):
            yield Postgres(folder, f"postgresql+psycopg2://{_USER}:{password}@127.0.0.1:{port}/postgres")
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    """The folder of `initdb` and `postgres`: Debian keeps both away from the PATH."""
    found = shutil.which("initdb") or max((str(path) for path in _DEBIAN_VERSIONS.glob("*/bin/initdb")), default=None)
    if found is None:
        missing("PostgreSQL is missing: apt-get install postgresql")
    return Path(found).resolve().parent


def _account() -> Mapping[str, Any]:
    return {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}


def _make_cluster(binaries: Path, folder: Path, password: str) -> None:
    password_file = folder / "password"
    password_file.write_text(password, encoding="utf-8")
    password_file.chmod(0o644)
    where = ["--pgdata", str(folder / "data"), "--no-sync", "--encoding", "UTF8", "--locale", "C"]
    how = ["--username", _USER, "--auth", "scram-sha-256", "--pwfile", str(password_file)]
    _run(binaries / "initdb", [*where, *how], folder)


@contextmanager
def _serving(binaries: Path, folder: Path, port: int) -> Iterator[None]:
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(port)]
    command += ["-c", "unix_socket_directories=", "-F"]  # -F: a test's database need not survive a power cut
    log = folder / "postgres.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, **_account())
    try:
        _wait_until_it_answers(binaries, folder, port)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # its fast shutdown: clients are sent away
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for process in psutil.Process(server.pid).children():
                process.kill()
            server.kill()
            server.wait()


def _wait_until_it_answers(binaries: Path, folder: Path, port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    command = [str(binaries / "pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    while subprocess.run(command, cwd=folder, check=False).returncode:
        if time.monotonic() > deadline:
            raise AssertionError((folder / "postgres.log").read_text(encoding="utf-8"))
        time.sleep(0.1)


def _run(program: Path, arguments: Sequence[str], folder: Path) -> None:
    done = subprocess.run([str(program), *arguments], cwd=folder, capture_output=True, text=True, check=False, **_account())
    assert done.returncode == 0, done.stdout + done.stderr
