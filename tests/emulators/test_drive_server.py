"""The faults that a test can order from its Drive come as ordered, and the Drive is whole again afterwards."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from local.emulators.drive_ids import file_id_of
from tests.emulators.drive_server import DriveServer, MediaRead, running_drive_server

CONTENT = random.Random(7).randbytes(3 * 1024 * 1024 + 7)
FILE_ID = file_id_of("a.csv")
IN_FOLDER = "'RAWDATA' in parents"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DriveServer]:
    (tmp_path / "a.csv").write_bytes(CONTENT)
    with running_drive_server(tmp_path) as running:
        yield running


@pytest.fixture
def drive(server: DriveServer) -> Any:
    options = {"api_endpoint": server.url}
    return build("drive", "v3", static_discovery=True, http=httplib2.Http(timeout=20), client_options=options)


def ask(server: DriveServer, range_header: str | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
    connection.request("GET", f"/drive/v3/files/{FILE_ID}?alt=media", headers={"Range": range_header} if range_header else {})
    return connection.getresponse()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (429, "rateLimitExceeded"),
        (403, "userRateLimitExceeded"),
        (403, "insufficientFilePermissions"),
        (503, "backendError"),
    ],
)
def test_ordered_refusals_come_as_often_as_ordered(drive: Any, server: DriveServer, status: int, reason: str) -> None:
    server.fail_next(times=2, status=status, reason=reason, matching="alt=media", retry_after_seconds=7)
    assert len(drive.files().list(q=IN_FOLDER).execute()["files"]) == 1
    for _ in range(2):
        with pytest.raises(HttpError) as caught:
            drive.files().get_media(fileId=FILE_ID).execute()
        assert caught.value.status_code == status
        assert json.loads(caught.value.content)["error"]["errors"][0]["reason"] == reason
        assert caught.value.resp["retry-after"] == "7"
    assert drive.files().get_media(fileId=FILE_ID).execute() == CONTENT
    assert [seen.status for seen in server.requests] == [200, status, status, 200]


def test_cut_connection_delivers_exactly_the_bytes_before_the_cut(server: DriveServer) -> None:
    server.cut_next(after_bytes=1_500_000)
    response = ask(server)
    assert response.headers["Content-Length"] == str(len(CONTENT))
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    assert caught.value.partial == CONTENT[:1_500_000]
    assert ask(server, "bytes=1500000-").read() == CONTENT[1_500_000:]


def test_hook_sees_every_body_before_it_is_opened(drive: Any, server: DriveServer) -> None:
    reads: list[MediaRead] = []

    def replace(read: MediaRead) -> None:
        reads.append(read)
        read.path.write_bytes(b"Z" * len(CONTENT))

    server.on_media(replace)
    assert drive.files().get_media(fileId=FILE_ID).execute() == b"Z" * len(CONTENT)
    server.forget_listeners()
    assert len(drive.files().get_media(fileId=FILE_ID).execute()) == len(CONTENT)
    assert [(read.name, read.range) for read in reads] == [("a.csv", None)]


def test_throttled_line_takes_its_time(server: DriveServer) -> None:
    server.slow(bytes_per_second=4_000_000)
    began = time.monotonic()
    assert ask(server).read() == CONTENT
    assert time.monotonic() - began > len(CONTENT) / 4_000_000 * 0.9


def test_page_that_is_none_of_drives_comes_with_status_200_as_often_as_ordered(drive: Any, server: DriveServer) -> None:
    server.answer_next(b"<html>Sign in</html>", times=1)
    assert drive.files().get_media(fileId=FILE_ID).execute() == b"<html>Sign in</html>"
    assert drive.files().get_media(fileId=FILE_ID).execute() == CONTENT
    assert [seen.status for seen in server.requests] == [200, 200]


def test_garbled_body_is_as_long_as_the_file_and_another(drive: Any, server: DriveServer) -> None:
    server.garble_next()
    garbled = drive.files().get_media(fileId=FILE_ID).execute()
    assert len(garbled) == len(CONTENT)
    assert garbled != CONTENT
    assert drive.files().get_media(fileId=FILE_ID).execute() == CONTENT


def test_request_without_a_token_or_with_a_used_up_one_is_refused_once_tokens_are_asked_for(server: DriveServer) -> None:
    tokens = server.ask_for_tokens(requests_per_token=2)
    assert ask(server).status == 401
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
    seen = []
    for _ in range(2):
        connection.request("POST", "/token")
        token = json.loads(connection.getresponse().read())["access_token"]
        for _ in range(3):
            connection.request("GET", f"/drive/v3/files/{FILE_ID}", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            seen.append(answer.status)
    assert seen == [200, 200, 401] * 2
    assert tokens.handed_out == 2


def test_pages_are_capped_and_each_is_told_of_before_it_is_made(tmp_path: Path, drive: Any, server: DriveServer) -> None:
    for name in ("b.csv", "d.csv"):
        (tmp_path / name).touch()
    server.cap_pages(2)
    pages: list[int] = []

    def add_a_file_between_two_pages() -> None:
        pages.append(len(pages))
        if len(pages) == 2:
            (tmp_path / "c.csv").touch()

    server.on_list(add_a_file_between_two_pages)
    first = drive.files().list(q=IN_FOLDER, orderBy="name", pageSize=1000).execute()
    second = drive.files().list(q=IN_FOLDER, orderBy="name", pageSize=1000, pageToken=first["nextPageToken"]).execute()
    assert [file["name"] for file in first["files"] + second["files"]] == ["a.csv", "b.csv", "c.csv", "d.csv"]
    assert pages == [0, 1]
