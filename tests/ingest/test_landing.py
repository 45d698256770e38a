"""Landing: the bytes of Drive in S3, whole and once, whatever happens on the way."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from include.ingest import pipeline
from include.ingest.checkpoints import Checkpoint, Status
from include.ingest.errors import DriveAccessError, FileChangedWhileReadError
from include.ingest.file_version import FileVersion
from include.ingest.object_keys import raw_key
from include.ingest.pipeline import Services
from tests.checkpoints import recorded
from tests.emulators.drive_server import DriveServer, MediaRead, SeenRequest

Land = Callable[[str], Checkpoint]
Listed = Callable[[str], FileVersion]

MIB = 1024 * 1024
PART = 5 * MIB
NAME = "NH_Penalties_Feb2025.csv"
SMALL = b"some,bytes\n\xff\x00\r\n" * 100
LARGE = random.Random(11).randbytes(3 * PART + 1234)

#: A process of its own that lands one file: `python -c CHILD <owner> <file as JSON>`.
CHILD = """
import json, sys, boto3
from include.ingest.file_version import FileVersion
from include.ingest import pipeline
from include.settings import load_settings
services = pipeline.connect(load_settings(), boto3.client("s3"), boto3.resource("dynamodb"))
print("ready", flush=True)
sys.stdin.readline()
print(pipeline.land(services, FileVersion(**json.loads(sys.argv[2])), owner=sys.argv[1]).status, flush=True)
"""


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def stored(services: Services, checkpoint: Checkpoint) -> bytes:
    return b"".join(services.store.read_chunks(recorded(checkpoint.landed).raw_key))


def media(requests: list[SeenRequest]) -> list[str]:
    """Ranges of the downloads that were answered."""
    return [str(request.range) for request in requests if request.query.get("alt") == "media" and request.status < 400]


def ranges(size: int, start: int = 0) -> list[str]:
    return [f"bytes={at}-{min(at + PART, size) - 1}" for at in range(start, size, PART)]


def child(environment: Mapping[str, str], file: FileVersion, owner: str) -> subprocess.Popen[str]:
    """Connected and waiting for a line on its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, owner, json.dumps(vars(file))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(environment),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


class TestBytes:
    @pytest.mark.parametrize("content", [SMALL, LARGE, LARGE[: 2 * PART], LARGE[:PART], b"x", b""])
    def test_object_holds_the_bytes_of_the_file(
        self, rawdata: Path, services: Services, server: DriveServer, land: Land, content: bytes
    ) -> None:
        (rawdata / NAME).write_bytes(content)
        checkpoint = land(NAME)
        assert checkpoint.status is Status.LANDED
        assert recorded(checkpoint.landed).raw_key == f"raw/nh_penalties/2025-02/{md5(content)}/{NAME}"
        assert stored(services, checkpoint) == content
        assert media(server.requests) == ranges(len(content))
        assert checkpoint.holder is None

    def test_multipart_upload_leaves_nothing_open(self, rawdata: Path, services: Services, land: Land) -> None:
        (rawdata / NAME).write_bytes(LARGE)
        land(NAME)
        assert services.store.client.list_multipart_uploads(Bucket=services.store.bucket).get("Uploads", []) == []

    def test_unchanged_file_is_not_read_again(self, rawdata: Path, server: DriveServer, land: Land) -> None:
        (rawdata / NAME).write_bytes(SMALL)
        first = land(NAME)
        read = len(media(server.requests))
        assert land(NAME).timestamp == first.timestamp
        assert len(media(server.requests)) == read == 1

    def test_corrected_file_with_same_name_is_landed_as_a_new_version(
        self, rawdata: Path, services: Services, land: Land
    ) -> None:
        (rawdata / NAME).write_bytes(SMALL)
        first = land(NAME)
        (rawdata / NAME).write_bytes(SMALL + b"corrected")
        second = land(NAME)
        assert second.file_id == first.file_id
        assert stored(services, first) == SMALL
        assert stored(services, second) == SMALL + b"corrected"
        assert {found.file_md5 for found in services.checkpoints.versions_of(first.file_id)} == {first.file_md5, second.file_md5}

    def test_file_on_a_shared_drive_lands(self, rawdata: Path, services: Services, land: Land) -> None:
        (rawdata / NAME).write_bytes(SMALL)
        (rawdata / ".drive.json").write_text('{"driveId": "0AShared"}', encoding="utf-8")
        assert stored(services, land(NAME)) == SMALL

    def test_two_files_of_one_name_both_land(self, rawdata: Path, services: Services) -> None:
        for stem in ("first", "second"):
            (rawdata / f"{stem}.csv").write_bytes(stem.encode())
        notes = {"files": {f"{stem}.csv": {"name": NAME} for stem in ("first", "second")}}
        (rawdata / ".drive.json").write_text(json.dumps(notes), encoding="utf-8")
        files = services.drive.list_folder().files
        landed = [pipeline.land(services, file, owner="test-run") for file in files]
        assert {stored(services, checkpoint) for checkpoint in landed} == {b"first", b"second"}

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            (NAME, "raw/nh_penalties/2025-02/md5/NH_Penalties_Feb2025.csv"),
            ("notes.csv", "raw/unmatched/undated/md5/notes.csv"),
            ("NH_Penalties.csv", "raw/nh_penalties/undated/md5/NH_Penalties.csv"),
            ("../../NH_Penalties_Feb2025.csv", "raw/nh_penalties/2025-02/md5/.._.._NH_Penalties_Feb2025.csv"),
            ("a\nb\x00c/d\\e.csv", "raw/unmatched/undated/md5/a_b_c_d_e.csv"),
        ],
    )
    def test_key_tells_family_period_and_a_safe_name(self, name: str, key: str) -> None:
        assert raw_key(FileVersion.named("id", "md5", name, 1, "2024-10-01T00:00:00Z")) == key


class TestTrouble:
    @pytest.mark.parametrize(
        ("status", "reason"),
        [(429, "rateLimitExceeded"), (403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (503, "backendError")],
    )
    def test_refusal_that_passes_by_itself_is_tried_again(
        self, rawdata: Path, services: Services, server: DriveServer, land: Land, status: int, reason: str
    ) -> None:
        (rawdata / NAME).write_bytes(SMALL)
        server.fail_next(times=3, status=status, reason=reason, matching="alt=media")
        assert stored(services, land(NAME)) == SMALL

    @pytest.mark.parametrize("after_bytes", [0, 1, PART - 1])
    def test_cut_connection_costs_only_the_part_it_hit(
        self, rawdata: Path, services: Services, server: DriveServer, land: Land, after_bytes: int
    ) -> None:
        (rawdata / NAME).write_bytes(LARGE)
        server.cut_next(after_bytes=after_bytes, times=2)
        assert stored(services, land(NAME)) == LARGE
        assert sorted(media(server.requests)) == sorted(ranges(len(LARGE)) + ranges(len(LARGE))[:1] * 2)

    @pytest.mark.parametrize(("status", "reason"), [(403, "insufficientFilePermissions"), (404, "notFound")])
    def test_refusal_that_stays_is_a_clear_error_at_once(
        self, rawdata: Path, services: Services, server: DriveServer, listed: Listed, land: Land, status: int, reason: str
    ) -> None:
        (rawdata / NAME).write_bytes(SMALL)
        server.fail_next(times=10, status=status, reason=reason, matching="alt=media")
        with pytest.raises(DriveAccessError, match=f"refused the bytes of '{NAME}': {status} "):
            land(NAME)
        assert len([request for request in server.requests if request.query.get("alt") == "media"]) == 1
        waiting = services.checkpoints.get(listed(NAME).file_id, md5(SMALL))
        assert (waiting.status, waiting.holder is not None) == (Status.DISCOVERED, False)

    def test_file_that_is_deleted_after_it_was_listed_is_a_clear_error(
        self, rawdata: Path, services: Services, listed: Listed
    ) -> None:
        (rawdata / NAME).write_bytes(SMALL)
        file = listed(NAME)
        (rawdata / NAME).unlink()
        with pytest.raises(DriveAccessError, match="404"):
            pipeline.land(services, file, owner="test-run")


class TestFileThatChangesWhileItIsRead:
    @pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
    @pytest.mark.parametrize("change", ["other", "shorter", "empty"])
    def test_nothing_of_it_is_kept_and_the_error_says_so(
        self, rawdata: Path, services: Services, server: DriveServer, listed: Listed, content: bytes, change: str
    ) -> None:
        (rawdata / NAME).write_bytes(content)
        file = listed(NAME)
        changed = {"other": content[:-1] + b"!", "shorter": content[:-10], "empty": b""}[change]

        def replace(read: MediaRead) -> None:
            read.path.write_bytes(changed)

        server.on_media(replace)
        with pytest.raises(FileChangedWhileReadError, match="changed while it was read"):
            pipeline.land(services, file, owner="test-run")
        assert list(services.store.keys("raw/")) == []
        left = services.checkpoints.get(file.file_id, file.file_md5)
        assert (left.status, recorded(left.refusal).error_code) == (Status.DISCOVERED, "changed_while_read")
        assert pipeline.land(services, listed(NAME), owner="test-run").status is Status.LANDED

    def test_part_that_changes_behind_the_reader_is_found_out(
        self, rawdata: Path, services: Services, server: DriveServer, listed: Listed
    ) -> None:
        """Each part is read whole; only the md5 of all of them tells that the first is from another version."""
        (rawdata / NAME).write_bytes(LARGE)
        file = listed(NAME)

        def change(read: MediaRead) -> None:
            if read.range == ranges(len(LARGE))[2]:
                read.path.write_bytes(LARGE[: 2 * PART] + b"!" * (len(LARGE) - 2 * PART))

        server.on_media(change)
        with pytest.raises(FileChangedWhileReadError):
            pipeline.land(services, file, owner="test-run")
        assert list(services.store.keys("raw/")) == []

    def test_large_file_that_shrinks_leaves_no_parts_behind(
        self, rawdata: Path, services: Services, server: DriveServer, listed: Listed
    ) -> None:
        (rawdata / NAME).write_bytes(LARGE)
        file = listed(NAME)

        def shrink(read: MediaRead) -> None:
            if read.range == ranges(len(LARGE))[2]:
                read.path.write_bytes(LARGE[:PART])

        server.on_media(shrink)
        with pytest.raises(FileChangedWhileReadError):
            pipeline.land(services, file, owner="test-run")
        assert "Uploads" not in services.store.client.list_multipart_uploads(Bucket=services.store.bucket)

    def test_file_that_grows_lands_as_it_was_listed_and_then_as_it_is(
        self, rawdata: Path, services: Services, server: DriveServer, listed: Listed, land: Land
    ) -> None:
        (rawdata / NAME).write_bytes(SMALL)
        file = listed(NAME)
        (rawdata / NAME).write_bytes(SMALL + b"appended")
        assert stored(services, pipeline.land(services, file, owner="test-run")) == SMALL
        assert stored(services, land(NAME)) == SMALL + b"appended"


class TestSeveralProcesses:
    def test_killed_upload_goes_on_behind_its_last_part(
        self, rawdata: Path, services: Services, server: DriveServer, environment: Mapping[str, str], listed: Listed
    ) -> None:
        (rawdata / NAME).write_bytes(LARGE)
        file = listed(NAME)
        third_part = threading.Event()
        server.on_media(lambda read: third_part.set() if read.range == ranges(len(LARGE))[2] else None)
        process = child(environment, file, "killed-run")
        with process:
            server.slow(10 * MIB)
            go(process)
            assert third_part.wait(timeout=30)
            os.kill(process.pid, signal.SIGKILL)
        server.slow(None)
        seen = len(server.requests)
        checkpoint = pipeline.land(services, file, owner="next-run")
        assert stored(services, checkpoint) == LARGE
        assert media(server.requests[seen:]) == ranges(len(LARGE), start=2 * PART)

    def test_file_that_changed_between_kill_and_resumption_is_not_kept(
        self, rawdata: Path, services: Services, server: DriveServer, listed: Listed
    ) -> None:
        (rawdata / NAME).write_bytes(LARGE)
        file = listed(NAME)
        key = raw_key(file)
        where = {"Bucket": services.store.bucket, "Key": key}
        upload_id = services.store.client.create_multipart_upload(**where)["UploadId"]
        services.store.client.upload_part(**where, UploadId=upload_id, PartNumber=1, Body=b"!" * PART)
        with services.checkpoints.claim(services.checkpoints.discover(file), "killed-run") as lease:
            lease.record(upload_id=upload_id, upload_part_bytes=PART)
        with pytest.raises(FileChangedWhileReadError):
            pipeline.land(services, file, owner="next-run")
        assert services.store.size_of(key) is None
        assert stored(services, pipeline.land(services, file, owner="next-run")) == LARGE

    def test_upload_that_s3_has_dropped_begins_anew(
        self, rawdata: Path, services: Services, server: DriveServer, listed: Listed
    ) -> None:
        (rawdata / NAME).write_bytes(LARGE)
        file = listed(NAME)
        with services.checkpoints.claim(services.checkpoints.discover(file), "killed-run") as lease:
            lease.record(upload_id="dropped-by-a-lifecycle-rule", upload_part_bytes=PART)
        assert stored(services, pipeline.land(services, file, owner="next-run")) == LARGE
        assert media(server.requests) == ranges(len(LARGE))

    def test_of_two_processes_that_race_for_a_version_exactly_one_reads_it(
        self, rawdata: Path, services: Services, server: DriveServer, environment: Mapping[str, str], listed: Listed
    ) -> None:
        (rawdata / NAME).write_bytes(LARGE)
        file = listed(NAME)
        racers = [child(environment, file, f"run-{number}") for number in (1, 2)]
        server.slow(20 * MIB)
        for racer in racers:
            go(racer)
        assert [racer.communicate(timeout=60)[0] for racer in racers] == ["LANDED\n", "LANDED\n"]
        assert media(server.requests) == ranges(len(LARGE))
        assert stored(services, services.checkpoints.get(file.file_id, file.file_md5)) == LARGE

    @pytest.mark.slow
    def test_memory_stays_flat_for_a_big_file(
        self, rawdata: Path, services: Services, environment: Mapping[str, str], listed: Listed, peak_memory: str
    ) -> None:
        for name, blocks in ((NAME, 10), ("NH_Ownership_Oct2024.csv", 300)):
            with (rawdata / name).open("wb") as file:
                for number in range(blocks):
                    file.write(number.to_bytes(4, "big") * (MIB // 4))
        script = CHILD.replace(
            "print(pipeline.land", f"{peak_memory}\npeaks = []\nfor file in json.loads(sys.argv[2]):\n    print(pipeline.land"
        )
        script = script.replace("json.loads(sys.argv[2])), owner", "file), owner")
        script += "    peaks.append(peak_memory())\nprint(json.dumps(peaks))\n"
        files = [listed(NAME), listed("NH_Ownership_Oct2024.csv")]
        # Parts of the size that production uses.
        done = subprocess.run(
            [sys.executable, "-c", script, "test-run", json.dumps(list(map(vars, files)))],
            input="\n", capture_output=True, text=True, check=True, env={**environment, "PART_BYTES": str(16 * MIB)},
        )  # fmt: skip
        *_, first, second, peaks = done.stdout.splitlines()
        assert (first, second) == ("LANDED", "LANDED")
        small_peak, big_peak = json.loads(peaks)
        assert (big_peak - small_peak) / 1024 < 150
