"""The on-call verbs in the cloud: credentials of Airflow's connections, the ledger in Snowflake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from include.ingest import pipeline
from include.ingest.checkpoints import Status
from include.on_call.__main__ import main
from include.orchestration.connections import connect_services
from include.orchestration.warehouse_profile import dbt_connection
from include.settings import load_settings
from include.warehouse.bronze_copy import copy_to_bronze
from include.warehouse.operations import drop_warehouse
from tests.cloud_fixtures import Aws
from tests.emulators.snowflake_emulator import SnowflakeEmulator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PENALTIES = "NH_Penalties_Feb2025.csv"
DAYS = count(1)  # another content, and so another md5, in every test


@pytest.fixture
def loaded(cloud: Callable[..., None], tmp_path: Path, csv_of: Callable[..., bytes]) -> Iterator[str]:
    """A file that went through landing, certification and the COPY; its md5."""
    penalty = {"ccn": "015009", "penalty_date": f"2024-01-{next(DAYS):02}", "processing_date": "2025-02-01"}
    (tmp_path / "rawdata" / PENALTIES).write_bytes(csv_of("nh_penalties", [penalty]))
    connect_services.cache_clear()
    services = connect_services()
    (file,) = pipeline.plan(services).work
    pipeline.land(services, file, "run-1")
    pipeline.certify(services, file, "run-1")
    with dbt_connection():
        copy_to_bronze(services, "run-1")
    yield str(file.file_md5)
    main(["forget", "--yes", PENALTIES])


def test_verify_holds_the_file_against_snowflakes_ledger(
    loaded: str, emulator: SnowflakeEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--deep"]) == 0
    assert capsys.readouterr().out.startswith(f"= {PENALTIES} 2025-02 {loaded}\n")

    emulator.run([f"update HEALTHCARE.bronze.load_ledger set rows_loaded = 7 where file_md5 = '{loaded}'"])
    assert main(["verify"]) == 1
    assert (
        f"* {PENALTIES} 2025-02 {loaded} differs: the ledger has 7 rows, 1 were certified" in capsys.readouterr().out.splitlines()
    )

    emulator.run([f"delete from HEALTHCARE.bronze.load_ledger where file_md5 = '{loaded}'"])
    assert main(["verify"]) == 1
    assert f"+ {PENALTIES} 2025-02 {loaded} missing in the load ledger" in capsys.readouterr().out.splitlines()


def test_forget_takes_the_rows_out_of_snowflake(loaded: str, emulator: SnowflakeEmulator) -> None:
    of_the_file = f"select count(*) from HEALTHCARE.bronze.nh_penalties where _file_md5 = '{loaded}'"
    assert emulator.query(of_the_file) == [(1,)]
    assert main(["forget", "--yes", PENALTIES]) == 0
    assert emulator.query(of_the_file) == [(0,)]
    assert emulator.query(f"select count(*) from HEALTHCARE.bronze.load_ledger where file_md5 = '{loaded}'") == [(0,)]
    assert loaded not in {checkpoint.file_md5 for checkpoint in connect_services().checkpoints.all()}


def test_dropped_warehouse_keeps_what_is_published_and_is_loaded_again_from_s3(loaded: str, emulator: SnowflakeEmulator) -> None:
    """The two halves of `rebuild` that are Snowflake's own; the models are built as in every run."""
    tables = "select lower(table_schema), lower(table_name) from HEALTHCARE.information_schema.tables"
    built = ["table gold.kpi_turnover_by_state", "table silver.fct_penalties", "view staging.stg_nh_penalties"]
    made = [*built, "table published.kpi_turnover_by_state"]
    emulator.run([f"create or replace {kind} HEALTHCARE.{name} as select 1 as one" for kind, name in map(str.split, made)])
    assert {("gold", "kpi_turnover_by_state"), ("bronze", "nh_penalties")} <= set(emulator.query(tables))
    services = connect_services()
    (checkpoint,) = [item for item in services.checkpoints.all() if item.file_md5 == loaded]

    services.checkpoints.reset(checkpoint, Status.CERTIFIED)
    with dbt_connection():
        drop_warehouse(load_settings())
        left = {table for table in emulator.query(tables) if table[0] in ("bronze", "staging", "silver", "gold", "published")}
        copy_to_bronze(services, "rebuild")

    left.discard(("bronze", "preflight_check"))  # what a preflight leaves that could not COPY, and the next one replaces
    assert {table for table in left if table[0] != "published"} == set()
    assert ("published", "kpi_turnover_by_state") in left
    assert emulator.query(f"select count(*) from HEALTHCARE.bronze.nh_penalties where _file_md5 = '{loaded}'") == [(1,)]
    assert main(["verify", "--deep"]) == 0
    emulator.run(["drop table HEALTHCARE.published.kpi_turnover_by_state"])


def test_wrong_key_is_one_sentence_with_the_connection(
    cloud: Callable[..., None], aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud(AIRFLOW_CONN_AWS_DEFAULT=json.dumps(aws.connection(password="not-the-secret")))
    assert main(["status"]) == 2
    assert capsys.readouterr().err.startswith("aws_default: the access key is wrong.")
