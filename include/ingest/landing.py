"""Lands one file version in S3: exact bytes, immutable key, md5 as listed = bytes read = bytes in S3.

Parts are read by range and uploaded one by one, so memory stays flat; a killed upload continues behind its last part.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from botocore.exceptions import ClientError

from include.ingest.checkpoints import Checkpoint, CheckpointTable, Landed, Lease, Status
from include.ingest.drive import TruncatedReadError
from include.ingest.errors import DriveAccessError, FileChangedWhileReadError
from include.ingest.file_version import FileVersion
from include.ingest.object_keys import raw_key
from include.ingest.object_store import ObjectStore

_log = logging.getLogger(__name__)


def _md5(content: bytes = b"") -> Any:
    return hashlib.md5(content, usedforsecurity=False)


def landed_now(key: str) -> Landed:
    return Landed(key, datetime.now(UTC).isoformat())


@dataclass(frozen=True)
class _Part:
    number: int
    etag: str
    size: int


class Source(Protocol):
    """Where the bytes of a version are read from: Drive, or the archive that it has been taken out of.

    `is_verified`: nobody can change the bytes between their md5 and the end of the upload.
    """

    is_verified: ClassVar[bool]

    def read_range(self, file: FileVersion, start: int, stop: int) -> bytes: ...

    def current_version(self, file: FileVersion) -> FileVersion: ...


def land_file(
    file: FileVersion, source: Source, store: ObjectStore, checkpoints: CheckpointTable, owner: str, part_bytes: int
) -> Checkpoint:
    """Lands a version unless it is landed already; raises FileChangedWhileReadError when it is no longer that version."""
    with checkpoints.claim(checkpoints.discover(file), owner) as lease:
        if lease.checkpoint.status is not Status.DISCOVERED:
            return lease.checkpoint
        key = raw_key(file)
        try:
            _write_object(file, key, source, store, lease, part_bytes)
        except FileChangedWhileReadError as error:
            _abandon_upload(key, store, lease)
            lease.record(error_code=error.code, reason=str(error))
            raise
        _log.info("landed %s (%s bytes) at %s", file.name, f"{file.size:,}", key)
        return lease.advance(Status.LANDED, landed_now(key))


def _write_object(file: FileVersion, key: str, source: Source, store: ObjectStore, lease: Lease, part_bytes: int) -> None:
    try:
        if file.size <= part_bytes:
            _put_whole(file, key, source, store)
        else:
            _Upload(file, key, source, store, lease, part_bytes).run()
    except (DriveAccessError, TruncatedReadError):
        _check_unchanged(file, source.current_version(file).file_md5)
        raise


def _abandon_upload(key: str, store: ObjectStore, lease: Lease) -> None:
    """Parts of a version that no longer exists would be paid for until somebody finds them."""
    if upload := lease.checkpoint.upload:
        with suppress(store.client.exceptions.NoSuchUpload):
            store.client.abort_multipart_upload(Bucket=store.bucket, Key=key, UploadId=upload.upload_id)


def _check_unchanged(file: FileVersion, read_md5: str) -> None:
    if read_md5 != file.file_md5:
        raise FileChangedWhileReadError(file.name, file.file_md5, read_md5)


def _put_whole(file: FileVersion, key: str, source: Source, store: ObjectStore) -> None:
    content = source.read_range(file, 0, file.size) if file.size else b""
    digest = _md5(content)
    _check_unchanged(file, digest.hexdigest())
    content_md5 = base64.b64encode(digest.digest()).decode()
    store.client.put_object(Bucket=store.bucket, Key=key, Body=content, ContentMD5=content_md5, Metadata={"md5": file.file_md5})
    store.verify(key, file.file_md5, expected_etag=file.file_md5)


class _Upload:
    """A multipart upload that can go on where a killed one stopped; its id is kept in the checkpoint."""

    def __init__(self, file: FileVersion, key: str, source: Source, store: ObjectStore, lease: Lease, part_bytes: int) -> None:
        self._file, self._key, self._source, self._store = file, key, source, store
        self._lease, self._part_bytes = lease, part_bytes
        self._where = {"Bucket": store.bucket, "Key": key}

    def run(self) -> None:
        upload_id, parts = self._resume() or (self._begin(), [])
        resumed_at = sum(part.size for part in parts)
        digest = _md5()
        for start in range(resumed_at, self._file.size, self._part_bytes):
            content = self._source.read_range(self._file, start, min(start + self._part_bytes, self._file.size))
            if not self._source.is_verified:
                digest.update(content)
            parts.append(self._put_part(upload_id, len(parts) + 1, content))
            self._lease.renew()
        if not (resumed_at or self._source.is_verified):
            _check_unchanged(self._file, digest.hexdigest())
        self._complete(upload_id, parts)
        if resumed_at:
            self._verify_resumed()

    def _begin(self) -> str:
        answer = self._store.client.create_multipart_upload(**self._where, Metadata={"md5": self._file.file_md5})
        upload_id: str = answer["UploadId"]
        self._lease.record(upload_id=upload_id, upload_part_bytes=self._part_bytes)
        return upload_id

    def _resume(self) -> tuple[str, list[_Part]] | None:
        """The upload that an earlier try left behind and its parts, if it is still there and cut the same way."""
        begun = self._lease.checkpoint.upload
        if not begun or begun.upload_part_bytes != self._part_bytes:
            return None
        try:
            pages = list(self._store.client.get_paginator("list_parts").paginate(**self._where, UploadId=begun.upload_id))
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchUpload":
                return None
            raise
        listed = [_Part(p["PartNumber"], p["ETag"], p["Size"]) for page in pages for p in page.get("Parts", [])]
        parts = [part for number, part in enumerate(listed, 1) if part.number == number and part.size == self._part_bytes]
        _log.info("%s: continues behind byte %s", self._file.name, f"{sum(part.size for part in parts):,}")
        return begun.upload_id, parts

    def _put_part(self, upload_id: str, number: int, content: bytes) -> _Part:
        content_md5 = base64.b64encode(_md5(content).digest()).decode()
        answer = self._store.client.upload_part(
            **self._where, UploadId=upload_id, PartNumber=number, Body=content, ContentMD5=content_md5
        )
        return _Part(number, answer["ETag"], len(content))

    def _complete(self, upload_id: str, parts: list[_Part]) -> None:
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        self._store.client.complete_multipart_upload(**self._where, UploadId=upload_id, MultipartUpload={"Parts": listed})
        # S3's ETag of a multipart object is the md5 of its parts' md5s: equal, and every part arrived as sent.
        of_parts = _md5(b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)).hexdigest()
        expected = f"{of_parts}-{len(parts)}"
        self._store.verify(self._key, self._file.file_md5, expected, on_chunk=self._lease.renew)

    def _verify_resumed(self) -> None:
        """The first parts were read by a run that is gone: only reading the object back proves the whole."""
        found = self._store.md5_of(self._key, on_chunk=self._lease.renew)
        if found != self._file.file_md5:
            self._store.delete(self._key)
            raise FileChangedWhileReadError(self._file.name, self._file.file_md5, found)
