"""The second worker of `make run`, as a process on the local cloud."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from include.cms_ingest.checkpoints import Checkpoint, CheckpointTable, Status
from include.cms_ingest.drive import FileVersion, connect_drive
from include.cms_ingest.settings import REPOSITORY, Settings
from include.local_cloud.services import Services, start, stop

HEADER = (
    "CMS Certification Number (CCN),State,Percent of residents who are up-to-date on their vaccines,"
    "Percent of staff who are up-to-date on their vaccines,Date vaccination data last updated"
)
OCTOBER, NOVEMBER = "NH_CovidVaxProvider_20241027.csv", "NH_CovidVaxProvider_20241124.csv"
EVERYTHING = {"families": [], "since": None, "until": None, "full_refresh": False}


@dataclass(frozen=True)
class Site:
    """A Drive folder with a local cloud."""

    cloud: Services

    @property
    def table(self) -> CheckpointTable:
        named = self.cloud.environment()
        session = boto3.Session(
            named["AWS_ACCESS_KEY_ID"], named["AWS_SECRET_ACCESS_KEY"], region_name=named["AWS_DEFAULT_REGION"]
        )
        resource = session.resource("dynamodb", endpoint_url=self.cloud.aws_url)
        return CheckpointTable(resource.Table(self.cloud.table), lease_seconds=60)

    def listed(self, name: str) -> FileVersion:
        settings = Settings(drive_api_endpoint=self.cloud.drive_url, drive_folder_id=self.cloud.environment()["DRIVE_FOLDER_ID"])
        (file,) = [file for file in connect_drive(settings, None).list_folder().files if file.name == name]
        return file

    def checkpoints(self) -> dict[str, Checkpoint]:
        return {checkpoint.filename: checkpoint for checkpoint in self.table.all()}

    def worker(self, **conf: object) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.cloud.environment(), "FILES_AT_ONCE": "2", "LEASE_SECONDS": "2"}
        command = [sys.executable, "-m", "include.embedded.second_worker", json.dumps({**EVERYTHING, **conf})]
        return subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True)

    def work(self, **conf: object) -> str:
        """What the worker logs until it has come to its end."""
        with self.worker(**conf) as process:
            log = process.communicate()[1]
        assert process.returncode == 0, log
        return log


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    rawdata = tmp_path / "rawdata"
    rawdata.mkdir()
    for name, day in ((OCTOBER, "10/27/2024"), (NOVEMBER, "11/24/2024")):
        (rawdata / name).write_text(f"{HEADER}\n015009,AL,50.0,20.0,{day}\n", encoding="utf-8")
    yield Site(start(tmp_path / "home", rawdata))
    stop(tmp_path / "home", discard=True)


def test_files_are_landed_and_certified_from_the_last_to_the_first(site: Site) -> None:
    log = site.work()
    assert {name: known.status for name, known in site.checkpoints().items()} == {
        OCTOBER: Status.CERTIFIED,
        NOVEMBER: Status.CERTIFIED,
    }
    assert log.index(f"certified {NOVEMBER}") < log.index(f"landed {OCTOBER}")


def test_only_files_of_the_run_are_touched(site: Site) -> None:
    site.work(since="2024-11-01")
    assert {name: known.status for name, known in site.checkpoints().items()} == {NOVEMBER: Status.CERTIFIED}


def test_bad_file_is_quarantined_and_the_next_one_is_taken(site: Site) -> None:
    (site.cloud.rawdata / NOVEMBER).write_text("State,Percent of staff\nUS,5\n", encoding="utf-8")
    log = site.work()
    known = site.checkpoints()
    assert (known[NOVEMBER].status, known[OCTOBER].status) == (Status.QUARANTINED, Status.CERTIFIED)
    assert f"refused {NOVEMBER}" in log


def test_file_that_the_run_keeps_in_hand_is_left_to_it(site: Site) -> None:
    table = site.table
    with table.claim(table.discover(site.listed(NOVEMBER)), owner="the run") as lease, ThreadPoolExecutor() as beside:
        working = beside.submit(site.work)
        while not working.done():
            lease.renew()
            time.sleep(0.5)
        log, known = working.result(), site.checkpoints()
    assert (known[NOVEMBER].status, known[OCTOBER].status) == (Status.DISCOVERED, Status.CERTIFIED)
    assert f"left {NOVEMBER} to the run" in log


def test_interrupt_ends_it_behind_the_file_in_hand(site: Site) -> None:
    for day in range(1, 29):
        (site.cloud.rawdata / f"NH_CovidVaxProvider_202501{day:02}.csv").write_text(
            f"{HEADER}\n015009,AL,50.0,20.0,01/{day:02}/2025\n", encoding="utf-8"
        )
    with site.worker() as process:
        assert process.stderr
        for line in process.stderr:
            if "certified" in line:
                break
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    found = Counter(checkpoint.status for checkpoint in site.checkpoints().values())
    assert found[Status.CERTIFIED] >= 1
    assert found[Status.DISCOVERED] > 15
    assert not [known.filename for known in site.checkpoints().values() if known.holder is not None]
