"""The whole DAG with dbt-snowflake against an emulator and moto, beside the same DAG on DuckDB: every gold table agrees.

The tests build on one another and run in order: a first run, a run with nothing new, a run with one corrected file.
"""

from __future__ import annotations

import datetime
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.embedded.rawdata import fill_when_empty
from include.local_cloud.services import start
from tests.emulators.snowflake_emulator import SnowflakeEmulator, running_emulator
from tests.end_to_end.conftest import Home

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(1800)]

# What differs from run to run, on whichever warehouse.
OF_THE_RUN = {"run_id", "landed_at", "loaded_at", "last_loaded_at", "file_id", "modified_at"}
CORRECTED = "PBJ_Daily_Nurse_Staffing_Q2_2024.csv"


@dataclass(frozen=True)
class Pair:
    """One folder of CMS files, and two homes that load it: one into DuckDB, one into Snowflake."""

    rawdata: Path
    duckdb: Home
    snowflake: Home
    emulator: SnowflakeEmulator

    def run(self) -> list[str]:
        """Both DAGs, which must end green; what the Snowflake one printed."""
        for home in (self.duckdb, self.snowflake):
            done = home.run()
            assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout.splitlines()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("cloud")
    rawdata = folder / "rawdata"
    rawdata.mkdir()
    fill_when_empty(rawdata)
    duckdb, on_snowflake = (Home(folder / name, rawdata) for name in ("duckdb", "snowflake"))
    aws = start(on_snowflake.home, rawdata).environment()
    os.environ.update({name: value for name, value in aws.items() if name.startswith("AWS_")})
    try:
        with running_emulator(folder, aws["AWS_ENDPOINT_URL"], aws["S3_BUCKET"]) as emulator:
            yield Pair(rawdata, duckdb, replace(on_snowflake, environment=emulator.environment), emulator)
    finally:
        duckdb.down()
        on_snowflake.down()
        for name in aws:
            os.environ.pop(name, None)


def test_first_run_gives_the_same_gold(pair: Pair) -> None:
    pair.run()
    assert differences(pair) == []
    rows = pair.emulator.query(
        "select sum(rows_in_file) - sum(rows_in_bronze) - sum(rows_rejected) from gold.data_reconciliation"
    )
    assert rows == [(0,)]


def test_what_is_published_is_gold(pair: Pair) -> None:
    for table in pair.duckdb.manifest()["rows"]:
        (of_gold,), (published,) = (
            pair.emulator.query(f"select count(*) from {schema}.{table}") for schema in ("gold", "published")
        )
        assert of_gold == published, table


def test_second_run_with_nothing_new_loads_and_publishes_nothing(pair: Pair) -> None:
    before = pair.emulator.query("select manifest from published.publication")
    words = "\n".join(pair.run())
    assert "0 landed" in words
    assert pair.emulator.query("select manifest from published.publication") == before


def test_corrected_file_replaces_its_period_on_both(pair: Pair) -> None:
    path = pair.rawdata / CORRECTED
    content = path.read_bytes().splitlines(keepends=True)
    shutil.copy(path, pair.rawdata.parent / "before.csv")
    path.write_bytes(b"".join(content[:-1]))  # CMS took one facility-day back
    pair.run()
    assert differences(pair) == []
    loads = pair.emulator.query(f"select count(*) from bronze.load_ledger where file_name = '{CORRECTED}'")
    assert loads == [(2,)]


def test_no_secret_is_written_down(pair: Pair) -> None:
    """Logs, Airflow's database (XComs, rendered templates) and dbt's files, of all runs above."""
    lines = [line for line in pair.emulator.private_key.splitlines() if len(line) == 64]
    as_connection_keeps_it = pair.emulator.connection()["extra"]["private_key_content"][100:160]
    secrets = [text.encode() for text in (*lines, as_connection_keeps_it)]
    found = [path for path in pair.snowflake.home.rglob("*") if path.is_file() and _holds(path, secrets)]
    assert found == []


def _holds(path: Path, secrets: list[bytes]) -> bool:
    content = path.read_bytes()
    return any(secret in content for secret in secrets)


def differences(pair: Pair) -> list[str]:
    """One line for each gold table that is not the same on both; numbers may differ by 1e-6 of themselves."""
    found = []
    for table in sorted(pair.duckdb.manifest()["rows"]):
        ours = pair.duckdb.published(table)
        columns = [name for name in ours[0] if name not in OF_THE_RUN] if ours else []
        theirs = [
            dict(zip(columns, row, strict=True))
            for row in pair.emulator.query(f"select {', '.join(columns) or '*'} from gold.{table}")
        ]
        if len(ours) != len(theirs):
            found.append(f"{table}: {len(ours)} rows on DuckDB, {len(theirs)} on Snowflake")
            continue
        found += [f"{table}.{column}" for column in columns if not _agree([r[column] for r in ours], [r[column] for r in theirs])]
    return found


def _agree(ours: list[Any], theirs: list[Any]) -> bool:
    if all(_is_number(value) or value is None for value in (*ours, *theirs)):
        return ours.count(None) == theirs.count(None) and _sum(theirs) == pytest.approx(_sum(ours), rel=1e-6, abs=1e-6)
    return Counter(map(_written, ours)) == Counter(map(_written, theirs))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _sum(values: list[Any]) -> float:
    return sum(float(value) for value in values if value is not None)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
