"""S3 as the pipeline uses it: immutable objects, written whole and verified by md5."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from include.ingest.errors import StoredBytesDifferError

_CHUNK_BYTES = 8 * 1024 * 1024


class ObjectStore:
    """One bucket, reached through a boto3 S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def size_of(self, key: str) -> int | None:
        """Bytes of the object, or None when there is none."""
        head = self._head(key)
        return int(head["ContentLength"]) if head else None

    def read_chunks(self, key: str) -> Iterator[bytes]:
        body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        while chunk := body.read(_CHUNK_BYTES):
            yield chunk

    def md5_of(self, key: str, on_chunk: Callable[[], None] = lambda: None) -> str:
        """md5 of the bytes that S3 holds, read back."""
        digest = hashlib.md5(usedforsecurity=False)
        for chunk in self.read_chunks(key):
            digest.update(chunk)
            on_chunk()
        return digest.hexdigest()

    def verify(self, key: str, md5: str, expected_etag: str, on_chunk: Callable[[], None] = lambda: None) -> None:
        """S3's own checksum of what it stored settles it; where the ETag is none (KMS), the object is read back."""
        head = self._head(key)
        if head and head["ETag"].strip('"') == expected_etag:
            return
        if (found := self.md5_of(key, on_chunk)) != md5:
            raise StoredBytesDifferError(key, md5, found)

    def upload_file(self, path: Path, key: str) -> None:
        self.client.upload_file(str(path), self.bucket, key)

    def download_file(self, key: str, path: Path) -> None:
        """Into place at once: a half-written file never carries the name."""
        partial = path.with_suffix(path.suffix + ".partial")
        self.client.download_file(self.bucket, key, str(partial))
        partial.replace(path)

    def fetch(self, key: str, md5: str, path: Path, on_chunk: Callable[[], None]) -> None:
        """The object as a local file; raises StoredBytesDifferError when it is gone or holds other bytes."""
        digest = hashlib.md5(usedforsecurity=False)
        try:
            with path.open("wb") as copy:
                for chunk in self.read_chunks(key):
                    digest.update(chunk)
                    copy.write(chunk)
                    on_chunk()
        except self.client.exceptions.NoSuchKey as error:
            raise StoredBytesDifferError(key, md5, "no object") from error
        if digest.hexdigest() != md5:
            raise StoredBytesDifferError(key, md5, digest.hexdigest())

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from (item["Key"] for item in page.get("Contents", []))

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            head: dict[str, Any] = self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
        return head
