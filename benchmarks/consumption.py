"""What a command costs: wall and CPU seconds, and the peak memory of all processes that belong to a home."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

_MIB = 1024 * 1024
_SECONDS_BETWEEN_LOOKS = 0.5


@dataclass
class Consumption:
    """CPU is that of the command and its children: the local S3, DynamoDB and Drive stand for somebody else's machines."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


@contextmanager
def consumption_of(home: Path) -> Iterator[Consumption]:
    """Filled when the block ends. Memory is proportional (shared pages count once), local services included."""
    found, is_over = Consumption(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(home, found, is_over), daemon=True)
    cpu, wall = _cpu_of_children(), time.perf_counter()
    watcher.start()
    try:
        yield found
    finally:
        found.wall_seconds, found.cpu_seconds = time.perf_counter() - wall, _cpu_of_children() - cpu
        is_over.set()
        watcher.join()


def _watch(home: Path, found: Consumption, is_over: threading.Event) -> None:
    while not is_over.wait(_SECONDS_BETWEEN_LOOKS):
        found.peak_mb = max(found.peak_mb, sum(_memory_mb(process, str(home)) for process in psutil.process_iter()))


def _memory_mb(process: psutil.Process, home: str) -> float:
    try:
        belongs = process.environ().get("HEALTHCARE_HOME") == home or home in process.cmdline()
        return float(process.memory_full_info().pss) / _MIB if belongs else 0.0
    except psutil.Error:
        return 0.0  # ended meanwhile, or somebody else's


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def disk_mb(folder: Path) -> float:
    """What the files of a folder take on the disk; links count nothing."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_blocks * 512 for path in files) / 1e6
