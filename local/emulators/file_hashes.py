"""MD5 of files, hashed as a stream and remembered until the file changes."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import BinaryIO

_BLOCK_BYTES = 1 << 20
_ATTEMPTS_ON_A_CHANGING_FILE = 3

Fingerprint = tuple[int, int, int, int]


def fingerprint(stat: os.stat_result) -> Fingerprint:
    """What changes whenever a file does: ctime and inode see edits that keep size and mtime (cp -p)."""
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def md5_of_stream(stream: BinaryIO) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    while block := stream.read(_BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


class Md5Cache:
    def __init__(self) -> None:
        self._known: dict[Path, tuple[Fingerprint, str]] = {}
        # One at a time: two listings at once must not read the same gigabytes twice.
        self._lock = threading.Lock()

    def md5(self, path: Path) -> str:
        with self._lock:
            seen, digest = self._known.get(path, (None, ""))
            if seen == fingerprint(path.stat()):
                return digest
            return self._hash(path)

    def _hash(self, path: Path) -> str:
        digest = ""
        for _ in range(_ATTEMPTS_ON_A_CHANGING_FILE):
            with path.open("rb") as stream:
                before = fingerprint(os.fstat(stream.fileno()))
                digest = md5_of_stream(stream)
            if before == fingerprint(path.stat()):
                self._known[path] = (before, digest)
                break
        # A file that never stood still gets the last digest, and is hashed again when next asked for.
        return digest
