"""data.cms.gov as a server on this machine: the provider-data metastore, data.json, and files with ETag, date and ranges.

The answers have the shape of those that CMS gave on 2026-10-05.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PBJ_ID = "7e0d53ba-8f02-4c66-98a5-14a1c997c50d"
_FILES = "/provider-data/sites/default/files/resources"
_ITEMS = "/provider-data/api/1/metastore/schemas/dataset/items/"


@dataclass(frozen=True)
class PublishedFile:
    body: bytes
    changed_at: int = 1_787_000_000
    has_etag: bool = True
    has_date: bool = True
    more_headers: Mapping[str, str] = field(default_factory=dict)

    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": "text/csv", "Accept-Ranges": "bytes"}
        if self.has_etag:
            headers["ETag"] = f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'
        if self.has_date:
            headers["Last-Modified"] = formatdate(self.changed_at, usegmt=True)
        return {**headers, **self.more_headers}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class CmsSite:
    """What is published, what goes wrong (once each, in order), and what was asked."""

    url: str = ""
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    quarters: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, PublishedFile] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)  # by the end of the path
    cuts: dict[str, list[int]] = field(default_factory=dict)  # bytes of a GET's body after which the connection ends
    replaced_after_head: dict[str, PublishedFile] = field(default_factory=dict)  # by the path
    requests: list[Request] = field(default_factory=list)

    def publish(self, dataset_id: str, name: str, file: PublishedFile, *, is_wrapped: bool = False) -> str:
        """The path of the file, which differs with every version as CMS's does."""
        path = f"{_FILES}/{hashlib.sha256(name.encode()).hexdigest()[:32]}_{file.changed_at}/{name}"
        self.files[path] = file
        plain = {"@type": "dcat:Distribution", "downloadURL": self.url + path, "mediaType": "text/csv",
                 "describedByType": "application/pdf"}  # fmt: skip
        self.datasets[dataset_id] = {
            "accessLevel": "public", "identifier": dataset_id, "title": name, "released": "2026-08-26", "modified": "2026-08-01",
            "nextUpdateDate": "2026-09-30", "%modified": "2026-08-26T02:10:55-0400",
            "theme": ["Nursing homes including rehab services"],
            "distribution": [{"identifier": "7a4f1244-c697-5d9d-8f84-1e10347a3a7e", "data": plain} if is_wrapped else plain],
        }  # fmt: skip
        return path

    def publish_quarter(self, name: str, temporal: str, file: PublishedFile, modified: str = "2026-07-29") -> str:
        """Beside the file stands its twin in the API, as on CMS's site."""
        path = f"/sites/default/files/{modified[:7]}/{hashlib.sha256(file.body).hexdigest()[:32]}/{name}"
        self.files[path] = file
        title = f"Payroll Based Journal Daily Nurse Staffing : {temporal[:10]}"
        common = {"@type": "dcat:Distribution", "title": title, "modified": modified, "temporal": temporal,
                  "resourcesAPI": f"{self.url}/data-api/v1/dataset-resources/{PBJ_ID}"}  # fmt: skip
        self.quarters += [
            {**common, "format": "API", "accessURL": f"{self.url}/data-api/v1/dataset/{PBJ_ID}/data"},
            {**common, "mediaType": "text/csv", "downloadURL": self.url + path},
        ]
        return path

    def asked(self, method: str, end_of_path: str) -> list[Request]:
        return [request for request in self.requests if request.method == method and request.path.endswith(end_of_path)]

    def data_json(self) -> dict[str, Any]:
        other = {"@type": "dcat:Dataset", "identifier": f"{self.url}/data-api/v1/dataset/b497431a/data-viewer",
                 "title": "Payroll Based Journal Daily Non-Nurse Staffing", "distribution": []}  # fmt: skip
        pbj = {**other, "identifier": f"{self.url}/data-api/v1/dataset/{PBJ_ID}/data-viewer",
               "title": "Payroll Based Journal Daily Nurse Staffing", "accrualPeriodicity": "R/P3M",
               "distribution": self.quarters}  # fmt: skip
        return {"@type": "dcat:Catalog", "conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [other, pbj]}

    def take(self, plan: dict[str, list[int]], path: str) -> int | None:
        for end, left in plan.items():
            if path.endswith(end) and left:
                return left.pop(0)
        return None


class _Handler(BaseHTTPRequestHandler):
    site: CmsSite
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: the second would wait for an acknowledgement

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.site.requests.append(Request(self.command, path, dict(self.headers)))
        status = self.site.take(self.site.statuses, path)
        if status is not None:
            self._answer(status, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})
        elif path == "/data.json":
            self._json(200, self.site.data_json())
        elif path.startswith(_ITEMS) and (dataset := self.site.datasets.get(path.removeprefix(_ITEMS))):
            self._json(200, dataset)
        elif path in self.site.files:
            self._file(path, self.site.files[path])
        else:
            self._json(404, {"message": f"Error retrieving metadata: {path} not found.", "status": 404})

    do_HEAD = do_GET  # noqa: N815 - the name that http.server asks for

    def _file(self, path: str, file: PublishedFile) -> None:
        headers, start = file.headers(), self._range_start(file)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(file.body) - 1}/{len(file.body)}"
        cut = self.site.take(self.site.cuts, path) if self.command == "GET" else None
        self._answer(206 if start else 200, file.body[start:], headers, cut)
        if self.command == "HEAD" and path in self.site.replaced_after_head:
            self.site.files[path] = self.site.replaced_after_head.pop(path)

    def _range_start(self, file: PublishedFile) -> int:
        """If-Range holds the ETag or the date of another version: the whole file is sent."""
        asked, known = self.headers.get("Range"), self.headers.get("If-Range")
        headers = file.headers()
        if asked is None or known not in (headers.get("ETag"), headers.get("Last-Modified")):
            return 0
        return int(asked.removeprefix("bytes=").rstrip("-"))

    def _json(self, status: int, answer: dict[str, Any]) -> None:
        self._answer(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut])
        self.close_connection = cut is not None

    def log_message(self, *_: Any) -> None:
        """The test's output stays readable."""


@contextmanager
def running_cms_site() -> Iterator[CmsSite]:
    site = CmsSite()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
