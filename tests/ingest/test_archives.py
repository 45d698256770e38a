"""Zip archives: landed as they are, each CSV file in them a version of its own, or refused by name before a byte is loaded."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from include.contracts.errors import BadFileError
from include.ingest import archives, pipeline
from include.ingest.archives import members_of
from include.ingest.checkpoints import Checkpoint, Status
from include.ingest.errors import BadArchiveError, StoredBytesDifferError
from include.ingest.landing import land_file
from include.ingest.pipeline import Services
from include.ingest.planning import Plan, Selection
from tests.checkpoints import recorded

PENALTIES = "NH_Penalties_Feb2025.csv"
OWNERSHIP = "NH_Ownership_Feb2025.csv"
MIB = 1024 * 1024


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


@pytest.fixture
def penalties(csv_of: Callable[..., bytes]) -> bytes:
    return csv_of("nh_penalties", [{"ccn": "015009", "penalty_date": "2024-01-02", "processing_date": "2025-02-01"}])


@pytest.fixture
def run(services: Services) -> Callable[[], None]:
    """Plan, land and certify, as the DAG does."""

    def ingest() -> None:
        planned = pipeline.plan(services)
        for file in planned.work:
            pipeline.land(services, file, "run")
        for file in pipeline.plan_to_certify(services, planned).work:
            pipeline.certify(services, file, "run")

    return ingest


def by_name(services: Services) -> dict[str, Checkpoint]:
    return {found.filename: found for found in services.checkpoints.all()}


class TestMembers:
    @pytest.fixture
    def names(self, tmp_path: Path) -> Callable[[bytes], list[str]]:
        def read(content: bytes) -> list[str]:
            path = tmp_path / "a.zip"
            path.write_bytes(content)
            return [member.path for member in members_of(path, "a.zip") if member.content]

        return read

    def test_csv_files_are_found_in_folders_and_in_archives_within(self, names: Callable[[bytes], list[str]]) -> None:
        monthly = zipped({PENALTIES: b"x", "readme.pdf": b"y"})
        yearly = zipped({"2025/nursing_homes_02_2025.zip": monthly, f"2025/{OWNERSHIP}": b"z"})
        assert names(yearly) == [f"2025/nursing_homes_02_2025.zip/{PENALTIES}", f"2025/{OWNERSHIP}"]

    def test_what_lies_beside_the_tables_is_left_alone_with_a_reason(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        path.write_bytes(
            zipped({PENALTIES: b"x", "manifest.json": b"{}", f"__MACOSX/._{PENALTIES}": b"y", "NH_Data_Dictionary.pdf": b"z"})
        )
        reasons = {member.path: member.reason for member in members_of(path, "a.zip") if not member.content}
        assert reasons.keys() == {"manifest.json", f"__MACOSX/._{PENALTIES}", "NH_Data_Dictionary.pdf"}
        assert all(reasons.values())

    def test_name_that_was_not_marked_as_utf_8_is_read_as_that(self, names: Callable[[bytes], list[str]]) -> None:
        content = zipped({"Añó/NH_Penalties_Feb2025.csv": b"x"})
        flags = struct.pack("<H", 0x800)
        unmarked = content.replace(b"\x14\x00" + flags, b"\x14\x00\x00\x00")
        assert unmarked != content
        assert names(unmarked) == ["Añó/NH_Penalties_Feb2025.csv"]

    def test_backslashes_of_old_windows_tools_are_folders(self, names: Callable[[bytes], list[str]]) -> None:
        assert names(zipped({rf"monthly\{PENALTIES}": b"x"})) == [f"monthly/{PENALTIES}"]

    def test_two_members_of_one_name_and_content_are_one(self, names: Callable[[bytes], list[str]]) -> None:
        assert names(_two_of_one_name(b"x", b"x")) == [PENALTIES]


def _two_of_one_name(first: bytes = b"x", second: bytes = b"y") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(PENALTIES, first)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(PENALTIES, second)
    return content.getvalue()


def _encrypted() -> bytes:
    """The flag of an encrypted member, in its own header and in the directory."""
    content = bytearray(zipped({PENALTIES: b"x"}, zipfile.ZIP_STORED))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 0x1
    return bytes(content)


def _damaged() -> bytes:
    """One byte of the member differs from what its CRC was made of."""
    content = bytearray(zipped({PENALTIES: b"some bytes"}, zipfile.ZIP_STORED))
    content[content.index(b"some bytes")] ^= 0xFF
    return bytes(content)


def _unknown_compression() -> bytes:
    content = bytearray(zipped({PENALTIES: b"x"}, zipfile.ZIP_STORED))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + offset] = 9  # Deflate64
    return bytes(content)


BAD_ARCHIVES: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "no archive": (lambda: b"PK\x03\x04 and then nothing", "damaged or no zip archive"),
    "cut short": (lambda: zipped({PENALTIES: b"x" * 1000})[:-30], "damaged or no zip archive"),
    "other bytes": (_damaged, "is damaged"),
    "encrypted": (_encrypted, "'NH_Penalties_Feb2025.csv' is encrypted"),
    "unknown compression": (_unknown_compression, "packed in a way that cannot be read here"),
    "path out of the archive": (lambda: zipped({f"../{PENALTIES}": b"x"}), "leads out of the archive"),
    "absolute path": (lambda: zipped({f"/etc/{PENALTIES}": b"x"}), "leads out of the archive"),
    "drive letter": (lambda: zipped({f"C:\\{PENALTIES}": b"x"}), "leads out of the archive"),
    "two of one name": (_two_of_one_name, "2 different files of the name 'NH_Penalties_Feb2025.csv'"),
    "too deep": (lambda: zipped({"a.zip": zipped({"b.zip": zipped({PENALTIES: b"x"})})}), "within an archive within"),
    "bomb": (lambda: zipped({PENALTIES: b"0" * (archives._SMALL + 1)}), "would grow from"),
}


@pytest.mark.parametrize(("content", "said"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES)
def test_bad_archive_is_quarantined_by_name_and_the_other_files_go_on(
    services: Services, rawdata: Path, penalties: bytes, content: Callable[[], bytes], said: str
) -> None:
    (rawdata / "nursing homes.zip").write_bytes(content())
    (rawdata / OWNERSHIP).write_bytes(b"a,b\n")
    archive, table = sorted(pipeline.plan(services).work, key=lambda file: not file.is_archive)
    with pytest.raises(BadArchiveError, match=said) as raised:
        pipeline.land(services, archive, "run")
    assert "'nursing homes.zip'" in str(raised.value)
    pipeline.land(services, table, "run")
    assert {name: found.status for name, found in by_name(services).items() if name != PENALTIES} == {
        "nursing homes.zip": Status.QUARANTINED,
        OWNERSHIP: Status.LANDED,
    }
    assert [item.code for item in pipeline.plan(services).quarantined] == ["bad_archive"]


def test_more_members_than_the_most_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{at}.csv": b"" for at in range(3)}))
    with pytest.raises(BadArchiveError, match="holds 3 files, and 2 are the most"):
        list(members_of(path, "a.zip"))


class TestThroughTheSteps:
    def test_each_csv_file_is_a_version_of_its_own_with_its_exact_bytes(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None]
    ) -> None:
        (rawdata / "feb.zip").write_bytes(archive := zipped({f"tables/{PENALTIES}": penalties, "manifest.json": b"{}"}))
        run()
        found = by_name(services)
        assert {name: item.status for name, item in found.items()} == {"feb.zip": "UNPACKED", PENALTIES: "CERTIFIED"}
        member, whole = found[PENALTIES], found["feb.zip"]
        assert member.file_id == f"{whole.file_id}/tables/{PENALTIES}"
        assert member.file_md5 == hashlib.md5(penalties, usedforsecurity=False).hexdigest()
        assert recorded(whole.landed).raw_key == f"raw/archive/undated/{whole.file_md5}/feb.zip"
        assert b"".join(services.store.read_chunks(recorded(whole.landed).raw_key)) == archive
        assert b"".join(services.store.read_chunks(recorded(member.landed).raw_key)) == penalties
        assert recorded(member.landed).raw_key.startswith("raw/nh_penalties/2025-02/")

    def test_same_bytes_loose_and_in_archives_are_loaded_once(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None]
    ) -> None:
        for at in range(2):
            (rawdata / f"archive {at}.zip").write_bytes(zipped({f"{at}/{PENALTIES}": penalties, f"{at}/notes.txt": b"x"}))
        (rawdata / PENALTIES).write_bytes(penalties)
        run()
        versions = [found for found in services.checkpoints.all() if found.filename == PENALTIES]
        assert len(versions) == 3
        assert sorted(found.status for found in versions) == ["CERTIFIED", "LOADED", "LOADED"]
        assert [found.duplicate_of for found in versions if found.status is Status.LOADED] == [PENALTIES] * 2

    def test_copy_in_an_archive_stays_settled_when_the_original_has_left_the_folder(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None]
    ) -> None:
        (rawdata / PENALTIES).write_bytes(penalties)
        run()
        with services.checkpoints.claim(by_name(services)[PENALTIES], "run") as lease:
            lease.advance(Status.LOADED)
        (rawdata / "feb.zip").write_bytes(zipped({PENALTIES: penalties}))
        run()
        (rawdata / PENALTIES).unlink()
        assert pipeline.plan(services) == Plan(unchanged=1, gone=(PENALTIES,))

    def test_loose_copy_is_loaded_once_the_original_has_left_the_folder(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None]
    ) -> None:
        (rawdata / PENALTIES).write_bytes(penalties)
        run()
        with services.checkpoints.claim(by_name(services)[PENALTIES], "run") as lease:
            lease.advance(Status.LOADED)
        copy = rawdata / f"Copy of {PENALTIES}"
        copy.write_bytes(penalties)
        (rawdata / PENALTIES).unlink()
        run()
        assert by_name(services)[copy.name].status is Status.CERTIFIED

    def test_archive_that_is_unpacked_is_not_read_again_and_its_members_are_unchanged(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None]
    ) -> None:
        (rawdata / "feb.zip").write_bytes(zipped({PENALTIES: penalties, "readme.pdf": b"x"}))
        run()
        with services.checkpoints.claim(by_name(services)[PENALTIES], "run") as lease:
            lease.advance(Status.LOADED)
        again = pipeline.plan(services)
        assert (again.work, again.unchanged, again.quarantined) == ((), 1, ())
        assert [item.name for item in again.ignored] == ["feb.zip/readme.pdf"]

    def test_changed_archive_brings_changed_members_only(
        self, services: Services, rawdata: Path, csv_of: Callable[..., bytes], penalties: bytes, run: Callable[[], None]
    ) -> None:
        ownership = csv_of("nh_ownership", [{"ccn": "015009", "processing_date": "2025-02-01"}])
        (rawdata / "feb.zip").write_bytes(zipped({PENALTIES: penalties, OWNERSHIP: ownership}))
        run()
        (rawdata / "feb.zip").write_bytes(zipped({PENALTIES: penalties.replace(b"015009", b"015010"), OWNERSHIP: ownership}))
        planned = pipeline.plan(services)
        assert [file.name for file in planned.work] == ["feb.zip"]
        run()
        versions = [found for found in services.checkpoints.all() if not found.version.is_archive]
        assert sorted(found.filename for found in versions) == [OWNERSHIP, PENALTIES, PENALTIES]
        archive = next(file for file in services.drive.list_folder().files)
        now = {found.filename for found in versions if found.archive_md5 == archive.file_md5}
        assert now == {OWNERSHIP, PENALTIES}

    def test_killed_unpacking_is_taken_up_again_without_landing_twice(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (rawdata / "feb.zip").write_bytes(zipped({PENALTIES: penalties, OWNERSHIP: b"Owner\nx\n"}))
        (file,) = pipeline.plan(services).work
        whole = archives.members_of

        def killed(*arguments: object) -> Iterator[object]:
            members = whole(*arguments)  # type: ignore[arg-type]
            yield next(members)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(archives, "members_of", killed)
            with pytest.raises(KeyboardInterrupt):
                pipeline.land(services, file, "run")
        first = by_name(services)
        assert (first["feb.zip"].status, first[PENALTIES].status) == (Status.LANDED, Status.LANDED)
        assert pipeline.plan_to_certify(services, pipeline.plan(services)).work == ()
        with pytest.raises(BadFileError):  # the ownership file is none
            run()
        assert by_name(services)[PENALTIES].landed == first[PENALTIES].landed
        assert by_name(services)["feb.zip"].status is Status.UNPACKED

    def test_member_whose_object_is_gone_from_s3_comes_from_the_archive_again(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None]
    ) -> None:
        (rawdata / "feb.zip").write_bytes(zipped({"tables.zip": zipped({PENALTIES: penalties})}))
        planned = pipeline.plan(services)
        for file in planned.work:
            pipeline.land(services, file, "run")
        (member,) = pipeline.plan_to_certify(services, planned).work
        key = recorded(by_name(services)[PENALTIES].landed).raw_key
        services.store.delete(key)
        with pytest.raises(StoredBytesDifferError):
            pipeline.certify(services, member, "run")
        run()
        assert by_name(services)[PENALTIES].status is Status.CERTIFIED
        assert b"".join(services.store.read_chunks(key)) == penalties

    def test_archive_whose_object_holds_other_bytes_is_landed_again(
        self, services: Services, rawdata: Path, penalties: bytes, run: Callable[[], None]
    ) -> None:
        (rawdata / "feb.zip").write_bytes(archive := zipped({PENALTIES: penalties}))
        (file,) = pipeline.plan(services).work
        landed = land_file(file, services.drive, services.store, services.checkpoints, "run", services.settings.part_bytes)
        services.store.client.put_object(Bucket=services.store.bucket, Key=recorded(landed.landed).raw_key, Body=b"other bytes")
        with pytest.raises(StoredBytesDifferError):
            pipeline.land(services, file, "run")
        run()
        assert {found.status for found in services.checkpoints.all()} == {Status.UNPACKED, Status.CERTIFIED}
        assert b"".join(services.store.read_chunks(recorded(landed.landed).raw_key)) == archive

    def test_selection_chooses_among_members(self, services: Services, rawdata: Path, penalties: bytes) -> None:
        (rawdata / "feb.zip").write_bytes(zipped({PENALTIES: penalties, OWNERSHIP: b"Owner\nx\n"}))
        selection = Selection(families=["nh_penalties"])
        planned = pipeline.plan(services, selection)
        for file in planned.work:
            pipeline.land(services, file, "run")
        assert [file.name for file in pipeline.plan_to_certify(services, planned, selection).work] == [PENALTIES]
        assert [file.name for file in pipeline.plan(services, selection).work] == [PENALTIES]

    @pytest.mark.slow
    def test_memory_stays_flat_for_a_large_member(self, tmp_path: Path, peak_memory: str) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive, archive.open(PENALTIES, "w") as member:
            for number in range(400):
                member.write(number.to_bytes(4, "big") * (MIB // 4))
        script = (
            f"{peak_memory}\nimport sys; from pathlib import Path; from include.ingest.archives import members_of\n"
            "before = peak_memory()\n"
            "print(sum(member.content.stat().st_size for member in members_of(Path(sys.argv[1]), 'a.zip')))\n"
            "print(peak_memory() - before)\n"
        )
        done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
        size, grown = map(int, done.stdout.split())
        assert size == 400 * MIB
        assert grown / 1024 < 60
