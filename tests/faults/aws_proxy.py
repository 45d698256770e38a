"""A real HTTP proxy in front of S3 and DynamoDB that throttles, never answers, or does what it is asked and does not say so."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

#: Behind this the client has given up: workers in this suite wait a second for an answer.
SILENT_SECONDS = 1.6
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "host", "expect", "keep-alive"}


class Trouble(StrEnum):
    THROTTLED = "throttled"
    TIMED_OUT = "no answer, nothing done"
    DONE_BUT_SILENT = "carried out, but the client saw a timeout"
    DONE_BUT_CUT = "carried out, but the connection was cut"


@dataclass
class _Order:
    """What to do to the next `times` requests of that operation whose body holds `holding`."""

    operation: str
    trouble: Trouble
    times: int
    holding: bytes


class AwsProxy:
    def __init__(self, target: str) -> None:
        self.target = urlsplit(target).netloc
        self._orders: list[_Order] = []
        self._lock = threading.Lock()
        self.injected = 0
        self.url = ""

    def order(self, operation: str, trouble: Trouble, times: int = 1, holding: bytes = b"") -> None:
        with self._lock:
            self._orders.append(_Order(operation, trouble, times, holding))

    def fix(self) -> None:
        with self._lock:
            self._orders.clear()

    def trouble_for(self, operation: str, body: bytes) -> Trouble | None:
        with self._lock:
            for order in self._orders:
                if order.times > 0 and order.operation == operation and order.holding in body:
                    order.times -= 1
                    self.injected += 1
                    return order.trouble
        return None


@contextmanager
def running_proxy(target: str) -> Iterator[AwsProxy]:
    proxy = AwsProxy(target)
    handler = type("_Handler", (_Handler,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: AwsProxy

    def _serve(self) -> None:
        body = self._body()
        operation = operation_of(self.command, self.path, self.headers.get("X-Amz-Target", ""))
        trouble = self.proxy.trouble_for(operation, body)
        if trouble is Trouble.THROTTLED:
            self._throttle("X-Amz-Target" in self.headers)
            return
        if trouble is Trouble.TIMED_OUT:
            self._fall_silent(SILENT_SECONDS)
            return
        status, headers, content = self._forward(body)
        if trouble:
            self._fall_silent(SILENT_SECONDS if trouble is Trouble.DONE_BUT_SILENT else 0)
            return
        self._answer(status, headers, content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve  # noqa: N815 - the names that http.server looks for

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.proxy.target, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            connection.request(self.command, self.path, body=body, headers={**headers, "Content-Length": str(len(body))})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP or (name.lower() == "content-length" and self.command == "HEAD"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _throttle(self, is_dynamodb: bool) -> None:
        if is_dynamodb:
            error = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "Too fast"}
            self._answer(400, [("Content-Type", "application/x-amz-json-1.0")], json.dumps(error).encode())
        else:
            text = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
            self._answer(503, [("Content-Type", "application/xml")], b"" if self.command == "HEAD" else text.encode())

    def _fall_silent(self, seconds: float) -> None:
        time.sleep(seconds)
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Not a line a request."""


def operation_of(method: str, path: str, target: str) -> str:
    if target:
        return target.rpartition(".")[2]
    parts = urlsplit(path)
    query, has_key = parse_qs(parts.query, keep_blank_values=True), "/" in parts.path.strip("/")
    if "uploads" in query:
        return "CreateMultipartUpload" if method == "POST" else "ListMultipartUploads"
    if "uploadId" in query:
        return {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "GET": "ListParts"}.get(method, "AbortMultipartUpload")
    if not has_key:
        return "ListObjectsV2"
    return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject"}.get(method, "DeleteObject")
