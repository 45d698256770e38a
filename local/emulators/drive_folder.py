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
ROOT_ALIAS = "root"
FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
UNKNOWN_TYPE = "application/octet-stream"
# The machine's own MIME registry must not decide what a test sees.
_TYPES = mimetypes.MimeTypes(filenames=())
_TYPES.add_type("text/csv", ".csv")
_TYPES.add_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")


@dataclass(frozen=True)
class ShortcutTarget:
    id: str
    mime_type: str


@dataclass(frozen=True)
class DriveEntry:
    id: str
    name: str
    mime_type: str
    parent_id: str | None
    modified: datetime
    created: datetime
    version: int
    trashed: bool = False
    drive_id: str | None = None
    path: Path | None = None
    size: int | None = None
    shortcut: ShortcutTarget | None = None

    @property
    def has_content(self) -> bool:
        """Folders, Google-native documents and shortcuts have no bytes to download."""
        return self.size is not None


class DriveFolder:
    """Looks at the disk on every call, so that a listing is never older than its request."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def entries(self) -> list[DriveEntry]:
        """Everything below the root folder, which is itself no part of a listing (as in Drive)."""
        notes = read_notes(self.root)
        on_disk = list(_walk(self.root, "", ROOT_ID, notes))
        by_path = {_relative(entry, self.root): entry for entry in on_disk}
        return on_disk + [_extra_entry(index, notes, by_path) for index in range(len(notes.extra))]

    def find(self, file_id: str) -> DriveEntry | None:
        if file_id in (ROOT_ID, ROOT_ALIAS):
            return self._root_entry()
        return next((entry for entry in self.entries() if entry.id == file_id), None)

    def drive_id(self) -> str | None:
        return read_notes(self.root).drive_id

    def _root_entry(self) -> DriveEntry:
        stat = self.root.stat()
        changed = _time(stat.st_mtime_ns)
        drive_id = self.drive_id()
        return DriveEntry(
            ROOT_ID, self.root.name, FOLDER, None, changed, changed, stat.st_ctime_ns,
            drive_id=drive_id, path=self.root,
        )  # fmt: skip


def file_id_of(relative_path: str) -> str:
    """The same path has the same id after a restart, and a changed file keeps its id, as in Drive."""
    digest = hashlib.sha256(os.fsencode(relative_path)).digest()
    return "1" + base64.urlsafe_b64encode(digest).decode()[:32]


def mime_type_of(name: str) -> str:
    return _TYPES.guess_type(name, strict=False)[0] or UNKNOWN_TYPE


def _walk(folder: Path, prefix: str, parent_id: str, notes: FolderNotes) -> Iterator[DriveEntry]:
    with os.scandir(folder) as found:
        children = [child for child in found if not child.name.startswith(".")]
    for child in children:
        relative = prefix + child.name
        with suppress(FileNotFoundError):  # deleted since the scan began
            # Links to directories are left out: one that points upwards would never end.
            if child.is_dir(follow_symlinks=False):
                yield _disk_entry(child, relative, parent_id, notes)
                yield from _walk(Path(child.path), relative + "/", file_id_of(relative), notes)
            elif child.is_file():
                yield _disk_entry(child, relative, parent_id, notes)


def _disk_entry(child: os.DirEntry[str], relative: str, parent_id: str, notes: FolderNotes) -> DriveEntry:
    stat = child.stat()
    is_folder = child.is_dir()
    told = notes.of_file(relative)
    return DriveEntry(
        id=file_id_of(relative),
        name=_drive_name(child.name, told),
        mime_type=told.mime_type or (FOLDER if is_folder else mime_type_of(child.name)),
        parent_id=parent_id,
        modified=_in_utc(told.modified_time) or _time(stat.st_mtime_ns),
        created=_time(min(stat.st_mtime_ns, stat.st_ctime_ns)),
        version=max(stat.st_mtime_ns, stat.st_ctime_ns),
        trashed=told.trashed,
        drive_id=notes.drive_id,
        path=Path(child.path),
        size=None if is_folder else stat.st_size,
    )


def _drive_name(name: str, told: FileNotes) -> str:
    # A name that is no UTF-8 on disk cannot travel in JSON: Drive itself only knows Unicode names.
    return os.fsencode(name).decode("utf-8", "replace") if told.name is None else told.name


def _extra_entry(index: int, notes: FolderNotes, by_path: dict[str, DriveEntry]) -> DriveEntry:
    extra = notes.extra[index]
    changed = _in_utc(extra.modified_time) or datetime(2024, 1, 1, tzinfo=UTC)
    return DriveEntry(
        id=file_id_of(f"\0extra/{index}/{extra.parent}/{extra.name}"),
        name=extra.name,
        mime_type=extra.mime_type,
        parent_id=file_id_of(extra.parent) if extra.parent else ROOT_ID,
        modified=changed,
        created=changed,
        version=1,
        trashed=extra.trashed,
        drive_id=notes.drive_id,
        shortcut=_target(extra, by_path) if extra.mime_type == SHORTCUT else None,
    )


def _target(shortcut: ExtraEntry, by_path: dict[str, DriveEntry]) -> ShortcutTarget:
    wanted, mime_type = shortcut.target or "", shortcut.target_mime_type
    entry = by_path.get(wanted) or next((entry for path, entry in by_path.items() if path.rpartition("/")[2] == wanted), None)
    if entry is None:  # dangling: an id that no file has
        return ShortcutTarget(file_id_of(f"\0missing/{wanted}"), mime_type or mime_type_of(wanted))
    return ShortcutTarget(entry.id, mime_type or entry.mime_type)


def _relative(entry: DriveEntry, root: Path) -> str:
    return "" if entry.path is None else entry.path.relative_to(root).as_posix()


def _time(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)


def _in_utc(time: datetime | None) -> datetime | None:
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
