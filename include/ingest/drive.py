"""Lists the files of a Google Drive folder and reads their bytes, with retries for what passes by itself."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, NoReturn, TypeVar

import google.auth
import httplib2
from google.auth.credentials import Credentials
from google.auth.exceptions import MalformedError, TransportError
from google.oauth2 import service_account as service_account_module
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from include.ingest.errors import DriveAccessError, DriveKeyError, DriveQuotaError, DriveUnreachableError
from include.ingest.file_version import FileVersion, left_alone_because
from include.settings import Settings

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
_GOOGLE_NATIVE = "application/vnd.google-apps."
_FIELDS = "id, name, mimeType, md5Checksum, size, modifiedTime, trashed, shortcutDetails(targetId, targetMimeType)"
_PAGE_SIZE = 1000
_GOOGLE_ENDPOINT = "https://www.googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/drive.readonly",)
_RATE_LIMITS = {"rateLimitExceeded", "userRateLimitExceeded"}
_QUOTA = "downloadQuotaExceeded"
_NOT_DRIVE = "the answer is a page that is none of Drive's, as a proxy or a sign-in page between us and Google gives"

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IgnoredEntry:
    """An entry of the folder that is no CMS file, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Listing:
    files: tuple[FileVersion, ...]
    ignored: tuple[IgnoredEntry, ...]


class TruncatedReadError(Exception):
    """Drive closed the body early without an error; passes by itself."""


class ForeignPageError(Exception):
    """Something between us and Drive answered in its place; passes by itself, as a rule."""


def _json(request: Any) -> dict[str, Any]:
    """Google's client gives back as text what is no JSON."""
    answer = request.execute()
    if not isinstance(answer, dict):
        raise ForeignPageError(str(answer)[:200])
    return answer


def _error_reasons(error: HttpError) -> set[str]:
    try:
        errors = json.loads(error.content)["error"]["errors"]
    except (ValueError, KeyError, TypeError):
        return set()
    return {str(item.get("reason")) for item in errors}


def is_transient(error: BaseException) -> bool:
    """429, 403 by rate limit, 5xx, cut connections and the pages of a proxy pass by themselves; anything else does not."""
    if isinstance(error, HttpError):
        status = int(error.resp.status)
        return status == 429 or status >= 500 or (status == 403 and bool(_error_reasons(error) & _RATE_LIMITS))
    # A missing file or a permission on this machine is an OSError too, but never comes out of a request.
    passing = OSError | http.client.HTTPException | httplib2.HttpLib2Error | TransportError | TruncatedReadError
    return isinstance(error, passing | ForeignPageError)


class Drive:
    """Drive v3 through google-api-python-client; not thread-safe, as httplib2 is not."""

    is_verified: ClassVar[bool] = False

    def __init__(self, service: Any, settings: Settings) -> None:
        self._files = service.files()
        self._settings = settings
        self._endpoint = settings.drive_api_endpoint or _GOOGLE_ENDPOINT

    def list_folder(self) -> Listing:
        """Every entry of the folder, over all pages, each either a file or ignored with a reason."""
        files: dict[tuple[str, str], FileVersion] = {}
        ignored: list[IgnoredEntry] = []
        # Shortcuts last: a file that is there itself goes by its own name.
        for entry in sorted(self._all_entries(), key=lambda entry: entry["mimeType"] == SHORTCUT):
            found = self._classify(entry)
            if isinstance(found, IgnoredEntry):
                ignored.append(found)
            elif (found.file_id, found.file_md5) in files:
                ignored.append(IgnoredEntry(entry["name"], "a shortcut to a file that is listed already"))
            else:
                files[found.file_id, found.file_md5] = found
        return Listing(tuple(files.values()), tuple(ignored))

    def read_range(self, file: FileVersion, start: int, stop: int) -> bytes:
        """Bytes [start, stop) of the file."""

        def read() -> bytes:
            request = self._files.get_media(fileId=file.file_id, supportsAllDrives=True)
            request.headers["range"] = f"bytes={start}-{stop - 1}"
            content: bytes = request.execute()
            if len(content) != stop - start:
                raise TruncatedReadError(f"{len(content)} bytes instead of {stop - start}")
            return content

        return self._retrying(f"the bytes of {file.name!r}", read)

    def current_version(self, file: FileVersion) -> FileVersion:
        """The file as it is now: another md5 when somebody changed it."""
        entry = self._get(file.file_id)
        return replace(
            file, file_md5=entry.get("md5Checksum", ""), size=int(entry.get("size", 0)), modified_at=entry["modifiedTime"]
        )

    def _get(self, file_id: str) -> dict[str, Any]:
        request = self._files.get(fileId=file_id, fields=_FIELDS, supportsAllDrives=True)
        return self._retrying(f"file {file_id!r}", partial(_json, request))

    def _all_entries(self) -> Iterator[dict[str, Any]]:
        folders = [self._settings.drive_folder_id]
        while folders:
            for entry in self._entries(folders.pop()):
                if entry["mimeType"] == FOLDER and self._settings.drive_include_subfolders and not entry.get("trashed"):
                    folders.append(entry["id"])
                else:
                    yield entry

    def _entries(self, folder_id: str) -> Iterator[dict[str, Any]]:
        request = self._files.list(
            q=f"'{folder_id}' in parents",
            fields=f"nextPageToken, files({_FIELDS})",
            orderBy="name",
            pageSize=_PAGE_SIZE,
            supportsAllDrives=True,
            includeItemsFromAllDrives=True,
        )
        while request is not None:
            page = self._retrying(f"the folder {folder_id!r}", partial(_json, request))
            yield from page.get("files", [])
            request = self._files.list_next(request, page)

    def _classify(self, entry: dict[str, Any]) -> FileVersion | IgnoredEntry:
        name = entry["name"]
        if entry.get("trashed"):
            return IgnoredEntry(name, "in the trash")
        if entry["mimeType"] == FOLDER:
            return IgnoredEntry(name, "a folder (set DRIVE_INCLUDE_SUBFOLDERS=1 to read the files in folders)")
        if entry["mimeType"] == SHORTCUT:
            return self._follow(entry)
        if entry["mimeType"].startswith(_GOOGLE_NATIVE):
            return IgnoredEntry(name, "a Google document, not a file (download it as CSV and upload that)")
        if reason := left_alone_because(name):
            return IgnoredEntry(name, reason)
        return FileVersion.named(entry["id"], entry["md5Checksum"], name, int(entry["size"]), entry["modifiedTime"])

    def _follow(self, shortcut: dict[str, Any]) -> FileVersion | IgnoredEntry:
        try:
            target = self._get(shortcut["shortcutDetails"]["targetId"])
        except DriveAccessError:
            return IgnoredEntry(shortcut["name"], "a shortcut whose target is gone or not shared with us")
        if target["mimeType"] in (SHORTCUT, FOLDER):
            return IgnoredEntry(shortcut["name"], "a shortcut to a folder or to another shortcut")
        name = shortcut["name"] if left_alone_because(shortcut["name"]) is None else target["name"]
        return self._classify({**target, "name": name})

    def _retrying(self, what: str, call: Callable[[], T]) -> T:
        """Raises DriveUnreachableError when what passes by itself has not passed after all tries, or within the longest time."""
        attempts = Retrying(
            retry=retry_if_exception(is_transient),
            wait=wait_random_exponential(multiplier=0.5, max=self._settings.drive_longest_wait_seconds),
            stop=stop_after_attempt(self._settings.drive_attempts) | stop_before_delay(self._settings.drive_longest_minutes * 60),
            before_sleep=partial(self._log_failed_try, what),
            retry_error_callback=partial(self._give_up, what),
        )
        try:
            return attempts(call)
        except HttpError as error:
            if _QUOTA in _error_reasons(error):
                raise DriveQuotaError(what) from error
            raise DriveAccessError(what, f"{error.resp.status} {error.reason}") from error

    def _log_failed_try(self, what: str, tries: RetryCallState) -> None:
        _log.warning(
            "Drive at %s: try %d of %d for %s failed (%s); the next one in %.1f s",
            self._endpoint, tries.attempt_number, self._settings.drive_attempts, what, _reason(_error_of(tries)),
            tries.upcoming_sleep,
        )  # fmt: skip

    def _give_up(self, what: str, tries: RetryCallState) -> NoReturn:
        error, seconds = _error_of(tries), tries.seconds_since_start or 0.0
        if isinstance(error, TruncatedReadError):  # Drive is there, and the file may have changed: the caller asks
            raise error
        raise DriveUnreachableError(what, self._endpoint, tries.attempt_number, seconds, _reason(error)) from error


def _error_of(tries: RetryCallState) -> BaseException | None:
    return tries.outcome.exception() if tries.outcome else None


def _reason(error: BaseException | None) -> str:
    if isinstance(error, HttpError):
        return f"{error.resp.status} {error.reason}"
    return _NOT_DRIVE if isinstance(error, ForeignPageError) else f"{type(error).__name__}: {error}"


def service_account(key: Mapping[str, Any]) -> Credentials:
    """Read-only credentials from a service account's JSON key; raises DriveKeyError when it is none."""
    try:
        from_key = service_account_module.Credentials.from_service_account_info
        credentials: Credentials = from_key(key, scopes=_SCOPES)  # type: ignore[no-untyped-call]  # Google's own
    except (MalformedError, ValueError) as error:
        raise DriveKeyError(str(error)) from error
    return credentials


def connect_drive(settings: Settings, credentials: Credentials | None = None) -> Drive:
    """With the credentials given, else Google's application default ones; the local Drive server asks for none."""
    http: Any = httplib2.Http(timeout=settings.drive_answer_seconds)
    if credentials or not settings.drive_api_endpoint:
        http = AuthorizedHttp(credentials or google.auth.default(scopes=_SCOPES)[0], http=http)
    options = {"api_endpoint": settings.drive_api_endpoint} if settings.drive_api_endpoint else None
    service = build("drive", "v3", http=http, client_options=options, cache_discovery=False, static_discovery=True)
    return Drive(service, settings)
