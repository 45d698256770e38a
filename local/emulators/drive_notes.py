"""`.drive.json`: what a Drive folder can hold and a file system cannot show.

{
  "driveId": "0AShared",                            # the folder is on a shared drive
  "files": {"sub/b.csv": {"name": "../b.csv", "trashed": true, "modifiedTime": "2024-10-30T00:00:00Z"}},
  "extra": [{"name": "Notes", "mimeType": "application/vnd.google-apps.document"},
            {"name": "link", "mimeType": "application/vnd.google-apps.shortcut", "target": "sub/b.csv"}]
}
The keys of "files" and a "target" are paths relative to the folder.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from local.errors import DriveNotesInvalidError

_NOTES_FILE = ".drive.json"


class _Strict(BaseModel):
    # A misspelled key would otherwise be a note that silently does nothing.
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class FileNotes(_Strict):
    name: str | None = None
    trashed: bool = False
    modified_time: datetime | None = None


class ExtraEntry(_Strict):
    name: str
    mime_type: str = Field(pattern=r"^application/vnd\.google-apps\.")
    trashed: bool = False
    target: str | None = None


class FolderNotes(_Strict):
    drive_id: str | None = None
    files: dict[str, FileNotes] = Field(default_factory=dict)
    extra: tuple[ExtraEntry, ...] = ()


def read_notes(folder: Path) -> FolderNotes:
    path = folder / _NOTES_FILE
    try:
        return FolderNotes.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return FolderNotes()
    except ValidationError as error:
        raise DriveNotesInvalidError(path, str(error)) from error
