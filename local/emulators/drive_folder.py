"""A directory read as Google Drive shows a folder: entries with ids, MIME types, parents and times."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from local.emulators.drive_ids import DriveIds, file_id_of, trace_of
from local.emulators.drive_notes import ExtraEntry, FileNotes, FolderNotes, read_notes

ROOT_ID = "RAWDATA"
FOLDER = "application/vnd.google-apps.folder"
# The machine's own MIME registry must not decide what a test sees.
_TYPES = mimetypes.MimeTypes(filenames=())
_TYPES.add_type("text/csv", ".csv")


@dataclass(frozen=True)
class ShortcutTarget:
    id: str
    mime_type: str


@dataclass(frozen=True)
class DriveEntry:
    """`path` and `size` are of a file with bytes to download; folders, Google documents and shortcuts have none."""

    id: str
    name: str
    mime_type: str
    parent_id: str
    modified: datetime
    trashed: bool
    drive_id: str | None
    path: Path | None = None
    size: int | None = None
    shortcut: ShortcutTarget | None = None


@dataclass(frozen=True)
class _Seen:
    path: Path
    stat: os.stat_result
    is_folder: bool


class DriveFolder:
    """Looks at the disk on every call, so that a listing is never older than its request."""

    def __init__(self, root: Path, ids_file: Path | None = None) -> None:
        self.root = root.resolve()
        self._ids = DriveIds(ids_file)

    def entries(self) -> list[DriveEntry]:
        """Everything below the root folder."""
        notes = read_notes(self.root)
        found = dict(_walk(self.root, ""))
        ids = self._ids.assign({relative: trace_of(seen.stat) for relative, seen in found.items()})
        on_disk = {relative: _disk_entry(seen, relative, ids, notes) for relative, seen in found.items()}
        return [*on_disk.values(), *(_extra_entry(index, notes, on_disk) for index in range(len(notes.extra)))]

    def find(self, file_id: str) -> DriveEntry | None:
        return next((entry for entry in self.entries() if entry.id == file_id), None)


def _mime_type_of(name: str) -> str:
    return _TYPES.guess_type(name, strict=False)[0] or "application/octet-stream"


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, _Seen]]:
    with os.scandir(folder) as found:
        children = [child for child in found if not child.name.startswith(".")]
    for child in children:
        relative = prefix + child.name
        with suppress(FileNotFoundError):  # deleted since the scan began
            # Links to directories are left out: one that points upwards would never end.
            if child.is_dir(follow_symlinks=False):
                yield relative, _Seen(Path(child.path), child.stat(), is_folder=True)
                yield from _walk(Path(child.path), relative + "/")
            elif child.is_file():
                yield relative, _Seen(Path(child.path), child.stat(), is_folder=False)


def _disk_entry(seen: _Seen, relative: str, ids: dict[str, str], notes: FolderNotes) -> DriveEntry:
    noted = notes.files.get(relative, FileNotes())
    return DriveEntry(
        id=ids[relative],
        # A name that is not UTF-8 on disk cannot travel in JSON: Drive itself only knows Unicode names.
        name=noted.name or os.fsencode(seen.path.name).decode("utf-8", "replace"),
        mime_type=FOLDER if seen.is_folder else _mime_type_of(seen.path.name),
        parent_id=ids.get(str(PurePosixPath(relative).parent), ROOT_ID),
        modified=noted.modified_time or datetime.fromtimestamp(seen.stat.st_mtime_ns / 1e9, UTC),
        trashed=noted.trashed,
        drive_id=notes.drive_id,
        path=None if seen.is_folder else seen.path,
        size=None if seen.is_folder else seen.stat.st_size,
    )


def _extra_entry(index: int, notes: FolderNotes, on_disk: dict[str, DriveEntry]) -> DriveEntry:
    extra = notes.extra[index]
    return DriveEntry(
        id=file_id_of(f"\0extra/{index}/{extra.name}"),
        name=extra.name,
        mime_type=extra.mime_type,
        parent_id=ROOT_ID,
        modified=datetime(2024, 1, 1, tzinfo=UTC),
        trashed=extra.trashed,
        drive_id=notes.drive_id,
        shortcut=_target(extra, on_disk) if extra.target else None,
    )


def _target(shortcut: ExtraEntry, on_disk: dict[str, DriveEntry]) -> ShortcutTarget:
    """Where nothing is, the shortcut leads to an id that nobody has."""
    wanted = shortcut.target or ""
    entry = on_disk.get(wanted)
    return ShortcutTarget(entry.id, entry.mime_type) if entry else ShortcutTarget(file_id_of(wanted), _mime_type_of(wanted))
