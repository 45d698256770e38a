"""The steps in a row, into a real bronze: once, whatever was killed before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from include.contracts import contract
from include.contracts.errors import NoHeaderError
from include.ingest import pipeline
from include.ingest.checkpoints import Status
from include.ingest.pipeline import Services
from include.ingest.planning import Plan
from include.on_call import files as on_call
from include.warehouse.bronze_copy import copy_to_bronze
from include.warehouse.errors import BronzeCopyError
from include.warehouse.operations import read_rows, read_warehouse, run_dbt
from tests.checkpoints import recorded

PENALTIES, COVID = "NH_Penalties_Feb2025.csv", "NH_CovidVaxAverages_20241027.csv"


def ingest(services: Services, run_id: str) -> None:
    planned = pipeline.plan(services)
    for file in planned.work:
        pipeline.land(services, file, run_id)
    for file in pipeline.plan_to_certify(services, planned).work:
        pipeline.certify(services, file, run_id)


def rows(services: Services, table: str) -> int:
    with read_warehouse(services.settings) as warehouse:
        (count,) = warehouse.execute(f"select count(*) from bronze.{table}").fetchone()
    return int(count)


@pytest.mark.usefixtures("dbt_home")
def test_bronze_gains_the_column_of_a_contract_though_no_file_is_new(services: Services) -> None:
    assert copy_to_bronze(services, "run-1") == []
    read_columns = "select count(*) from information_schema.columns where table_name = 'nh_penalties' and column_name = 'fine_id'"
    with duckdb.connect(str(services.settings.warehouse_path)) as warehouse:  # as it was before the contract had it
        warehouse.execute("alter table bronze.nh_penalties drop column fine_id")
    assert read_rows(services.settings, read_columns) == [(0,)]
    assert copy_to_bronze(services, "run-2") == []
    assert read_rows(services.settings, read_columns) == [(1,)]


@pytest.mark.usefixtures("dbt_home")
def test_rows_are_loaded_once_though_runs_are_killed_and_copies_fail(
    rawdata: Path, services: Services, csv_of: Callable[..., bytes]
) -> None:
    (rawdata / PENALTIES).write_bytes(
        csv_of("nh_penalties", [{"ccn": "015009", "penalty_date": "2024-01-02", "processing_date": "2025-02-01"}] * 3)
    )
    ingest(services, "run-1")
    (certified,) = services.checkpoints.all()
    bronze = b"".join(services.store.read_chunks(recorded(certified.certified).bronze_key))

    # A Parquet file with other rows than were certified: the whole file is rolled back, ledger and all.
    with duckdb.connect() as scratch:
        short = services.settings.healthcare_home / "short.parquet"
        short.parent.mkdir(exist_ok=True)
        whole = short.with_name("whole.parquet")
        whole.write_bytes(bronze)
        scratch.execute(f"copy (select * from read_parquet('{whole}') limit 2) to '{short}'")
    services.store.upload_file(short, recorded(certified.certified).bronze_key)
    with pytest.raises(BronzeCopyError, match="2 rows arrived in bronze, 3 were certified"):
        copy_to_bronze(services, "run-1")
    assert (rows(services, "nh_penalties"), rows(services, "load_ledger")) == (0, 0)
    assert [found.status for found in services.checkpoints.all()] == [Status.CERTIFIED]

    services.store.client.put_object(Bucket=services.store.bucket, Key=recorded(certified.certified).bronze_key, Body=bronze)
    assert [file.file_name for file in copy_to_bronze(services, "run-2")] == [PENALTIES]
    assert (rows(services, "nh_penalties"), rows(services, "load_ledger")) == (3, 1)

    # Killed between the COPY and the checkpoint: the ledger knows better.
    (loaded,) = services.checkpoints.all()
    services.checkpoints.reset(loaded, Status.CERTIFIED)
    copy_to_bronze(services, "run-3")
    assert [found.status for found in services.checkpoints.all()] == [Status.LOADED]
    assert (rows(services, "nh_penalties"), rows(services, "load_ledger")) == (3, 1)
    assert list(services.settings.stage_dir.rglob("*.parquet")) == []


@pytest.mark.usefixtures("dbt_home")
def test_cleared_copy_tells_also_of_the_files_that_its_first_try_loaded(
    rawdata: Path, services: Services, csv_of: Callable[..., bytes]
) -> None:
    """The report of the run is made of it: a rejected record would go unsaid, and the run would end green."""
    (rawdata / PENALTIES).write_bytes(
        csv_of("nh_penalties", [{"ccn": "015009", "penalty_date": "2024-01-02", "processing_date": "2025-02-01"}])
        + b"too,short\n"
    )
    ingest(services, "run-1")
    first_try = copy_to_bronze(services, "run-1")
    assert [(file.file_name, file.rows_rejected) for file in first_try] == [(PENALTIES, 1)]
    assert copy_to_bronze(services, "run-1") == first_try
    assert copy_to_bronze(services, "run-2") == []


@pytest.mark.usefixtures("dbt_home")
def test_bronze_is_made_though_a_copy_was_killed_before_it_made_a_table_and_no_file_waits(services: Services) -> None:
    duckdb.connect(str(services.settings.warehouse_path)).close()
    assert copy_to_bronze(services, "run-1") == []
    assert rows(services, "load_ledger") == 0


@pytest.mark.usefixtures("dbt_home")
def test_page_of_the_api_is_held_and_the_whole_stays_in_force_until_somebody_accepts_the_page(
    rawdata: Path, services: Services, cms_files: Path
) -> None:
    def run(run_id: str) -> tuple[list[str], list[tuple[str]]]:
        """What it has loaded, and which file speaks for the period behind it."""
        ingest(services, run_id)
        loaded = [file.file_name for file in copy_to_bronze(services, run_id)]
        run_dbt(services.settings, "--quiet", "run", "--select", "current_files")
        return loaded, read_rows(services.settings, "select file_name from staging.current_files")

    whole, page = "NH_Penalties_Feb2026.csv", "NH_Penalties_Feb2026 (1).csv"
    content = (cms_files / "2026-02-api" / whole).read_bytes()
    (rawdata / whole).write_bytes(content)
    assert run("run-1") == ([whole], [(whole,)])
    fines = (
        "select count(*), count(nullif(fine_amount_usd, '')), sum(nullif(fine_amount_usd, '')::decimal) from bronze.nh_penalties"
    )
    assert read_rows(services.settings, fines) == [(1000, 837, 22_566_053)]

    (rawdata / page).write_bytes(b"".join(content.splitlines(keepends=True)[:501]))
    assert run("run-2") == ([], [(whole,)])
    (refused,) = pipeline.plan(services).quarantined
    assert (refused.name, refused.code) == (page, "part_of_a_whole")
    assert f"holds 500 of the 1,000 rows that {whole!r} has for 2026-02" in refused.reason

    on_call.accept_file(services.checkpoints, page)
    assert run("run-3") == ([page], [(page,)])
    assert rows(services, "nh_penalties") == 1500
    assert pipeline.plan(services) == Plan(unchanged=2)


def test_bad_file_does_not_keep_the_good_ones_from_certification(
    rawdata: Path, services: Services, csv_of: Callable[..., bytes]
) -> None:
    (rawdata / PENALTIES).write_bytes(b"Colour\nred\n")
    (rawdata / COVID).write_bytes(csv_of("nh_covid_vax_averages", [{"state": "US", "as_of_date": "10/27/2024"}]))
    good, bad = pipeline.plan(services).work
    for file in (good, bad):
        pipeline.land(services, file, "run-1")
    with pytest.raises(NoHeaderError):
        pipeline.certify(services, bad, "run-1")
    pipeline.certify(services, good, "run-1")
    assert {found.filename: found.status for found in services.checkpoints.all()} == {
        PENALTIES: Status.QUARANTINED,
        COVID: Status.CERTIFIED,
    }
    assert [item.name for item in pipeline.plan(services).quarantined] == [PENALTIES]


def test_steps_that_are_done_again_change_nothing(rawdata: Path, services: Services, csv_of: Callable[..., bytes]) -> None:
    (rawdata / COVID).write_bytes(csv_of("nh_covid_vax_averages", [{"state": "US", "as_of_date": "10/27/2024"}]))
    ingest(services, "run-1")
    first = list(services.checkpoints.all())
    ingest(services, "run-2")
    assert list(services.checkpoints.all()) == first


@pytest.fixture
def contracts_of_yesterday(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Contracts that do not know CMS's Fine ID yet; what is given back brings today's."""
    families = tmp_path / "families"
    shutil.copytree(contract.FAMILIES_DIR, families)
    penalties = families / "nh_penalties.yml"
    lines = penalties.read_text(encoding="utf-8").splitlines(keepends=True)
    penalties.write_text("".join(line for line in lines if "fine_id" not in line), encoding="utf-8")

    def forget() -> None:
        for cached in (contract.load_contract, contract.load_contracts, contract.contracts_version):
            cached.cache_clear()

    def learn() -> None:
        monkeypatch.setattr(contract, "FAMILIES_DIR", today)
        forget()

    today = contract.FAMILIES_DIR
    monkeypatch.setattr(contract, "FAMILIES_DIR", families)
    forget()
    yield learn
    learn()


@pytest.mark.usefixtures("dbt_home")
def test_file_is_certified_again_from_s3_once_a_contract_knows_its_column(
    rawdata: Path, services: Services, csv_of: Callable[..., bytes], contracts_of_yesterday: Callable[[], None]
) -> None:
    row = {"ccn": "015009", "penalty_date": "2026-01-02", "processing_date": "2026-06-01"}
    header, *records = csv_of("nh_penalties", [row, row]).decode().splitlines()
    content = "\n".join([f"{header},Fine ID", *(f"{record},90000{at}" for at, record in enumerate(records))])
    (rawdata / "NH_Penalties_Jun2026.csv").write_text(content, encoding="utf-8")
    ingest(services, "run-1")
    copy_to_bronze(services, "run-1")
    (before,) = services.checkpoints.all()
    assert recorded(before.certified).unmapped == ("Fine ID",)
    cells = "select _unmapped, _occurrence from bronze.nh_penalties order by _source_row"
    assert read_rows(services.settings, cells) == [('{"Fine ID": "900000"}', 1), ('{"Fine ID": "900001"}', 1)]
    assert rows(services, "layout_notices") == 1

    contracts_of_yesterday()
    (work,) = pipeline.plan(services).work
    ingest(services, "run-2")
    (copied,) = copy_to_bronze(services, "run-2")
    assert (copied.file_name, work.name) == ("NH_Penalties_Jun2026.csv", "NH_Penalties_Jun2026.csv")
    cells = "select fine_id, _unmapped from bronze.nh_penalties order by _source_row"
    assert read_rows(services.settings, cells) == [("900000", None), ("900001", None)]
    assert (rows(services, "load_ledger"), rows(services, "layout_notices")) == (1, 0)
    (after,) = services.checkpoints.all()
    assert recorded(after.loaded).loaded_at == recorded(before.loaded).loaded_at
    assert (after.status, after.replaces) == (Status.LOADED, False)
    assert pipeline.plan(services) == Plan(unchanged=1)
