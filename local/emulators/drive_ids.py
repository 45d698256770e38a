"""Ids as Google gives them: a file keeps its id when it is changed, renamed or moved, and a new file gets a new one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Trace(NamedTuple):
    """What a rename leaves as it is. The inode alone is not enough: file systems give it to the next file."""

    inode: int
    size: int
    modified_ns: int


def trace_of(stat: os.stat_result) -> Trace:
    return Trace(stat.st_ino, stat.st_size, stat.st_mtime_ns)


def file_id_of(relative_path: str) -> str:
    """The id of a file that is new at this path."""
    digest = hashlib.sha256(os.fsencode(relative_path)).digest()
    return "1" + base64.urlsafe_b64encode(digest).decode()[:32]


class DriveIds:
    """Remembers which file had which id at the look before; with a file, also after a restart."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, Trace]] = {}
        if file and file.exists():
            saved = json.loads(file.read_text(encoding="utf-8"))
            self._known = {path: (file_id, Trace(*trace)) for path, (file_id, trace) in saved.items()}

    def assign(self, found: Mapping[str, Trace]) -> dict[str, str]:
        """An id for each path."""
        with self._lock:
            ids = {path: self._known[path][0] for path, trace in found.items() if self._known.get(path, ("", None))[1] == trace}
            ids |= self._moved(found, ids)
            for path, trace in found.items():
                if path not in ids:
                    ids[path] = self._id_of_changed_or_new(path, trace, set(ids.values()))
            self._remember({path: (ids[path], trace) for path, trace in found.items()})
            return ids

    def _moved(self, found: Mapping[str, Trace], unchanged: Mapping[str, str]) -> dict[str, str]:
        gone = {trace: file_id for path, (file_id, trace) in self._known.items() if path not in unchanged}
        return {path: gone.pop(trace) for path, trace in found.items() if path not in unchanged and trace in gone}

    def _id_of_changed_or_new(self, path: str, trace: Trace, taken: set[str]) -> str:
        known_id, _ = self._known.get(path, (file_id_of(path), trace))
        return file_id_of(f"{path}\0{trace}") if known_id in taken else known_id

    def _remember(self, known: dict[str, tuple[str, Trace]]) -> None:
        if self._file and known != self._known:
            half_written = self._file.with_name(f"{self._file.name}.new")
            half_written.write_text(json.dumps(known), encoding="utf-8")
            half_written.replace(self._file)
        self._known = known
