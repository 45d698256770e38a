"""`.drive.json`: what a Drive folder can hold and a file system cannot show.

{
  "driveId": "0AShared",                            # the folder lies on a shared drive
  "files": {"sub/b.csv": {"name": "../b.csv", "trashed": true, "mimeType": "text/plain",
                          "modifiedTime": "2024-10-30T00:00:00Z"}},
  "extra": [{"name": "Notes", "mimeType": "application/vnd.google-apps.document"},
            {"name": "link", "mimeType": "application/vnd.google-apps.shortcut", "target": "sub/b.csv"}]
}
Keys of "files" are relative paths or bare file names; an extra's "parent" is a relative path too.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from local.errors import DriveNotesInvalidError

NOTES_FILE = ".drive.json"


class _Strict(BaseModel):
    # A misspelt key would otherwise be a test fixture that silently does nothing.
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class FileNotes(_Strict):
    name: str | None = None
    mime_type: str | None = None
    trashed: bool = False
    modified_time: datetime | None = None


class ExtraEntry(_Strict):
    name: str
    mime_type: str = Field(pattern=r"^application/vnd\.google-apps\.")
    parent: str = ""
    trashed: bool = False
    modified_time: datetime | None = None
    target: str | None = None
    target_mime_type: str | None = None


class FolderNotes(_Strict):
    drive_id: str | None = None
    files: dict[str, FileNotes] = Field(default_factory=dict)
    extra: tuple[ExtraEntry, ...] = ()

    def of_file(self, relative_path: str) -> FileNotes:
        by_name = self.files.get(relative_path.rpartition("/")[2])
        return self.files.get(relative_path) or by_name or FileNotes()


def read_notes(folder: Path) -> FolderNotes:
    path = folder / NOTES_FILE
    try:
        return FolderNotes.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return FolderNotes()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DriveNotesInvalidError(path, f"{where}: {first['msg']}" if where else first["msg"]) from error
