"""Objects in S3: there or not, whole or not, and what is checked before either is believed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from include.ingest.errors import StoredBytesDifferError
from include.ingest.object_store import ObjectStore
from include.ingest.pipeline import Services

MD5 = hashlib.md5(b"hello", usedforsecurity=False).hexdigest()


@pytest.fixture
def store(no_drive: Services) -> ObjectStore:
    no_drive.store.client.put_object(Bucket=no_drive.store.bucket, Key="a/b.csv", Body=b"hello")
    return no_drive.store


def test_size_and_md5_of_an_object(store: ObjectStore) -> None:
    assert (store.size_of("a/b.csv"), store.md5_of("a/b.csv")) == (5, MD5)


def test_object_that_is_not_there_has_no_size(store: ObjectStore) -> None:
    assert store.size_of("a/c.csv") is None


def test_bucket_that_is_not_there_is_no_missing_object_when_read(store: ObjectStore) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        list(ObjectStore(store.client, "no-such-bucket").read_chunks("a/b.csv"))


def test_etag_that_is_no_md5_is_settled_by_reading_back(store: ObjectStore) -> None:
    """As with KMS: S3's checksum says nothing, the bytes do."""
    store.verify("a/b.csv", MD5, expected_etag="something else")
    with pytest.raises(StoredBytesDifferError, match=f"has md5 {MD5}, expected 0000"):
        store.verify("a/b.csv", "0000", expected_etag="0000")


def test_keys_of_every_page_are_listed(store: ObjectStore) -> None:
    for number in range(3):
        store.client.put_object(Bucket=store.bucket, Key=f"many/{number}", Body=b"")
    assert list(store.keys("many/")) == ["many/0", "many/1", "many/2"]
    assert list(store.keys("none/")) == []


def test_download_that_fails_leaves_no_file_of_that_name(store: ObjectStore, tmp_path: Path) -> None:
    store.download_file("a/b.csv", tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_bytes() == b"hello"
    with pytest.raises(ClientError):
        store.download_file("a/c.csv", tmp_path / "c.csv")
    assert not (tmp_path / "c.csv").exists()
