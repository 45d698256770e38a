"""Google Drive API v3 (files.list, files.get, alt=media) over one folder of files: read-only, without accounts.

A process of its own: `python -m local.emulators.drive_server --rawdata DIR --fd N`, where N is a socket that listens.
"""

from __future__ import annotations

import argparse
import logging
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from local.emulators.drive_errors import DriveApiError, file_not_found, not_downloadable, not_permitted
from local.emulators.drive_folder import DriveEntry, DriveFolder
from local.emulators.drive_listing import ListRequest, field_names, is_set, list_files, resource
from local.emulators.file_hashes import Md5Cache
from local.emulators.listening import DRIVE_HEALTH_PATH
from local.errors import DriveNotesInvalidError, RawdataFolderMissingError

_KEEP_ALIVE_SECONDS = 75


class _Media(FileResponse):
    chunk_size = 1 << 20


class LocalDrive:
    """Answers Drive requests for one folder."""

    def __init__(self, folder: Path, ids_file: Path | None = None) -> None:
        if not folder.is_dir():
            raise RawdataFolderMissingError(folder)
        self.folder = DriveFolder(folder, ids_file)
        self._hashes = Md5Cache()

    def application(self) -> Starlette:
        # google-api-python-client appends `files…` to the endpoint that it is given, with /drive/v3 or without.
        routes = [
            Route(prefix + path, self._endpoint(action), methods=["GET"])
            for prefix in ("", "/drive/v3")
            for path, action in (("/files", self.list_page), ("/files/{file_id}", self.get_file))
        ]
        errors = {404: _no_such_method, 405: _read_only}
        return Starlette(routes=[Route(DRIVE_HEALTH_PATH, self._health), *routes], exception_handlers=errors)

    def server(self) -> uvicorn.Server:
        # log_config=None: the caller's logging stays as it is.
        config = uvicorn.Config(
            self.application(), log_config=None, access_log=False, lifespan="off",
            timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=1,
        )  # fmt: skip
        return uvicorn.Server(config)

    def answer(self, request: Request, action: Callable[[Request], Response]) -> Response:
        try:
            return action(request)
        except DriveApiError as error:
            return error_response(error)
        except DriveNotesInvalidError as error:
            return error_response(DriveApiError(400, "localDriveNotesInvalid", str(error)))

    def list_page(self, request: Request) -> Response:
        return JSONResponse(list_files(self.folder, self._hashes, ListRequest.from_query(request.query_params)))

    def get_file(self, request: Request) -> Response:
        entry = self._entry(request)
        if request.query_params.get("alt") == "media":
            return self.media(entry, request)
        fields = request.query_params.get("fields")
        try:
            return JSONResponse(resource(entry, self._hashes, field_names(fields) if fields else None))
        except FileNotFoundError as error:  # deleted between being listed and being hashed
            raise file_not_found(entry.id) from error

    def media(self, entry: DriveEntry, _: Request) -> Response:
        if entry.path is None:
            raise not_downloadable()
        try:
            with entry.path.open("rb"):  # while the status can still say what is wrong
                return _Media(entry.path, media_type=entry.mime_type, stat_result=entry.path.stat())
        except FileNotFoundError as error:
            raise file_not_found(entry.id) from error
        except PermissionError as error:
            raise not_permitted("The user does not have sufficient permissions for this file.") from error

    def _endpoint(self, action: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            return self.answer(request, action)

        return endpoint

    def _entry(self, request: Request) -> DriveEntry:
        entry = self.folder.find(request.path_params["file_id"])
        if entry is None or (entry.drive_id and not is_set(request.query_params, "supportsAllDrives")):
            raise file_not_found(request.path_params["file_id"])
        return entry

    def _health(self, _: Request) -> Response:
        return JSONResponse({"rawdata": str(self.folder.root)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rawdata", type=Path, required=True)
    parser.add_argument("--ids", type=Path, help="file that remembers ids, so that a renamed file keeps its own")
    parser.add_argument("--fd", type=int, required=True, help="the socket that listens already")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    drive = LocalDrive(arguments.rawdata, arguments.ids)
    with socket.socket(fileno=arguments.fd) as listener:
        logging.getLogger(__name__).info("Drive of %s on %s", drive.folder.root, listener.getsockname())
        drive.server().run(sockets=[listener])


def error_response(error: DriveApiError) -> Response:
    return JSONResponse(error.body(), error.status)


def _no_such_method(request: Request, _: Exception) -> Response:
    return error_response(DriveApiError(404, "notFound", f"The local Drive has no {request.url.path}."))


def _read_only(request: Request, _: Exception) -> Response:
    return error_response(not_permitted(f"The local Drive is read-only: {request.method} is not possible."))


if __name__ == "__main__":
    main()
