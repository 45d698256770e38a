"""Starting, finding and ending the local cloud: real processes, one home or two."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.emulators.processes import BackgroundProcess, is_alive
from local.emulators.services import running, save_state, start, stop
from local.errors import LocalCloudNotRunningError, RawdataFolderMissingError

ProcessesOf = Callable[[Path], list[int]]
Connect = Callable[[str], Any]
AwsClient = Callable[[str, str], Any]


def recorded(home: Path) -> dict[str, Any]:
    return dict(json.loads((home / "services.json").read_text()))


def kill(home: Path, server: str) -> None:
    os.kill(recorded(home)[server]["pid"], signal.SIGKILL)


def command(verb: str, home: Path, rawdata: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "local.emulators", verb, "--home", str(home), "--rawdata", str(rawdata)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)


def test_started_services_answer_the_real_clients(
    home: Path, rawdata: Path, connect: Connect, aws_client: AwsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_BUCKET", "my-bucket")
    (rawdata / "a.csv").touch()
    services = start(home, rawdata)
    files = connect(services.drive_url).files().list(q="'RAWDATA' in parents").execute()["files"]
    assert [file["name"] for file in files] == ["a.csv"]
    buckets = aws_client("s3", services.aws_url).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["my-bucket"]
    dynamodb = aws_client("dynamodb", services.aws_url)
    table = dynamodb.describe_table(TableName="cms-file-checkpoints")["Table"]
    keys = {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]}
    assert keys == {"file_id": "HASH", "file_md5": "RANGE"}
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert running(home) == services


def test_two_ups_at_once_start_one_set_and_a_later_up_nothing(home: Path, rawdata: Path, processes_of: ProcessesOf) -> None:
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda _: command("up", home, rawdata), range(2)))
    assert [process.returncode for process in ended] == [0, 0], ended
    assert ended[0].stdout == ended[1].stdout
    pids = sorted(processes_of(home))
    assert len(pids) == 2
    assert start(home, rawdata) == running(home)
    assert sorted(processes_of(home)) == pids


def test_changed_rawdata_restarts_the_drive_only(home: Path, rawdata: Path, tmp_path: Path, connect: Connect) -> None:
    before = start(home, rawdata)
    moto = recorded(home)["aws"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.csv").touch()
    after = start(home, other)
    assert recorded(home)["aws"] == moto
    assert after.drive_url == before.drive_url, "the old address goes on working"
    files = connect(after.drive_url).files().list().execute()["files"]
    assert [file["name"] for file in files] == ["b.csv"]


def test_killed_and_hanging_servers_are_noticed_and_started_again(
    home: Path, rawdata: Path, processes_of: ProcessesOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.emulators.services._ANSWER_SECONDS", 1)
    monkeypatch.setattr("local.emulators.processes._END_SECONDS", 1)
    before = start(home, rawdata)
    kill(home, "aws")
    os.kill(recorded(home)["drive"]["pid"], signal.SIGSTOP)
    assert running(home) is None
    after = start(home, rawdata)
    assert after == before, "on the same ports"
    assert running(home) == after
    assert len(processes_of(home)) == 2


def test_foreign_process_with_a_recorded_pid_is_neither_trusted_nor_harmed(home: Path, rawdata: Path) -> None:
    home.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        try:
            server = {"pid": stranger.pid, "port": 1, "url": "", "instance": "f" * 32, "is_ready": True}
            drive = server | {"rawdata": str(rawdata.resolve())}
            record = {"drive": drive, "aws": server, "bucket": "b", "table": "t"}
            (home / "services.json").write_text(json.dumps(record))
            assert running(home) is None
            start(home, rawdata)
            assert stranger.pid not in (recorded(home)["drive"]["pid"], recorded(home)["aws"]["pid"])
            stop(home)
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.parametrize("dead", ["drive", "aws"])
def test_down_leaves_no_process_behind_when_half_of_them_died(
    home: Path, rawdata: Path, processes_of: ProcessesOf, dead: str
) -> None:
    start(home, rawdata)
    kill(home, dead)
    stopped = stop(home)
    assert processes_of(home) == []
    assert len(stopped.servers) == 1
    assert stopped.has_lost_changes == (dead == "aws")
    assert stop(home).servers == ()


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


def test_command_line_starts_tells_the_environment_and_ends(home: Path, rawdata: Path, processes_of: ProcessesOf) -> None:
    not_running = command("env", home, rawdata)
    assert not_running.returncode == 1
    assert "python -m local.emulators up" in not_running.stderr
    assert command("up", home, rawdata).returncode == 0
    services = running(home)
    assert services is not None
    lines = command("env", home, rawdata).stdout.splitlines()
    assert all(line.startswith("export ") for line in lines)  # for the programs that the shell starts
    assert dict(line.removeprefix("export ").split("=", 1) for line in lines) == {
        "AWS_ENDPOINT_URL": services.aws_url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DRIVE_API_ENDPOINT": services.drive_url,
        "DRIVE_FOLDER_ID": "RAWDATA",
        "S3_BUCKET": "cms-nursing-home-data",
        "DYNAMODB_TABLE": "cms-file-checkpoints",
    }
    assert command("down", home, rawdata).returncode == 0
    assert processes_of(home) == []
    assert command("status", home, rawdata).returncode == 3


def test_missing_rawdata_is_named_and_nothing_is_started(home: Path, tmp_path: Path, processes_of: ProcessesOf) -> None:
    with pytest.raises(RawdataFolderMissingError, match="no_such_folder"):
        start(home, tmp_path / "no_such_folder")
    assert processes_of(home) == []


def test_nothing_can_be_saved_of_a_cloud_that_does_not_run(home: Path) -> None:
    with pytest.raises(LocalCloudNotRunningError):
        save_state(home)


def test_process_is_recognised_from_its_first_instant_to_its_last() -> None:
    for number in range(50):
        instance = f"instance-{number}"
        sleeper = [sys.executable, "-S", "-E", "-c", "import time; time.sleep(60)", instance]
        with subprocess.Popen(sleeper) as started:
            process = BackgroundProcess(started.pid, instance)
            assert is_alive(process), "the kernel shows no command line for an instant: that is not death"
            started.kill()
        assert not is_alive(process)
