"""Downloads from the local Drive."""

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

from local.emulators.drive_ids import file_id_of
from tests.emulators.drive_server import DriveServer

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
    assert [seen.range for seen in server.requests][:2] == ["bytes=0-999999", "bytes=1000000-1999999"]


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
    listed = drive.files().list(q="'RAWDATA' in parents").execute()["files"]
    found = [file for file in listed if file["name"] != "a.csv"]
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
