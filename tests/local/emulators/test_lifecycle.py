"""Starting, finding and ending the local Drive, S3 and DynamoDB: real processes, one home or two."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local import processes
from local.emulators.lifecycle import AWS, DRIVE, running, save_state, start, stop
from local.errors import EmulatorsNotRunningError, RawdataFolderMissingError

ProcessesOf = Callable[[Path], list[int]]
Connect = Callable[[str], Any]
AwsClient = Callable[[str, str], Any]

IN_FOLDER = "'RAWDATA' in parents"


def test_started_emulators_answer_the_real_clients(
    home: Path, rawdata: Path, connect: Connect, aws_client: AwsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_BUCKET", "my-bucket")
    (rawdata / "a.csv").touch()
    emulators = start(home, rawdata)
    files = connect(emulators.drive_url).files().list(q=IN_FOLDER).execute()["files"]
    assert [file["name"] for file in files] == ["a.csv"]
    buckets = aws_client("s3", emulators.aws_url).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["my-bucket"]
    dynamodb = aws_client("dynamodb", emulators.aws_url)
    table = dynamodb.describe_table(TableName="cms-file-checkpoints")["Table"]
    keys = {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]}
    assert keys == {"file_id": "HASH", "file_md5": "RANGE"}
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert running(home) == emulators


def test_two_starts_at_once_start_one_set_and_a_later_start_nothing(home: Path, rawdata: Path, processes_of: ProcessesOf) -> None:
    script = "import sys; from pathlib import Path; from local.emulators.lifecycle import start; start(*map(Path, sys.argv[1:]))"
    line = [sys.executable, "-c", script, str(home), str(rawdata)]
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda _: subprocess.run(line, check=False, timeout=60), range(2)))
    assert [process.returncode for process in ended] == [0, 0], ended
    pids = processes_of(home)
    assert len(pids) == 2
    assert start(home, rawdata) == running(home)
    assert processes_of(home) == pids


def test_changed_rawdata_restarts_the_drive_only(home: Path, rawdata: Path, tmp_path: Path, connect: Connect) -> None:
    before = start(home, rawdata)
    moto = processes.recorded(home)[AWS]
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.csv").touch()
    after = start(home, other)
    assert processes.recorded(home)[AWS] == moto
    assert after.drive_url == before.drive_url, "the old address continues to work"
    files = connect(after.drive_url).files().list(q=IN_FOLDER).execute()["files"]
    assert [file["name"] for file in files] == ["b.csv"]


def test_killed_and_hanging_servers_are_noticed_and_started_again(
    home: Path, rawdata: Path, processes_of: ProcessesOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = start(home, rawdata)
    monkeypatch.setattr(processes, "_ANSWER_SECONDS", 1)
    monkeypatch.setattr(processes, "_END_SECONDS", 1)
    os.kill(processes.recorded(home)[AWS].pid, signal.SIGKILL)
    os.kill(processes.recorded(home)[DRIVE].pid, signal.SIGSTOP)
    assert running(home) is None
    after = start(home, rawdata)
    assert after == before, "on the same ports"
    assert running(home) == after
    assert len(processes_of(home)) == 2


@pytest.mark.parametrize("dead", [DRIVE, AWS])
def test_stop_leaves_no_process_behind_when_half_of_them_died(
    home: Path, rawdata: Path, processes_of: ProcessesOf, dead: str
) -> None:
    start(home, rawdata)
    os.kill(processes.recorded(home)[dead].pid, signal.SIGKILL)
    assert (stop(home) is None) is (dead == AWS)
    assert processes_of(home) == []
    assert stop(home) is None


def test_two_homes_do_not_disturb_each_other(home: Path, rawdata: Path, tmp_path: Path, aws_client: AwsClient) -> None:
    second_home, second_rawdata = tmp_path / "second home", tmp_path / "second rawdata"
    second_rawdata.mkdir()
    first = start(home, rawdata)
    try:
        second = start(second_home, second_rawdata)
        assert len({first.drive_url, first.aws_url, second.drive_url, second.aws_url}) == 4
        aws_client("s3", second.aws_url).create_bucket(Bucket="only-here")
        assert len(aws_client("s3", first.aws_url).list_buckets()["Buckets"]) == 1
        stop(home)
        assert running(second_home) == second
    finally:
        stop(second_home)


def test_missing_rawdata_is_named_and_nothing_is_started(home: Path, tmp_path: Path, processes_of: ProcessesOf) -> None:
    with pytest.raises(RawdataFolderMissingError, match="no_such_folder"):
        start(home, tmp_path / "no_such_folder")
    assert processes_of(home) == []


def test_nothing_can_be_saved_of_emulators_that_do_not_run(home: Path) -> None:
    with pytest.raises(EmulatorsNotRunningError, match="make up"):
        save_state(home)
