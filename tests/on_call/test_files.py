"""The on-call verbs, as they are typed: what they print, what they change, how they exit."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

from include.contracts.errors import UnknownFamilyError
from include.ingest import pipeline
from include.ingest.checkpoints import CERTIFICATION, Certified, Checkpoint, Status
from include.ingest.pipeline import Services
from include.ingest.planning import Plan
from include.on_call.__main__ import main
from include.on_call.errors import UnknownFileError
from include.on_call.files import retry_file
from include.on_call.verify import verify_files
from include.warehouse.bronze_copy import copy_to_bronze
from include.warehouse.operations import read_warehouse
from tests.checkpoints import recorded

Land = Callable[[str], Checkpoint]
CsvOf = Callable[..., bytes]

PENALTIES, COVID = "NH_Penalties_Feb2025.csv", "NH_CovidVaxAverages_20241027.csv"


@pytest.fixture
def command(environment: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[str], str]]:
    """Runs a verb: exit code, lines printed, error text."""

    def run(*arguments: str) -> tuple[int, list[str], str]:
        capsys.readouterr()
        code = main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out.splitlines(), printed.err

    return run


Command = Callable[..., tuple[int, list[str], str]]


def verified(command: Command, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and findings without period and md5, which follow the file's name; the closing line is left out."""
    code, lines, _ = command("verify", *arguments)
    return code, [re.sub(r"(?: (?:\d{4}-\d\d|\d{4}Q\d))? [0-9a-f]{32}(?= |$)", "", line, count=1) for line in lines[:-1]]


@pytest.fixture
def loaded(rawdata: Path, services: Services, land: Land) -> Callable[..., Checkpoint]:
    """A file that is in Drive, S3, checkpoints and ledger as after a run."""

    def load(name: str, content: bytes = b"a,b\n1,2\n", rows: int = 1) -> Checkpoint:
        (rawdata / name).write_bytes(content)
        with services.checkpoints.claim(land(name), "test-run") as lease:
            bronze, rejects = (
                f"{kind}/nh_penalties/2025-02/{lease.checkpoint.file_md5}.parquet" for kind in ("bronze", "rejects")
            )
            for key in (bronze, rejects):
                services.store.client.put_object(Bucket=services.store.bucket, Key=key, Body=b"PAR1")
            found = "nh_penalties", "2025-02", "utf-8", rows, rows, 0, bronze, rejects
            certified = Certified(*found, certification=CERTIFICATION)
            done = lease.advance(Status.LOADED, certified)
        ledger(services, done.file_md5, rows)
        return done

    return load


def ledger(services: Services, md5: str, rows: int) -> None:
    services.settings.healthcare_home.mkdir(exist_ok=True, parents=True)
    with duckdb.connect(str(services.settings.warehouse_path)) as warehouse:
        warehouse.execute("create schema if not exists bronze")
        warehouse.execute("create table if not exists bronze.load_ledger (file_md5 varchar, rows_loaded bigint)")
        warehouse.execute("delete from bronze.load_ledger where file_md5 = ?", [md5])
        warehouse.execute("insert into bronze.load_ledger values (?, ?)", [md5, rows])


def refuse(services: Services, checkpoint: Checkpoint) -> None:
    with services.checkpoints.claim(checkpoint, "test-run") as lease:
        lease.quarantine(UnknownFamilyError(checkpoint.filename))


class TestStatus:
    def test_empty_table_prints_its_headings(self, command: Command) -> None:
        code, lines, _ = command("status")
        assert (code, [line.split() for line in lines]) == (
            0,
            [["file", "family", "period", "status", "rows", "rejected", "since", "reason"]],
        )

    def test_every_version_has_a_line_with_its_reason(
        self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path, services: Services, land: Land
    ) -> None:
        loaded(PENALTIES, rows=1234567)
        (rawdata / "notes.csv").write_bytes(b"x")
        refuse(services, land("notes.csv"))
        code, (_, first, second), _ = command("status")
        assert code == 0
        assert first.split()[:6] == [PENALTIES, "nh_penalties", "2025-02", "LOADED", "1,234,567", "0"]
        assert second.split()[:6] == ["notes.csv", "-", "-", "QUARANTINED", "-", "-"]
        assert second.endswith(str(UnknownFamilyError("notes.csv")))
        assert first.index("LOADED") == second.index("QUARANTINED")

    def test_version_that_is_worked_on_says_by_whom(
        self, command: Command, rawdata: Path, services: Services, land: Land
    ) -> None:
        (rawdata / PENALTIES).write_bytes(b"x")
        with services.checkpoints.claim(land(PENALTIES), "run of tonight"):
            assert command("status")[1][1].endswith("worked on by run of tonight")

    def test_services_that_do_not_answer_are_an_error_that_says_what_to_set(
        self, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        code, lines, error = command("status")
        assert (code, lines) == (2, [])
        assert "AWS_ENDPOINT_URL" in error


class TestVerify:
    def test_all_the_same(self, command: Command, loaded: Callable[..., Checkpoint]) -> None:
        penalties = loaded(PENALTIES)
        loaded(COVID, b"other")
        code, lines, error = command("verify")
        assert (code, error) == (0, "")
        assert lines[1:] == [
            f"= {PENALTIES} 2025-02 {penalties.file_md5}",
            "2 compared (2 =); 0 differences",
        ]
        assert command("verify", "--deep") == (code, lines, error)

    def test_nothing_landed_is_no_difference(self, command: Command) -> None:
        assert command("verify") == (0, ["0 compared (nothing to compare); 0 differences"], "")

    def test_file_that_is_gone_from_drive(self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path) -> None:
        loaded(PENALTIES)
        loaded(COVID, b"other")
        (rawdata / PENALTIES).unlink()
        missing = f"- {PENALTIES} missing in the Drive folder; the next run notes it as deleted"
        assert verified(command) == (1, [f"= {COVID}", missing])

    def test_file_that_a_run_has_seen_deleted_is_marked_and_is_no_difference_until_it_is_back(
        self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path, services: Services
    ) -> None:
        loaded(PENALTIES)
        (rawdata / PENALTIES).rename(rawdata.parent / PENALTIES)
        assert pipeline.plan(services).gone == (PENALTIES,)
        code, (line,) = verified(command)
        assert (code, line.startswith(f"- {PENALTIES} deleted from Drive, as a run noticed on 20")) == (0, True)
        assert command("status")[1][1].endswith("its rows stay until `forget`")
        (rawdata.parent / PENALTIES).rename(rawdata / PENALTIES)
        assert pipeline.plan(services).gone == ()
        assert verified(command) == (0, [f"= {PENALTIES}"])

    def test_file_that_changed_in_drive(self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path) -> None:
        checkpoint = loaded(PENALTIES)
        (rawdata / PENALTIES).write_bytes(b"changed")
        code, (line,) = verified(command)
        assert code == 1
        assert line.startswith(f"* {PENALTIES} differs: Drive has md5 ")
        assert checkpoint.file_md5 in line

    def test_version_whose_successor_has_landed_is_no_difference(
        self, command: Command, loaded: Callable[..., Checkpoint]
    ) -> None:
        loaded(PENALTIES)
        loaded(PENALTIES, b"corrected")
        assert verified(command) == (0, [f"= {PENALTIES}"] * 2)

    def test_object_that_is_gone_from_s3(self, command: Command, loaded: Callable[..., Checkpoint], services: Services) -> None:
        key = recorded(loaded(PENALTIES).landed).raw_key
        services.store.delete(key)
        assert verified(command) == (1, [f"+ {PENALTIES} missing in S3: {key}"])

    def test_object_of_another_size(self, command: Command, loaded: Callable[..., Checkpoint], services: Services) -> None:
        key = recorded(loaded(PENALTIES).landed).raw_key
        services.store.client.put_object(Bucket=services.store.bucket, Key=key, Body=b"other")
        assert verified(command) == (1, [f"* {PENALTIES} differs: S3 has 5 bytes, Drive had 8"])

    def test_object_of_other_bytes_is_found_by_reading_it_back(
        self, command: Command, loaded: Callable[..., Checkpoint], services: Services
    ) -> None:
        key = recorded(loaded(PENALTIES).landed).raw_key
        services.store.client.put_object(Bucket=services.store.bucket, Key=key, Body=b"x" * 8)
        assert command("verify")[0] == 0
        code, (line,) = verified(command, "--deep")
        assert code == 1
        assert line.startswith(f"* {PENALTIES} differs: S3 has md5 ")

    def test_ledger_with_another_number_of_rows(
        self, command: Command, loaded: Callable[..., Checkpoint], services: Services
    ) -> None:
        ledger(services, loaded(PENALTIES).file_md5, 9)
        assert verified(command) == (1, [f"* {PENALTIES} differs: the ledger has 9 rows, 1 were certified"])

    def test_file_that_the_ledger_does_not_have(
        self, command: Command, loaded: Callable[..., Checkpoint], services: Services
    ) -> None:
        loaded(PENALTIES)
        services.settings.warehouse_path.unlink()
        assert verified(command) == (1, [f"+ {PENALTIES} missing in the load ledger"])

    def test_file_that_is_not_loaded_yet_needs_no_ledger(self, command: Command, rawdata: Path, land: Land) -> None:
        (rawdata / PENALTIES).write_bytes(b"x")
        land(PENALTIES)
        assert verified(command) == (0, [f"= {PENALTIES}"])

    def test_file_that_has_not_landed(self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path) -> None:
        loaded(PENALTIES)
        (rawdata / COVID).write_bytes(b"new")
        assert verified(command) == (1, [f"= {PENALTIES}", f"+ {COVID} only in Drive; the next run takes it"])

    def test_object_and_ledger_row_that_no_checkpoint_leads_to(
        self, command: Command, loaded: Callable[..., Checkpoint], services: Services
    ) -> None:
        loaded(PENALTIES)
        services.store.client.put_object(Bucket=services.store.bucket, Key="bronze/stray.parquet", Body=b"x")
        ledger(services, "0cc175b9", 5)
        strays = [
            "- bronze/stray.parquet only in S3, no checkpoint has it",
            "- 0cc175b9 only in the load ledger, no checkpoint has it",
        ]
        assert verified(command) == (1, [f"= {PENALTIES}", *strays])

    def test_object_that_cannot_be_read_does_not_hide_the_others(
        self, command: Command, loaded: Callable[..., Checkpoint], services: Services
    ) -> None:
        """A rule of the bucket has sent it to the archive."""
        archived, content = recorded(loaded(COVID, b"other").landed).raw_key, b"other"
        loaded(PENALTIES)
        where = {"Bucket": services.store.bucket, "Key": archived}
        services.store.client.put_object(**where, Body=content, StorageClass="GLACIER")
        code, (first, second) = verified(command, "--deep")
        assert (code, second) == (1, f"= {PENALTIES}")
        assert first.startswith(f"! {COVID} cannot be read: ")
        assert "InvalidObjectState" in first

    def test_drive_that_refuses_is_an_error_and_no_difference(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DRIVE_FOLDER_ID", "no-such-folder")
        code, lines, error = command("verify")
        assert (code, lines) == (2, [])
        assert "DRIVE_FOLDER_ID" in error


class TestRetry:
    def test_refused_file_goes_back_and_the_next_plan_takes_it(
        self, command: Command, rawdata: Path, services: Services, land: Land
    ) -> None:
        (rawdata / "notes.csv").write_bytes(b"x")
        checkpoint = land("notes.csv")
        refuse(services, checkpoint)
        code, (line,), _ = command("retry", "notes.csv")
        assert (code, line) == (0, f"notes.csv ({checkpoint.file_md5}) was QUARANTINED; the next run takes it")
        again = services.checkpoints.get(checkpoint.file_id, checkpoint.file_md5)
        assert (again.status, again.refusal is not None) == (Status.DISCOVERED, False)
        (work,) = pipeline.plan(services).work
        assert pipeline.land(services, work, "next-run").status is Status.LANDED

    def test_unfinished_file_is_found_by_its_drive_id(
        self, command: Command, rawdata: Path, services: Services, land: Land
    ) -> None:
        (rawdata / PENALTIES).write_bytes(b"x")
        checkpoint = land(PENALTIES)
        assert command("retry", checkpoint.file_id)[0] == 0
        assert services.checkpoints.get(checkpoint.file_id, checkpoint.file_md5).status is Status.DISCOVERED

    def test_loaded_file_is_not_retried(self, command: Command, loaded: Callable[..., Checkpoint], services: Services) -> None:
        checkpoint = loaded(PENALTIES)
        code, lines, error = command("retry", PENALTIES)
        assert (code, lines) == (2, [])
        assert "`forget`" in error
        assert services.checkpoints.get(checkpoint.file_id, checkpoint.file_md5).status is Status.LOADED

    def test_file_that_is_worked_on_is_not_retried(self, command: Command, rawdata: Path, services: Services, land: Land) -> None:
        (rawdata / PENALTIES).write_bytes(b"x")
        with services.checkpoints.claim(land(PENALTIES), "run of tonight") as lease:
            code, _, error = command("retry", PENALTIES)
            assert (code, "'run of tonight'" in error) == (2, True)
            lease.renew()
        assert [found.status for found in services.checkpoints.all()] == [Status.LANDED]

    def test_one_version_of_a_file_can_be_meant(self, rawdata: Path, services: Services, land: Land) -> None:
        versions = []
        for content in (b"first", b"second"):
            (rawdata / "notes.csv").write_bytes(content)
            versions.append(land("notes.csv"))
            refuse(services, versions[-1])
        first, second = versions
        (retried,) = retry_file(services.checkpoints, second.file_id, second.file_md5)
        assert retried.file_md5 == second.file_md5
        statuses = {item.file_md5: item.status for item in services.checkpoints.all()}
        assert statuses == {first.file_md5: Status.QUARANTINED, second.file_md5: Status.DISCOVERED}
        with pytest.raises(UnknownFileError):
            retry_file(services.checkpoints, second.file_id, "no-such-md5")

    @pytest.mark.parametrize("verb", ["retry", "forget"])
    def test_unknown_file_is_an_error(self, command: Command, verb: str) -> None:
        code, lines, error = command(verb, "nothing.csv")
        assert (code, lines) == (2, [])
        assert "'nothing.csv'" in error


class TestForget:
    def test_file_that_is_worked_on_is_not_forgotten(
        self, command: Command, rawdata: Path, services: Services, land: Land
    ) -> None:
        (rawdata / PENALTIES).write_bytes(b"x")
        checkpoint = land(PENALTIES)
        with services.checkpoints.claim(checkpoint, "run of tonight"):
            code, _, error = command("forget", "--yes", PENALTIES)
        assert (code, "'run of tonight'" in error) == (2, True)
        assert services.store.size_of(recorded(checkpoint.landed).raw_key) == 1

    def test_name_of_two_drive_files_is_not_enough(self, command: Command, rawdata: Path, services: Services) -> None:
        for stem in ("one", "two"):
            (rawdata / f"{stem}.csv").write_bytes(stem.encode())
        names = ", ".join(f'"{stem}.csv": {{"name": "{PENALTIES}"}}' for stem in ("one", "two"))
        (rawdata / ".drive.json").write_text(f'{{"files": {{{names}}}}}', encoding="utf-8")
        first, second = (pipeline.land(services, file, "run") for file in services.drive.list_folder().files)
        code, _, error = command("forget", "--yes", PENALTIES)
        assert (code, first.file_id in error, second.file_id in error) == (2, True, True)
        assert command("forget", "--yes", first.file_id)[0] == 0
        assert list(services.checkpoints.all()) == [second]

    def test_one_version_is_forgotten_and_the_older_one_is_current_again(
        self, command: Command, loaded: Callable[..., Checkpoint], services: Services
    ) -> None:
        older, newer = loaded(PENALTIES), loaded(PENALTIES, b"corrected")
        code, lines, _ = command("forget", "--dry-run", "--md5", newer.file_md5, PENALTIES)
        (line,) = lines[:-1]
        assert (code, "the next run lands it again; until then" in line) == (0, True)
        assert f"{PENALTIES!r} of {older.modified_at[:10]} is current for 2025-02" in line

    def test_file_that_has_left_drive_is_said_not_to_come_back(
        self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path
    ) -> None:
        loaded(PENALTIES)
        (rawdata / PENALTIES).unlink()
        assert "no longer in Drive, so no run brings it back" in command("forget", "--dry-run", PENALTIES)[1][0]

    def test_copy_of_a_loaded_file_takes_nothing_of_the_original_with_it(
        self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path, services: Services
    ) -> None:
        original = loaded(PENALTIES)
        (rawdata / "NH_Penalties_Feb2025 (1).csv").write_bytes((rawdata / PENALTIES).read_bytes())
        assert pipeline.plan(services).unchanged == 2
        assert verified(command) == (0, [f"= {PENALTIES}"])
        assert command("forget", "--yes", "NH_Penalties_Feb2025 (1).csv")[0] == 0
        left = ["+ NH_Penalties_Feb2025 (1).csv only in Drive; the next run takes it"]
        assert verified(command) == (1, [f"= {PENALTIES}", *left])
        assert [found.file_id for found in services.checkpoints.all()] == [original.file_id]

    def test_copy_in_an_archive_leaves_the_object_that_the_original_shares_with_it(
        self, command: Command, loaded: Callable[..., Checkpoint], rawdata: Path, services: Services
    ) -> None:
        original = loaded(PENALTIES)
        with zipfile.ZipFile(rawdata / "feb.zip", "w") as archive:
            archive.write(rawdata / PENALTIES, PENALTIES)
        planned = pipeline.plan(services)
        pipeline.land(services, planned.work[0], "run")
        assert pipeline.plan_to_certify(services, planned) == Plan(unchanged=1)
        (copy,) = [found for found in services.checkpoints.all() if found.duplicate_of]
        assert recorded(copy.landed).raw_key == recorded(original.landed).raw_key
        assert command("forget", "--yes", copy.file_id)[0] == 0
        assert verified(command)[1] == ["= NH_Penalties_Feb2025.csv", "= feb.zip"]


def run(services: Services, run_id: str) -> list[str]:
    """What the DAG does up to bronze; gives the names of the files that were loaded."""
    for file in pipeline.plan(services).work:
        pipeline.land(services, file, run_id)
        pipeline.certify(services, file, run_id)
    return [file.file_name for file in copy_to_bronze(services, run_id)]


@pytest.mark.usefixtures("dbt_home")
def test_forgotten_file_leaves_bronze_ledger_and_s3_and_is_loaded_anew_by_the_next_run(
    command: Command, rawdata: Path, services: Services, csv_of: CsvOf
) -> None:
    penalty = {"ccn": "015009", "penalty_date": "2024-01-02", "processing_date": "2025-02-01"}
    (rawdata / PENALTIES).write_bytes(csv_of("nh_penalties", [penalty, {**penalty, "ccn": "1"}]))
    (rawdata / COVID).write_bytes(csv_of("nh_covid_vax_averages", [{"state": "US", "as_of_date": "10/27/2024"}]))
    assert sorted(run(services, "run-1")) == [COVID, PENALTIES]
    assert run(services, "run-2") == []
    assert [finding.mark for finding in verify_files(services, deep=True)] == ["=", "="]

    def rows() -> dict[str, int]:
        with read_warehouse(services.settings) as warehouse:
            tables = ("nh_penalties", "rejected_rows", "load_ledger", "nh_covid_vax_averages")
            return {table: warehouse.table(f"bronze.{table}").count("*").fetchall()[0][0] for table in tables}

    assert rows() == {"nh_penalties": 1, "rejected_rows": 1, "load_ledger": 2, "nh_covid_vax_averages": 1}
    (penalties,) = [found for found in services.checkpoints.all() if found.filename == PENALTIES]
    gone = "its 1 rows in bronze.nh_penalties, its objects in S3 and its checkpoint go"
    announced = f"{PENALTIES} ({penalties.file_md5}): {gone}; the next run lands it again"
    assert command("forget", "--dry-run", PENALTIES)[:2] == (0, [announced, "nothing was changed"])
    assert command("forget", PENALTIES)[1][-1] == "nothing was changed", "nobody has said yes"
    assert rows()["nh_penalties"] == 1
    assert command("rejects", PENALTIES)[1][:2] == [
        f"{PENALTIES} ({penalties.file_md5}): 1 rejected",
        "  line 3: column ccn: '1' is not a CCN of six characters (was a leading zero lost?)",
    ]
    code, lines, _ = command("forget", "--yes", PENALTIES)
    assert (code, lines) == (0, [f"{PENALTIES} ({penalties.file_md5}) is forgotten; the next run lands it again"])
    assert rows() == {"nh_penalties": 0, "rejected_rows": 0, "load_ledger": 1, "nh_covid_vax_averages": 1}
    assert not [key for prefix in ("raw", "bronze", "rejects") for key in services.store.keys(f"{prefix}/nh_penalties/")]
    assert [found.filename for found in services.checkpoints.all()] == [COVID]

    assert run(services, "run-3") == [PENALTIES]
    assert rows() == {"nh_penalties": 1, "rejected_rows": 1, "load_ledger": 2, "nh_covid_vax_averages": 1}
    assert command("verify", "--deep")[0] == 0
