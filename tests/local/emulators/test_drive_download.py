"""Downloads from the local Drive, and the faults that tests can order."""

from __future__ import annotations

import http.client
import io
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload

from local.emulators.drive_faults import MediaRead
from local.emulators.drive_folder import file_id_of
from local.emulators.drive_server import DriveServer

CONTENT = random.Random(7).randbytes(3 * 1024 * 1024 + 7)
FILE_ID = file_id_of("a.csv")


@pytest.fixture(autouse=True)
def one_file(rawdata: Path) -> None:
    (rawdata / "a.csv").write_bytes(CONTENT)


def ask(server: DriveServer, range_header: str | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
    headers = {"Authorization": "Bearer whatever"} | ({"Range": range_header} if range_header else {})
    connection.request("GET", f"/drive/v3/files/{FILE_ID}?alt=media", headers=headers)
    return connection.getresponse()


def download(drive: Any, chunk_bytes: int) -> bytes:
    received = io.BytesIO()
    request = MediaIoBaseDownload(received, drive.files().get_media(fileId=FILE_ID), chunksize=chunk_bytes)
    done = False
    while not done:
        _, done = request.next_chunk()
    return received.getvalue()


def test_whole_file_arrives_byte_for_byte(drive: Any) -> None:
    assert drive.files().get_media(fileId=FILE_ID).execute() == CONTENT


def test_file_arrives_in_chunks_over_one_connection(drive: Any, server: DriveServer) -> None:
    assert download(drive, chunk_bytes=1_000_000) == CONTENT
    assert [seen.status for seen in server.requests] == [206] * 4
    assert server.requests[0].range == "bytes=0-999999"


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=3145728-", 3145728, 3145734),
        ("bytes=-5", 3145730, 3145734),
        ("bytes=3145730-99999999", 3145730, 3145734),
    ],
)
def test_range_is_honoured(server: DriveServer, header: str, first: int, last: int) -> None:
    response = ask(server, header)
    content_range = f"bytes {first}-{last}/{len(CONTENT)}"
    assert (response.status, response.headers["Content-Range"]) == (206, content_range)
    assert response.read() == CONTENT[first : last + 1]


def test_range_behind_the_end_is_not_satisfiable(server: DriveServer) -> None:
    response = ask(server, f"bytes={len(CONTENT)}-")
    assert (response.status, response.headers["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")


def test_empty_file_can_be_downloaded(rawdata: Path, drive: Any) -> None:
    (rawdata / "a.csv").write_bytes(b"")
    assert download(drive, chunk_bytes=1000) == b""


def test_what_has_no_bytes_is_refused_as_not_downloadable(rawdata: Path, drive: Any) -> None:
    (rawdata / "folder").mkdir()
    document = {"name": "Notes", "mimeType": "application/vnd.google-apps.document"}
    (rawdata / ".drive.json").write_text(json.dumps({"extra": [document]}))
    found = drive.files().list(q="name = 'folder' or name = 'Notes'").execute()["files"]
    assert len(found) == 2
    for file in found:
        with pytest.raises(HttpError) as caught:
            drive.files().get_media(fileId=file["id"]).execute()
        assert caught.value.status_code == 403
        assert "fileNotDownloadable" in caught.value.content.decode()


def test_memory_stays_flat_while_a_large_file_is_served(rawdata: Path, server: DriveServer) -> None:
    size = 1 << 29
    with (rawdata / "a.csv").open("wb") as stream:
        stream.truncate(size)  # sparse: half a gigabyte that costs no disk
    before = resident_bytes()
    response = ask(server)
    received = 0
    largest = 0
    while block := response.read(1 << 20):
        received += len(block)
        largest = max(largest, resident_bytes())
    assert received == size
    assert largest - before < 64 * 1024 * 1024


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


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
    assert len(drive.files().list().execute()["files"]) == 1
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


def test_file_truncated_while_it_is_read_breaks_the_connection(rawdata: Path, server: DriveServer) -> None:
    server.slow(bytes_per_second=8_000_000)
    response = ask(server)
    received = response.read(100_000)
    os.truncate(rawdata / "a.csv", 200_000)
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    received += caught.value.partial
    assert len(received) < len(CONTENT)
    assert received[:200_000] == CONTENT[:200_000]


def test_hook_sees_every_body_before_it_is_opened(rawdata: Path, drive: Any, server: DriveServer) -> None:
    reads: list[MediaRead] = []

    def replace_on_second_read(read: MediaRead) -> None:
        reads.append(read)
        if len(reads) == 2:
            (rawdata / "a.csv").write_bytes(b"Z" * len(CONTENT))

    server.on_media(replace_on_second_read)
    received = download(drive, chunk_bytes=2_000_000)
    assert received == CONTENT[:2_000_000] + b"Z" * (len(CONTENT) - 2_000_000)
    assert [(read.file_id, read.name, read.range) for read in reads] == [
        (FILE_ID, "a.csv", "bytes=0-1999999"),
        (FILE_ID, "a.csv", "bytes=2000000-3999999"),
    ]


def test_throttled_line_takes_its_time(server: DriveServer) -> None:
    import time

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
