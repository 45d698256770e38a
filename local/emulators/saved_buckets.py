"""S3 objects to and from the saved state, streamed and compressed, each content written to disk once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from botocore.exceptions import ClientError

from local.emulators.cloud_state import SavedBucket, SavedCloud, SavedObject, StateFolder
from local.errors import CloudStateUnreadableError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BLOCK_BYTES = 1 << 20
_TRANSFERS_AT_ONCE = 4
_PLAIN_MD5 = re.compile(r'"[0-9a-f]{32}"')
_GONE = ("404", "NoSuchKey", "412", "PreconditionFailed")


@dataclass(frozen=True)
class _Listed:
    bucket: str
    key: str
    etag: str
    size: int
    last_modified: datetime

    def is_content_of(self, saved: SavedObject) -> bool:
        return (saved.etag, saved.size) == (self.etag, self.size)

    def file(self) -> str:
        version = f"{self.bucket}\0{self.key}\0{self.etag}\0{self.size}"
        return "objects/" + hashlib.sha256(version.encode()).hexdigest()


def save_buckets(s3: S3Client, folder: StateFolder, before: SavedCloud) -> tuple[SavedBucket, ...]:
    known = {(bucket, saved.key): saved for bucket, saved in before.objects()}
    return tuple(_save_bucket(s3, folder, bucket["Name"], known) for bucket in s3.list_buckets()["Buckets"])


def restore_buckets(s3: S3Client, folder: StateFolder, cloud: SavedCloud) -> None:
    for bucket in cloud.buckets:
        s3.create_bucket(Bucket=bucket.name)
    with ThreadPoolExecutor(_TRANSFERS_AT_ONCE) as pool:
        uploads = [pool.submit(_restore, s3, folder, bucket, saved) for bucket, saved in cloud.objects()]
        for upload in uploads:
            upload.result()


def _save_bucket(s3: S3Client, folder: StateFolder, bucket: str, known: dict[tuple[str, str], SavedObject]) -> SavedBucket:
    def save(listed: _Listed) -> SavedObject | None:
        return _save_object(s3, folder, listed, known.get((bucket, listed.key)))

    with ThreadPoolExecutor(_TRANSFERS_AT_ONCE) as pool:
        objects = tuple(saved for saved in pool.map(save, _listing(s3, bucket)) if saved is not None)
    return SavedBucket(name=bucket, objects=objects)


def _listing(s3: S3Client, bucket: str) -> Iterator[_Listed]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", ()):
            yield _Listed(bucket, found["Key"], found["ETag"], found["Size"], found["LastModified"])


def _save_object(s3: S3Client, folder: StateFolder, listed: _Listed, known: SavedObject | None) -> SavedObject | None:
    """None when the object was deleted or replaced since the listing: the next save sees what it is then."""
    is_saved = known is not None and listed.is_content_of(known) and folder.holds(known)
    if is_saved and known is not None and known.last_modified == listed.last_modified:
        return known
    try:
        saved = _described(s3, listed)
        stored_size = known.stored_size if is_saved and known is not None else _download(s3, folder, listed)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return known
        raise
    return saved.model_copy(update={"stored_size": stored_size})


def _described(s3: S3Client, listed: _Listed) -> SavedObject:
    where: dict[str, Any] = {"Bucket": listed.bucket, "Key": listed.key}
    head = s3.head_object(**where, IfMatch=listed.etag)
    return SavedObject(
        key=listed.key, etag=listed.etag, size=listed.size, last_modified=listed.last_modified,
        file=listed.file(), metadata=head["Metadata"], part_sizes=_part_sizes(s3, where, listed.etag),
    )  # fmt: skip


def _part_sizes(s3: S3Client, where: dict[str, Any], etag: str) -> tuple[int, ...]:
    if "-" not in etag:
        return ()
    numbers = range(1, int(etag.strip('"').rpartition("-")[2]) + 1)
    try:
        return tuple(s3.head_object(**where, PartNumber=part)["ContentLength"] for part in numbers)
    except ClientError:  # a copy of a multipart object has the ETag but not the parts
        return ()


def _download(s3: S3Client, folder: StateFolder, listed: _Listed) -> int:
    """Returns the bytes that it takes on disk."""
    # One plain request: moto reads a whole object for every range of it, so ranges would cost the square.
    body = s3.get_object(Bucket=listed.bucket, Key=listed.key, IfMatch=listed.etag)["Body"]
    digest = hashlib.md5(usedforsecurity=False)
    with folder.writing_compressed(listed.file()) as stream:
        for block in body.iter_chunks(_BLOCK_BYTES):
            digest.update(block)
            stream.write(block)
        if _PLAIN_MD5.fullmatch(listed.etag) and listed.etag.strip('"') != digest.hexdigest():
            raise OSError(f"s3://{listed.bucket}/{listed.key} was not read whole")
    return folder.path(listed.file()).stat().st_size


def _restore(s3: S3Client, folder: StateFolder, bucket: str, saved: SavedObject) -> None:
    path = folder.path(saved.file)
    in_parts = saved.part_sizes and sum(saved.part_sizes) == saved.size
    try:
        with folder.reading(saved) as stream:
            etag = (_put_in_parts if in_parts else _put_whole)(s3, bucket, saved, stream)
    except OSError as error:
        raise CloudStateUnreadableError(path, f"the content of s3://{bucket}/{saved.key} cannot be read: {error}") from error
    if etag != saved.etag and (in_parts or _PLAIN_MD5.fullmatch(saved.etag)):
        raise CloudStateUnreadableError(path, f"the content of s3://{bucket}/{saved.key} has changed on disk")


def _put_whole(s3: S3Client, bucket: str, saved: SavedObject, stream: pa.NativeFile) -> str:
    return s3.put_object(Bucket=bucket, Key=saved.key, Body=stream.read(), Metadata=saved.metadata)["ETag"]


def _put_in_parts(s3: S3Client, bucket: str, saved: SavedObject, stream: pa.NativeFile) -> str:
    begun = s3.create_multipart_upload(Bucket=bucket, Key=saved.key, Metadata=saved.metadata)
    upload: dict[str, Any] = {"Bucket": bucket, "Key": saved.key, "UploadId": begun["UploadId"]}
    parts: list[Any] = []
    for number, size in enumerate(saved.part_sizes, start=1):
        part = s3.upload_part(**upload, PartNumber=number, Body=stream.read(size))
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})["ETag"]
