"""What S3 and DynamoDB hold survives `down`, a crash and a reboot, or the damage is named."""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from local.emulators import aws_clients
from local.emulators.aws_resources import ResourceNames, create_missing
from local.emulators.lifecycle import AWS, running, save_state, start, stop
from local.emulators.persistence import SaveSummary, restore_cloud, save_cloud
from local.errors import CloudStateNotSavedError, CloudStateUnreadableError
from local.processes import recorded

BUCKET = ResourceNames.bucket
TABLE = ResourceNames.table
LARGE = bytes(range(256)) * (4096 * 12)  # 12 MiB: three parts of 5 MiB at most
AwsClient = Callable[[str, str], Any]


@dataclass(frozen=True)
class Moto:
    """One real moto for all tests of this file; `forget` makes it as empty as a new one."""

    url: str
    s3: Any
    dynamodb: Any

    def forget(self) -> None:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"))
        connection.request("POST", "/moto-api/reset")
        assert connection.getresponse().status == 200

    def save(self, home: Path) -> SaveSummary:
        return save_cloud(home, aws_clients.connect(self.url))

    def restart(self, home: Path) -> None:
        self.forget()
        restore_cloud(home, aws_clients.connect(self.url))


@pytest.fixture(scope="module")
def running_moto(tmp_path_factory: pytest.TempPathFactory, aws_client: AwsClient) -> Iterator[Moto]:
    home, rawdata = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("rawdata")
    url = start(home, rawdata).aws_url
    yield Moto(url, aws_client("s3", url), aws_client("dynamodb", url))
    stop(home, discard=True)


@pytest.fixture
def moto(running_moto: Moto) -> Moto:
    running_moto.forget()
    create_missing(aws_clients.connect(running_moto.url), ResourceNames())
    return running_moto


def described(s3: Any, key: str) -> dict[str, Any]:
    head = s3.head_object(Bucket=BUCKET, Key=key)
    return {name: head[name] for name in ("ETag", "ContentLength", "Metadata")}


def contents(s3: Any) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {item["Key"]: s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in listed}


def put_samples(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="raw/empty", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="raw/é ü/#1 & more?.csv", Body=b"a,b\r\n", Metadata={"md5": "x", "drive-file-id": "1abc"})
    five_mib = TransferConfig(multipart_threshold=1, multipart_chunksize=5 << 20)
    s3.upload_fileobj(io.BytesIO(LARGE), BUCKET, "raw/large", ExtraArgs={"Metadata": {"md5": "y"}}, Config=five_mib)


def test_objects_come_back_exactly_as_they_were(tmp_path: Path, moto: Moto) -> None:
    put_samples(moto.s3)
    before = {key: described(moto.s3, key) for key in contents(moto.s3)}
    assert before["raw/large"]["ETag"].endswith('-3"')
    assert moto.save(tmp_path).objects == 3
    moto.restart(tmp_path)
    restored = contents(moto.s3)
    assert {key: described(moto.s3, key) for key in restored} == before
    assert restored["raw/large"] == LARGE
    assert restored["raw/é ü/#1 & more?.csv"] == b"a,b\r\n"


def test_items_come_back_with_their_types(tmp_path: Path, moto: Moto) -> None:
    nested = {"list": {"L": [{"NULL": True}, {"BOOL": False}]}}
    items: list[dict[str, Any]] = [
        {
            "file_id": {"S": f"1é{number:02d}"},
            "file_md5": {"S": "m"},
            "bytes": {"N": "12345678901234567890.5"},
            "nested": {"M": nested},
        }
        for number in range(60)
    ]
    for item in items:
        moto.dynamodb.put_item(TableName=TABLE, Item=item)
    assert moto.save(tmp_path).items == 60
    moto.restart(tmp_path)
    restored = moto.dynamodb.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    assert sorted(restored, key=lambda item: str(item["file_id"])) == items


def test_buckets_and_tables_of_other_names_come_back_too(tmp_path: Path, moto: Moto) -> None:
    create_missing(aws_clients.connect(moto.url), ResourceNames("second", "second-table"))
    moto.save(tmp_path)
    moto.restart(tmp_path)
    assert {bucket["Name"] for bucket in moto.s3.list_buckets()["Buckets"]} == {BUCKET, "second"}
    assert set(moto.dynamodb.list_tables()["TableNames"]) == {TABLE, "second-table"}


def test_state_that_a_former_version_saved_is_restored(tmp_path: Path, moto: Moto) -> None:
    """It named tables by their definition, and knew more of each object."""
    moto.s3.put_object(Bucket=BUCKET, Key="k", Body=b"1")
    moto.dynamodb.put_item(TableName=TABLE, Item={"file_id": {"S": "1"}, "file_md5": {"S": "m"}})
    moto.save(tmp_path)
    manifest = tmp_path / "cloud_state" / "state.json"
    state = json.loads(manifest.read_text())
    state["tables"][0]["definition"] = {"TableName": state["tables"][0].pop("name")}
    state["buckets"][0]["objects"][0]["tags"] = {}
    manifest.write_text(json.dumps(state))
    moto.restart(tmp_path)
    assert contents(moto.s3) == {"k": b"1"}
    assert moto.dynamodb.scan(TableName=TABLE)["Count"] == 1


def test_only_new_contents_are_written_and_deleted_ones_removed(tmp_path: Path, moto: Moto) -> None:
    moto.s3.put_object(Bucket=BUCKET, Key="stays", Body=b"1")
    moto.s3.put_object(Bucket=BUCKET, Key="goes", Body=b"2")
    assert moto.save(tmp_path).objects_written == 2
    saved = {path: path.stat().st_mtime_ns for path in (tmp_path / "cloud_state" / "objects").iterdir()}
    moto.restart(tmp_path)
    moto.s3.delete_object(Bucket=BUCKET, Key="goes")
    moto.s3.put_object(Bucket=BUCKET, Key="new", Body=b"3")
    summary = moto.save(tmp_path)
    assert (summary.objects, summary.objects_written) == (2, 1)
    now = {path: path.stat().st_mtime_ns for path in (tmp_path / "cloud_state" / "objects").iterdir()}
    assert len(now) == 2
    assert len(saved.items() & now.items()) == 1, "the content that stays is not written again"
    moto.restart(tmp_path)
    assert contents(moto.s3) == {"stays": b"1", "new": b"3"}


def test_replaced_content_under_the_same_key_is_saved(tmp_path: Path, moto: Moto) -> None:
    for body in (b"1", b"2"):
        moto.s3.put_object(Bucket=BUCKET, Key="k", Body=body)
        assert moto.save(tmp_path).objects_written == 1
    moto.restart(tmp_path)
    assert contents(moto.s3) == {"k": b"2"}


def test_unfinished_multipart_upload_is_not_kept(tmp_path: Path, moto: Moto) -> None:
    upload = moto.s3.create_multipart_upload(Bucket=BUCKET, Key="half")["UploadId"]
    moto.s3.upload_part(Bucket=BUCKET, Key="half", UploadId=upload, PartNumber=1, Body=b"x")
    moto.save(tmp_path)
    moto.restart(tmp_path)
    assert contents(moto.s3) == {}
    assert "Uploads" not in moto.s3.list_multipart_uploads(Bucket=BUCKET)


def test_running_cloud_heals_a_damaged_copy(tmp_path: Path, moto: Moto) -> None:
    moto.s3.put_object(Bucket=BUCKET, Key="k", Body=b"1")
    moto.save(tmp_path)
    next((tmp_path / "cloud_state" / "objects").iterdir()).unlink()
    moto.save(tmp_path)
    moto.restart(tmp_path)
    assert contents(moto.s3) == {"k": b"1"}


def delete_content(content: Path) -> None:
    content.unlink()


def change_content(content: Path) -> None:
    content.write_bytes(b"2")


def damage_manifest(content: Path) -> None:
    (content.parent.parent / "state.json").write_text("{")


@pytest.mark.parametrize("damage", [delete_content, change_content, damage_manifest])
def test_damaged_state_is_named(tmp_path: Path, moto: Moto, damage: Callable[[Path], None]) -> None:
    moto.s3.put_object(Bucket=BUCKET, Key="k", Body=b"1")
    moto.save(tmp_path)
    (content,) = (tmp_path / "cloud_state" / "objects").iterdir()
    damage(content)
    with pytest.raises(CloudStateUnreadableError, match="cloud_state"):
        moto.restart(tmp_path)


def test_state_survives_down_and_what_was_saved_the_death_of_moto(home: Path, rawdata: Path, aws_client: AwsClient) -> None:
    s3 = aws_client("s3", start(home, rawdata).aws_url)
    s3.put_object(Bucket=BUCKET, Key="before down", Body=b"1")
    stop(home)
    s3 = aws_client("s3", start(home, rawdata).aws_url)
    s3.put_object(Bucket=BUCKET, Key="saved", Body=b"2")
    save_state(home)
    s3.put_object(Bucket=BUCKET, Key="unsaved", Body=b"3")
    os.kill(recorded(home)[AWS].pid, signal.SIGKILL)
    s3 = aws_client("s3", start(home, rawdata).aws_url)
    assert contents(s3) == {"before down": b"1", "saved": b"2"}


def test_cloud_that_could_not_be_restored_is_not_left_running_nor_saved_over(
    home: Path, rawdata: Path, aws_client: AwsClient, processes_of: Callable[[Path], list[int]]
) -> None:
    s3 = aws_client("s3", start(home, rawdata).aws_url)
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"1")
    stop(home)
    (content,) = (home / "cloud_state" / "objects").iterdir()
    change_content(content)
    manifest = (home / "cloud_state" / "state.json").read_bytes()
    with pytest.raises(CloudStateUnreadableError):
        start(home, rawdata)
    assert running(home) is None
    assert processes_of(home) == []
    assert stop(home) is None
    assert (home / "cloud_state" / "state.json").read_bytes() == manifest


def test_down_stops_nothing_when_the_state_cannot_be_saved(home: Path, rawdata: Path, aws_client: AwsClient) -> None:
    services = start(home, rawdata)
    aws_client("s3", services.aws_url).put_object(Bucket=BUCKET, Key="k", Body=b"1")
    (home / "cloud_state").write_text("a file where the folder should be")
    with pytest.raises(CloudStateNotSavedError, match="--discard"):
        stop(home)
    assert running(home) == services
    assert stop(home, discard=True) is None
    assert running(home) is None
