"""Bodies of `alt=media`: byte ranges, and files sent in blocks so that memory stays flat at any size."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

_BLOCK_BYTES = 1 << 20
# Short enough that a throttled line looks slow and not stuck.
_THROTTLED_SLICE_SECONDS = 0.05
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class ByteWindow:
    start: int
    length: int


@dataclass(frozen=True)
class Line:
    """How the body travels: whole and at full speed, unless a test ordered otherwise."""

    cut_after_bytes: int | None = None
    bytes_per_second: float | None = None
    is_garbled: bool = False


class _MediaResponse(StreamingResponse):
    """A body shorter than promised ends without its last message, and uvicorn drops the connection:

    exactly what a cut, or a file that is truncated while it is read, must look like to the client.
    """

    async def stream_response(self, send: Send) -> None:
        left = int(self.headers["Content-Length"])

        async def send_unless_short(message: Message) -> None:
            nonlocal left
            left -= len(message.get("body", b""))
            if message.get("more_body", True) or left == 0:
                await send(message)

        await super().stream_response(send_unless_short)


def media_response(stream: BinaryIO, mime_type: str, range_header: str | None, line: Line) -> Response:
    size = os.fstat(stream.fileno()).st_size
    window = requested_window(range_header, size)
    if window is None:
        stream.close()
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(window.length), "Content-Type": mime_type}
    status = 200
    if range_header is not None and _RANGE.fullmatch(range_header):
        status = 206
        headers["Content-Range"] = f"bytes {window.start}-{window.start + window.length - 1}/{size}"
    return _MediaResponse(_blocks(stream, window, line), status, headers)


def requested_window(range_header: str | None, size: int) -> ByteWindow | None:
    """None means that the range holds no byte (416). A header of another form is ignored (RFC 9110)."""
    match = _RANGE.fullmatch(range_header or "")
    if match is None or match.groups() == ("", ""):
        return ByteWindow(0, size)
    first, last = match.groups()
    if not first:  # bytes=-500: the last 500
        length = min(int(last), size)
        return ByteWindow(size - length, length) if length else None
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    return ByteWindow(start, end - start + 1) if start <= end else None


def _blocks(stream: BinaryIO, window: ByteWindow, line: Line) -> Iterator[bytes]:
    cut = line.cut_after_bytes
    left = window.length if cut is None else min(window.length, cut)
    with stream:
        stream.seek(window.start)
        while left and (block := stream.read(min(left, _block_bytes(line)))):
            left -= len(block)
            if line.bytes_per_second:
                time.sleep(len(block) / line.bytes_per_second)
            yield bytes(255 - byte for byte in block) if line.is_garbled else block


def _block_bytes(line: Line) -> int:
    if line.bytes_per_second is None:
        return _BLOCK_BYTES
    return max(1, min(_BLOCK_BYTES, int(line.bytes_per_second * _THROTTLED_SLICE_SECONDS)))
