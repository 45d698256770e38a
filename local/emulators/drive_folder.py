"""A directory read as Google Drive shows a folder: entries with ids, MIME types, parents and times."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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


class DriveFolder:
    """Looks at the disk on every call, so that a listing is never older than its request."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def entries(self) -> list[DriveEntry]:
        """Everything below the root folder."""
        notes = read_notes(self.root)
        on_disk = dict(_walk(self.root, "", ROOT_ID, notes))
        return [*on_disk.values(), *(_extra_entry(index, notes, on_disk) for index in range(len(notes.extra)))]

    def find(self, file_id: str) -> DriveEntry | None:
        return next((entry for entry in self.entries() if entry.id == file_id), None)


def file_id_of(relative_path: str) -> str:
    """The same path has the same id after a restart, and a changed file keeps its id, as in Drive."""
    digest = hashlib.sha256(os.fsencode(relative_path)).digest()
    return "1" + base64.urlsafe_b64encode(digest).decode()[:32]


def _mime_type_of(name: str) -> str:
    return _TYPES.guess_type(name, strict=False)[0] or "application/octet-stream"


def _walk(folder: Path, prefix: str, parent_id: str, notes: FolderNotes) -> Iterator[tuple[str, DriveEntry]]:
    with os.scandir(folder) as found:
        children = [child for child in found if not child.name.startswith(".")]
    for child in children:
        relative = prefix + child.name
        with suppress(FileNotFoundError):  # deleted since the scan began
            # Links to directories are left out: one that points upwards would never end.
            if child.is_dir(follow_symlinks=False):
                yield relative, _disk_entry(child, relative, parent_id, notes)
                yield from _walk(Path(child.path), relative + "/", file_id_of(relative), notes)
            elif child.is_file():
                yield relative, _disk_entry(child, relative, parent_id, notes)


def _disk_entry(child: os.DirEntry[str], relative: str, parent_id: str, notes: FolderNotes) -> DriveEntry:
    stat, noted = child.stat(), notes.files.get(relative, FileNotes())
    is_folder = child.is_dir()
    return DriveEntry(
        id=file_id_of(relative),
        # A name that is not UTF-8 on disk cannot travel in JSON: Drive itself only knows Unicode names.
        name=noted.name or os.fsencode(child.name).decode("utf-8", "replace"),
        mime_type=FOLDER if is_folder else _mime_type_of(child.name),
        parent_id=parent_id,
        modified=noted.modified_time or datetime.fromtimestamp(stat.st_mtime_ns / 1e9, UTC),
        trashed=noted.trashed,
        drive_id=notes.drive_id,
        path=None if is_folder else Path(child.path),
        size=None if is_folder else stat.st_size,
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
