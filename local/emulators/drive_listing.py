"""files.list and the File resource: what google-api-python-client asks for on behalf of include/ingest/drive.py, no more."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any

from local.emulators.drive_errors import DriveApiError, file_not_found, invalid_value
from local.emulators.drive_folder import FOLDER, ROOT_ID, DriveEntry, DriveFolder
from local.emulators.file_hashes import Md5Cache

_IN_PARENTS = re.compile(r"'([^']+)' in parents")
_LIST_FIELDS = "nextPageToken, files(id, name, mimeType)"
_GET_FIELDS = "id, name, mimeType"
_LARGEST_PAGE = 1000

_Place = tuple[str, str, str]


@dataclass(frozen=True)
class ListRequest:
    """`after` is where the page before ended, so that files may come and go between two pages."""

    parent_id: str
    fields: frozenset[str]
    page_size: int
    after: _Place | None
    sees_shared_drives: bool

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> ListRequest:
        """Raises Drive's 400 for whatever the local Drive does not know."""
        match = _IN_PARENTS.fullmatch(query.get("q", ""))
        if match is None:
            raise invalid_value("q", query.get("q", ""))
        if query.get("orderBy", "name") != "name":
            raise invalid_value("orderBy", query["orderBy"])
        return cls(
            parent_id=match[1],
            fields=field_names(query.get("fields", _LIST_FIELDS)),
            page_size=min(int(query.get("pageSize", 100)), _LARGEST_PAGE),
            after=_read_page_token(query["pageToken"]) if "pageToken" in query else None,
            sees_shared_drives=is_set(query, "includeItemsFromAllDrives") and is_set(query, "supportsAllDrives"),
        )


def list_files(folder: DriveFolder, hashes: Md5Cache, request: ListRequest) -> dict[str, Any]:
    entries = sorted(_entries_in(folder, request), key=_place)
    entries = [entry for entry in entries if request.after is None or _place(entry) > request.after]
    page = entries[: request.page_size]
    answer: dict[str, Any] = {"files": list(_resources(page, hashes, request.fields))}
    if len(page) < len(entries) and "nextPageToken" in request.fields:
        answer["nextPageToken"] = _page_token(page[-1])
    return answer


def resource(entry: DriveEntry, hashes: Md5Cache, fields: frozenset[str] | None = None) -> dict[str, Any]:
    """A File; the md5 is only worked out when asked for, so a listing of names reads no content."""
    fields = field_names(_GET_FIELDS) if fields is None else fields
    file: dict[str, Any] = {
        "id": entry.id, "name": entry.name, "mimeType": entry.mime_type, "trashed": entry.trashed,
        "modifiedTime": entry.modified.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }  # fmt: skip
    if entry.shortcut is not None:
        file["shortcutDetails"] = {"targetId": entry.shortcut.id, "targetMimeType": entry.shortcut.mime_type}
    if entry.path is not None:
        file["size"] = str(entry.size)
        if "md5Checksum" in fields:
            # A file that may not be read is listed without: downloading it is refused, the others continue.
            with suppress(PermissionError):
                file["md5Checksum"] = hashes.md5(entry.path)
    return {name: value for name, value in file.items() if name in fields}


def field_names(fields: str) -> frozenset[str]:
    """Raises Drive's 400 for a misspelled name: silence would hide the mistake until production."""
    names = frozenset(re.findall(r"\w+", fields))
    if unknown := sorted(names - _known_names()):
        raise DriveApiError(400, "invalidParameter", f"Invalid field selection {unknown[0]}", "fields")
    return names


def is_set(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "false") == "true"


def _entries_in(folder: DriveFolder, request: ListRequest) -> list[DriveEntry]:
    entries = folder.entries()
    folders = {entry.id for entry in entries if entry.mime_type == FOLDER} | {ROOT_ID}
    if request.parent_id not in folders:
        raise file_not_found("")  # Drive does not say which parent it missed
    is_seen = (entry for entry in entries if entry.drive_id is None or request.sees_shared_drives)
    return [entry for entry in is_seen if entry.parent_id == request.parent_id]


def _resources(page: list[DriveEntry], hashes: Md5Cache, fields: frozenset[str]) -> Iterator[dict[str, Any]]:
    for entry in page:
        with suppress(FileNotFoundError):  # deleted since the folder was read: no longer a part of it
            yield resource(entry, hashes, fields)


def _place(entry: DriveEntry) -> _Place:
    return entry.name.casefold(), entry.name, entry.id


def _page_token(last: DriveEntry) -> str:
    return base64.urlsafe_b64encode(json.dumps(_place(last)).encode()).decode()


def _read_page_token(token: str) -> _Place:
    try:
        folded, name, file_id = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error) as error:
        raise invalid_value("pageToken", token) from error
    return folded, name, file_id


@cache
def _known_names() -> frozenset[str]:
    """Of Google's own description of Drive v3."""
    document = files("googleapiclient") / "discovery_cache" / "documents" / "drive.v3.json"
    schemas = json.loads(document.read_text(encoding="utf-8"))["schemas"]
    file, file_list = schemas["File"]["properties"], schemas["FileList"]["properties"]
    return frozenset({*file_list, *file, *file["shortcutDetails"]["properties"]})
