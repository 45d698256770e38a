"""Google Drive API v3 (files.list, files.get, alt=media) over one folder of files: read-only, no accounts.

A process: `python -m local.emulators.drive_server --rawdata DIR`; a test: `running_drive_server(folder)`.
"""

from __future__ import annotations

import argparse
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.emulators.drive_errors import DriveApiError, file_not_found, not_downloadable, refused, token_not_accepted
from local.emulators.drive_faults import FaultPlan, MediaRead, Page, Refusal
from local.emulators.drive_fields import GET_DEFAULT, parse_fields
from local.emulators.drive_folder import ROOT_ALIAS, DriveEntry, DriveFolder
from local.emulators.drive_listing import ListRequest, flag, list_files, resource
from local.emulators.drive_media import Line, media_response
from local.emulators.drive_tokens import TokenDesk
from local.emulators.file_hashes import Md5Cache
from local.emulators.listening import DRIVE_HEALTH_PATH, LOOPBACK, listen, write_address
from local.errors import DriveNotesInvalidError, RawdataFolderMissingError

_REMEMBERED_REQUESTS = 10_000
_KEEP_ALIVE_SECONDS = 75
_TOKEN_PATH = "/token"  # noqa: S105 (no secret: a path)


@dataclass(frozen=True)
class SeenRequest:
    method: str
    path: str
    query: dict[str, str]
    range: str | None
    status: int


class LocalDrive:
    """Answers Drive requests for one folder."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise RawdataFolderMissingError(folder)
        self.folder = DriveFolder(folder)
        self.faults = FaultPlan()
        self.requests: deque[SeenRequest] = deque(maxlen=_REMEMBERED_REQUESTS)
        self._hashes = Md5Cache()

    def application(self) -> Starlette:
        # google-api-python-client appends `files…` to the endpoint it was given, with /drive/v3 or without.
        routes = [
            Route(prefix + path, self._endpoint(action), methods=["GET"])
            for prefix in ("", "/drive/v3")
            for path, action in (("/files", self._list), ("/files/{file_id}", self._get))
        ]
        health = Route(DRIVE_HEALTH_PATH, self._health)
        errors = {404: _no_such_method, 405: _read_only}
        token = Route(_TOKEN_PATH, self._token, methods=["POST"])
        return Starlette(routes=[health, token, *routes], exception_handlers=errors)

    def _endpoint(self, action: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            try:
                self._check_token(request)
                response = self._refusal(request) or self._other_page(request) or action(request)
            except DriveApiError as error:
                response = _error_response(error)
            except DriveNotesInvalidError as error:
                response = _error_response(DriveApiError(400, "localDriveNotesInvalid", str(error)))
            self._remember(request, response.status_code)
            return response

        return answer

    def _refusal(self, request: Request) -> Response | None:
        refusal = self.faults.next_refusal(_target(request))
        if refusal is None:
            return None
        response = _error_response(refused(refusal.status, refusal.reason))
        if refusal.retry_after_seconds is not None:
            response.headers["Retry-After"] = str(refusal.retry_after_seconds)
        return response

    def _other_page(self, request: Request) -> Response | None:
        page = self.faults.next_page(_target(request))
        return Response(page.content, media_type=page.content_type) if page else None

    def _check_token(self, request: Request) -> None:
        tokens = self.faults.tokens
        if tokens and not tokens.accepts(request.headers.get("Authorization", "")):
            raise token_not_accepted()

    def _token(self, _: Request) -> Response:
        """Where a service account changes its signed assertion into a token; only while a test asks for tokens."""
        if self.faults.tokens is None:
            return _error_response(DriveApiError(404, "notFound", "The local Drive asks for no tokens."))
        return JSONResponse(self.faults.tokens.hand_out())

    def _health(self, _: Request) -> Response:
        return JSONResponse({"rawdata": str(self.folder.root)})

    def _list(self, request: Request) -> Response:
        self.faults.tell_listing()
        wanted = ListRequest.from_query(request.query_params)
        if longest := self.faults.longest_page:
            wanted = replace(wanted, page_size=min(wanted.page_size, longest))
        return JSONResponse(list_files(self.folder, self._hashes, wanted))

    def _get(self, request: Request) -> Response:
        entry = self._entry(request)
        if request.query_params.get("alt") == "media":
            return self._media(request, entry)
        mask = parse_fields(request.query_params.get("fields", GET_DEFAULT), "File")
        try:
            return JSONResponse(resource(entry, self._hashes, mask))
        except FileNotFoundError as error:  # deleted between being listed and being hashed
            raise file_not_found(entry.id) from error

    def _entry(self, request: Request) -> DriveEntry:
        file_id = request.path_params["file_id"]
        entry = self.folder.find(file_id)
        hidden = entry is not None and entry.drive_id and not flag(request.query_params, "supportsAllDrives")
        if entry is None or hidden:
            raise file_not_found("." if file_id == ROOT_ALIAS else file_id)
        return entry

    def _media(self, request: Request, entry: DriveEntry) -> Response:
        if entry.path is None or not entry.has_content:
            raise not_downloadable()
        wanted = request.headers.get("range")
        self.faults.tell_media(MediaRead(entry.id, entry.name, entry.path, wanted))
        target = _target(request)
        line = Line(self.faults.next_cut(target), self.faults.bytes_per_second, self.faults.is_next_garbled(target))
        return media_response(_opened(entry.path, entry.id), entry.mime_type, wanted, line)

    def _remember(self, request: Request, status: int) -> None:
        query = dict(request.query_params)
        seen = SeenRequest(request.method, request.url.path, query, request.headers.get("range"), status)
        self.requests.append(seen)


class DriveServer:
    """What a test holds: the address, the requests seen so far, and the faults to come."""

    def __init__(self, drive: LocalDrive, url: str) -> None:
        self._drive = drive
        self.url = url

    @property
    def requests(self) -> list[SeenRequest]:
        return list(self._drive.requests)

    def fail_next(
        self,
        times: int = 1,
        status: int = 429,
        reason: str = "rateLimitExceeded",
        matching: str = "",
        retry_after_seconds: int | None = None,
    ) -> None:
        """Refuse the next requests whose path and query hold `matching`."""
        self._drive.faults.refuse(Refusal(status, reason, retry_after_seconds), times, matching)

    def cut_next(self, after_bytes: int, times: int = 1, matching: str = "alt=media") -> None:
        """Drop the connection of the next downloads after that many bytes of the body."""
        self._drive.faults.cut(after_bytes, times, matching)

    def answer_next(
        self, content: bytes, times: int = 1, matching: str = "alt=media", content_type: str = "text/html; charset=utf-8"
    ) -> None:
        """Answer the next requests with another page and status 200, as a proxy between us and Drive does."""
        self._drive.faults.replace(Page(content, content_type), times, matching)

    def garble_next(self, times: int = 1, matching: str = "alt=media") -> None:
        """Send other bytes than those of the file, as many of them."""
        self._drive.faults.garble(times, matching)

    def cap_pages(self, entries: int) -> None:
        """Put no more entries on one page of a listing, however many were asked for, as Drive may."""
        self._drive.faults.longest_page = entries

    def on_list(self, callback: Callable[[], None]) -> None:
        """Called before each page of a listing is made, in the server's thread."""
        self._drive.faults.listen_to_listings(callback)

    def ask_for_tokens(self, requests_per_token: int) -> TokenDesk:
        """From now on accept only requests with a token of `<url>/token`, each for so many requests."""
        self._drive.faults.tokens = TokenDesk(requests_per_token)
        return self._drive.faults.tokens

    def ask_for_no_tokens(self) -> None:
        self._drive.faults.tokens = None

    def forget_listeners(self) -> None:
        """Call back no more."""
        self._drive.faults.forget_listeners()

    def slow(self, bytes_per_second: float | None) -> None:
        """Throttle every body from now on; None ends it."""
        self._drive.faults.bytes_per_second = bytes_per_second

    def on_media(self, callback: Callable[[MediaRead], None]) -> None:
        """Called before a body is opened and sent, in the server's thread."""
        self._drive.faults.listen(callback)


@contextmanager
def running_drive_server(folder: Path) -> Iterator[DriveServer]:
    drive = LocalDrive(folder)
    with listen(preferred_port=0) as listener:
        server = _uvicorn(drive)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield DriveServer(drive, f"http://{LOOPBACK}:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rawdata", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="wish; another is taken when it is busy")
    parser.add_argument("--address-file", type=Path, help="where to write the address once it answers")
    parser.add_argument("--instance", help="any text; it tells this process from others on a command line")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    drive = LocalDrive(arguments.rawdata)
    with listen(arguments.port) as listener:
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        logging.getLogger(__name__).info("Drive of %s on %s", drive.folder.root, url)
        if arguments.address_file is not None:
            write_address(arguments.address_file, url)
        _uvicorn(drive).run(sockets=[listener])


def _uvicorn(drive: LocalDrive) -> uvicorn.Server:
    # log_config=None: the caller's logging stays as it is.
    config = uvicorn.Config(
        drive.application(), log_config=None, access_log=False, lifespan="off",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=1,
    )  # fmt: skip
    return uvicorn.Server(config)


def _opened(path: Path, file_id: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise file_not_found(file_id) from error
    except PermissionError as error:
        raise refused(403, "insufficientFilePermissions") from error


def _target(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}"


def _error_response(error: DriveApiError) -> Response:
    return JSONResponse(error.body(), error.status)


def _no_such_method(request: Request, _: Exception) -> Response:
    return _error_response(DriveApiError(404, "notFound", f"The local Drive has no {request.url.path}."))


def _read_only(request: Request, _: Exception) -> Response:
    message = f"The local Drive is read-only: {request.method} is not possible."
    return _error_response(DriveApiError(403, "insufficientFilePermissions", message))


if __name__ == "__main__":
    main()
