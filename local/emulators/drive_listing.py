"""files.list and the File resource: which entries, in which order, on which page, with which attributes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.emulators.drive_errors import DriveApiError, file_not_found, invalid_value
from local.emulators.drive_fields import LIST_DEFAULT, FieldMask, parse_fields, select, wants
from local.emulators.drive_folder import FOLDER, ROOT_ID, DriveEntry, DriveFolder
from local.emulators.drive_query import parse_query
from local.emulators.file_hashes import Md5Cache

_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000
_ORDER_KEYS: dict[str, Callable[[DriveEntry], Any]] = {
    "name": lambda entry: (entry.name.casefold(), entry.name),
    "name_natural": lambda entry: [
        (part.isdigit(), int(part) if part.isdigit() else part) for part in re.findall(r"\d+|\D+", entry.name.casefold())
    ],
    "modifiedTime": lambda entry: entry.modified,
    "createdTime": lambda entry: entry.created,
    "folder": lambda entry: entry.mime_type != FOLDER,
}


@dataclass(frozen=True)
class ListRequest:
    q: str
    fields: str
    page_size: int
    page_token: str | None
    order_by: str
    corpora: str
    drive_id: str | None
    sees_shared_drives: bool

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> ListRequest:
        return cls(
            q=query.get("q", ""),
            fields=query.get("fields", LIST_DEFAULT),
            page_size=_page_size(query.get("pageSize")),
            page_token=query.get("pageToken"),
            order_by=query.get("orderBy", ""),
            corpora=query.get("corpora", "user"),
            drive_id=query.get("driveId"),
            sees_shared_drives=flag(query, "includeItemsFromAllDrives") and flag(query, "supportsAllDrives"),
        )


def list_files(folder: DriveFolder, hashes: Md5Cache, request: ListRequest) -> dict[str, Any]:
    mask = parse_fields(request.fields, "FileList")
    _check_corpus(folder, request)
    entries = _ordered(_matching(folder, request), request.order_by)
    start = _start_of_page(entries, request)
    page = entries[start : start + request.page_size]
    answer: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": False}
    if start + request.page_size < len(entries):
        answer["nextPageToken"] = _page_token(request, page[-1].id, start + len(page))
    files_mask = mask.get("files", {})
    if wants(mask, "files"):
        answer["files"] = list(_resources(page, hashes, files_mask))
    narrowed: dict[str, Any] = select(mask, answer)
    return narrowed


def _resources(page: list[DriveEntry], hashes: Md5Cache, mask: FieldMask) -> Iterator[dict[str, Any]]:
    for entry in page:
        try:
            yield resource(entry, hashes, mask)
        except FileNotFoundError:  # deleted since the folder was read: no longer a part of it
            continue


def resource(entry: DriveEntry, hashes: Md5Cache, mask: FieldMask) -> dict[str, Any]:
    """A File; the md5 is only worked out when asked for, a listing of names reads no byte of content."""
    file: dict[str, Any] = {
        "kind": "drive#file", "id": entry.id, "name": entry.name, "mimeType": entry.mime_type,
        "trashed": entry.trashed, "explicitlyTrashed": entry.trashed, "version": str(entry.version),
        "createdTime": _rfc3339(entry.created), "modifiedTime": _rfc3339(entry.modified),
    }  # fmt: skip
    if entry.parent_id is not None:
        file["parents"] = [entry.parent_id]
    if entry.drive_id is not None:
        file |= {"driveId": entry.drive_id, "teamDriveId": entry.drive_id}
    if entry.shortcut is not None:
        target = entry.shortcut
        file["shortcutDetails"] = {"targetId": target.id, "targetMimeType": target.mime_type}
    if entry.has_content and entry.path is not None:
        file["size"] = str(entry.size)
        if wants(mask, "md5Checksum"):
            # A file that may not be read is listed without: downloading it is refused, the others go on.
            with suppress(PermissionError):
                file["md5Checksum"] = hashes.md5(entry.path)
    narrowed: dict[str, Any] = select(mask, file)
    return narrowed


def flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, "false").lower()
    if value not in ("true", "false"):
        raise invalid_value(name)
    return value == "true"


def _page_size(text: str | None) -> int:
    if text is None:
        return _DEFAULT_PAGE
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        message = f"Invalid value '{text}'. Values must be within the range: [1, {_LARGEST_PAGE}]"
        raise DriveApiError(400, "invalidParameter", message, "pageSize")
    return min(int(text), _LARGEST_PAGE)  # Drive lowers a larger one to 1000 without a word


def _check_corpus(folder: DriveFolder, request: ListRequest) -> None:
    if request.corpora not in ("user", "domain", "drive", "allDrives"):
        raise invalid_value("corpora")
    if (request.corpora == "drive") != (request.drive_id is not None):
        message = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise invalid_value("driveId", message)
    if request.corpora in ("drive", "allDrives") and not request.sees_shared_drives:
        message = (
            "The includeItemsFromAllDrives and supportsAllDrives parameters must be set to true "
            "when driveId is specified or corpora contains drive or allDrives."
        )
        raise invalid_value("includeItemsFromAllDrives", message)
    if request.drive_id is not None and request.drive_id != folder.drive_id():
        raise DriveApiError(404, "notFound", f"Shared drive not found: {request.drive_id}", "driveId")


def _matching(folder: DriveFolder, request: ListRequest) -> list[DriveEntry]:
    query = parse_query(request.q)
    entries = folder.entries()
    known = {entry.id for entry in entries} | {ROOT_ID}
    if not query.parent_ids <= known:
        raise file_not_found("")  # Drive does not say which parent it missed
    return [entry for entry in entries if _is_seen(entry, request) and query.matches(entry)]


def _is_seen(entry: DriveEntry, request: ListRequest) -> bool:
    return entry.drive_id is None or request.sees_shared_drives


def _ordered(entries: list[DriveEntry], order_by: str) -> list[DriveEntry]:
    # By id, that is at random but the same on every page: Drive promises no order either.
    ordered = sorted(entries, key=lambda entry: entry.id)
    for item in reversed([part.strip() for part in order_by.split(",") if part.strip()]):
        name, _, direction = item.partition(" ")
        if name not in _ORDER_KEYS or direction.strip() not in ("", "desc"):
            raise invalid_value("orderBy", f"Invalid Value: the local Drive cannot order by {item!r}")
        ordered.sort(key=_ORDER_KEYS[name], reverse=bool(direction))
    return ordered


def _page_token(request: ListRequest, last_id: str, offset: int) -> str:
    token = {"list": _fingerprint(request), "after": last_id, "offset": offset}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode()


def _start_of_page(entries: list[DriveEntry], request: ListRequest) -> int:
    """Where the entry that ended the page before stands now: files may come and go between two pages."""
    if request.page_token is None:
        return 0
    try:
        token = json.loads(base64.urlsafe_b64decode(request.page_token.encode()))
        same_list, after, offset = token["list"], token["after"], int(token["offset"])
    except (ValueError, binascii.Error, KeyError, TypeError) as error:
        raise invalid_value("pageToken") from error
    if same_list != _fingerprint(request):
        raise invalid_value("pageToken")
    return next((index + 1 for index, entry in enumerate(entries) if entry.id == after), offset)


def _fingerprint(request: ListRequest) -> str:
    same = f"{request.q}\n{request.order_by}\n{request.corpora}\n{request.drive_id}"
    return hashlib.sha256(same.encode()).hexdigest()[:16]


def _rfc3339(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
