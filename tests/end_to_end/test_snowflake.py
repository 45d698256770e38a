"""The whole DAG with dbt-snowflake against an emulator and moto, beside the same DAG on DuckDB: every gold table agrees.

The tests build on one another and run in order: a first run, a run with nothing new, one corrected file whose
first run the warehouse stops.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from include.settings import REPOSITORY
from local.emulators.lifecycle import start
from local.sample import SampleSize, write_sample
from tests.emulators.fixed_answer import answering
from tests.emulators.snowflake_emulator import SnowflakeEmulator, make_private_key, running_emulator
from tests.end_to_end.conftest import Home
from tests.end_to_end.rows import unequal_rows

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(5400)]

# What differs from run to run, on whichever warehouse.
OF_THE_RUN = {
    "run_id", "landed_at", "loaded_at", "last_loaded_at", "file_id", "modified_at",
    "old_published_at", "old_loaded_at", "new_published_at", "new_loaded_at",
}  # fmt: skip
STOPPED_AT = "silver.states"  # what the task `staging`, the first after the COPY, makes at every run
CORRECTED = "PBJ_Daily_Nurse_Staffing_Q2_2024.csv"


@dataclass(frozen=True)
class Pair:
    """One folder of CMS files, and two homes that load it: one into DuckDB, one into Snowflake."""

    rawdata: Path
    duckdb: Home
    snowflake: Home
    emulator: SnowflakeEmulator
    connections: Connections

    def run(self) -> list[str]:
        """Both DAGs, which must end green; what the Snowflake one printed."""
        for home in (self.duckdb, self.snowflake):
            done = home.run()
            assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout.splitlines()


@dataclass(frozen=True)
class Connections:
    """The file of Airflow's connections that deploy/make_connections.py makes, as deploy/compose.yml hands it to Airflow."""

    path: Path
    drive_key: str
    snowflake_key: str
    aws_secret: str
    drive_token: str
    sign_ins: list[bytes]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
            "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(self.path)}),
        }

    @property
    def secrets(self) -> list[bytes]:
        """What nobody may find anywhere else: each full line of a key, and what AWS and Google take for a password."""
        lines = [line for key in (self.drive_key, self.snowflake_key) for line in key.splitlines() if len(line) == 64]
        assert len(lines) > 40
        return [text.encode() for text in (*lines, self.aws_secret, self.drive_token)]

    def add(self, name: str, **extra: Any) -> None:
        """What only an emulator needs, beside what the deployment says."""
        held = json.loads(self.path.read_text(encoding="utf-8"))
        held[name]["extra"] = json.dumps(json.loads(held[name]["extra"]) | extra)
        self.path.write_text(json.dumps(held), encoding="utf-8")


@pytest.fixture(scope="module")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connections]:
    folder, token = tmp_path_factory.mktemp("secrets"), secrets.token_hex(32)
    sign_ins: list[bytes] = []
    drive_key, snowflake_key, aws_secret = make_private_key(), make_private_key(), secrets.token_hex(20)
    with answering(200, json.dumps({"access_token": token, "expires_in": 3600}), seen=sign_ins) as google:
        account = {"type": "service_account", "client_email": "reader@project.iam.gserviceaccount.com"}
        (folder / "drive.json").write_text(json.dumps(account | {"private_key": drive_key, "token_uri": google}))
        (folder / "pipeline.p8").write_text(snowflake_key)
        keys = ["--drive-key", str(folder / "drive.json"), "--snowflake-key", str(folder / "pipeline.p8")]
        command = [sys.executable, str(REPOSITORY / "deploy" / "make_connections.py"), *keys, "--aws-region", "us-east-1"]
        subprocess.run(
            [*command, "--snowflake-account", "emulator", "--output", str(folder / "connections.json")],
            env={**os.environ, "AWS_ACCESS_KEY_ID": "AKIAPIPELINE", "AWS_SECRET_ACCESS_KEY": aws_secret},
            check=True,
        )
        yield Connections(folder / "connections.json", drive_key, snowflake_key, aws_secret, token, sign_ins)


@pytest.fixture(scope="module")
def pair(connections: Connections, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("cloud")
    rawdata = folder / "rawdata"
    write_sample(rawdata, SampleSize.small())
    duckdb, on_snowflake = (Home(folder / name, rawdata) for name in ("duckdb", "snowflake"))
    aws = start(on_snowflake.home, rawdata).environment()
    try:
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
                patch.setenv(name, aws[name])  # the emulator reads the bucket with them
            emulator = stack.enter_context(running_emulator(folder, aws["AWS_ENDPOINT_URL"], aws["S3_BUCKET"]))
            connections.add("aws_default", endpoint_url=aws["AWS_ENDPOINT_URL"])
            connections.add("snowflake_default", host="127.0.0.1", port=emulator.port, insecure_mode=True)
            environment = {name: emulator.environment[name] for name in ("DBT_TARGET", "REQUESTS_CA_BUNDLE")}
            on_snowflake = replace(on_snowflake, environment=environment | connections.environment)
            yield Pair(rawdata, duckdb, on_snowflake, emulator, connections)
    finally:
        duckdb.down()
        on_snowflake.down()


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


def test_warehouse_that_stops_in_the_middle_is_one_sentence_and_publishes_nothing(pair: Pair) -> None:
    path = pair.rawdata / CORRECTED
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))  # CMS took one facility-day back
    published = pair.emulator.query("select manifest from published.publication")
    words = "Warehouse 'HEALTHCARE_WH' cannot be resumed because resource monitor 'HEALTHCARE_MONITOR' has exceeded its quota."
    pair.emulator.refuse({"matching": STOPPED_AT, "code": "090073", "message": words})
    red = pair.snowflake.run()
    pair.emulator.refuse()
    assert red.returncode == 1, red.stdout[-3000:]
    (said,) = [line for line in red.stdout.splitlines() if "failed task staging" in line]
    assert "failed task staging: snowflake_default: the month's credits are spent" in said
    assert "Raise its credit_quota" in said
    assert pair.emulator.query("select manifest from published.publication") == published


def test_next_run_heals_and_the_corrected_file_has_replaced_its_period_on_both(pair: Pair) -> None:
    pair.run()
    assert differences(pair) == []
    loads = pair.emulator.query(f"select count(*) from bronze.load_ledger where file_name = '{CORRECTED}'")
    assert loads == [(2,)]


def test_every_statement_of_a_task_carries_dag_task_and_run(pair: Pair) -> None:
    tags = {tuple(re.findall(r"(\w+)=(\S+)", tag)) for tag in pair.emulator.query_tags() if tag}
    tasks = {dict(tag)["task"] for tag in tags}
    assert {"copy_to_bronze", "is_gold_stale", "staging", "data_tests", "publish"} <= tasks
    assert [task for task in tasks if "fct_daily_nurse_staffing" in task]
    assert {dict(tag)["dag"] for tag in tags} == {"healthcare_pipeline"}
    runs = {path.stem for path in (pair.snowflake.home / "runs").glob("*.json")}
    assert {dict(tag)["run"] for tag in tags} == runs


def test_connections_came_from_the_secrets_backend(pair: Pair) -> None:
    """Nothing in the environment tells of them, and Google was asked for a token with the key's signature."""
    assert pair.connections.sign_ins
    assert not [name for name in pair.snowflake.environment if name.startswith("AIRFLOW_CONN_")]


def test_rebuild_from_s3_alone_gives_the_same_gold(pair: Pair) -> None:
    known_since = "select file_md5, loaded_at from bronze.load_ledger order by file_md5"
    before = pair.emulator.query(known_since)
    rebuilt = pair.snowflake.on_call("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert differences(pair) == []
    assert pair.emulator.query(known_since) == before
    verified = pair.snowflake.on_call("verify")
    marks = Counter(line[:1] for line in verified.stdout.splitlines()[:-1])
    archives = len(list(pair.rawdata.glob("*.zip")))  # which have no rows of their own
    assert marks == {"=": len(before) + archives}, verified.stdout + verified.stderr


def test_no_secret_is_written_down(pair: Pair) -> None:
    """Logs, Airflow's database (XComs, rendered templates) and dbt's files, of all runs above, the red one too."""
    found = [path for path in pair.snowflake.home.rglob("*") if path.is_file() and _holds(path, pair.connections.secrets)]
    assert found == []


def _holds(path: Path, secrets: list[bytes]) -> bool:
    content = path.read_bytes()
    return any(secret in content for secret in secrets)


def differences(pair: Pair) -> list[str]:
    """One line for each gold table that is not the same on both, row by row; numbers may differ by 1e-6 of themselves."""
    keys, found = unique_columns(pair.duckdb), []
    for table in sorted(pair.duckdb.manifest()["rows"]):
        ours = pair.duckdb.published(table)
        columns = [name for name in ours[0] if name not in OF_THE_RUN] if ours else []
        rows = pair.emulator.query(f"select {', '.join(columns) or '*'} from gold.{table}")
        theirs = [dict(zip(columns, row, strict=True)) for row in rows]
        found += [f"{table}: {said}" for said in unequal_rows(ours, theirs, columns, keys.get(table, set(columns)))]
    return found


def unique_columns(home: Home) -> dict[str, set[str]]:
    """By table, the columns by which dbt's own tests tell its rows apart; some tables have rows that repeat."""
    manifest = json.loads((home.home / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    found = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") in ("unique", "unique_combination"):
            table = node["attached_node"].rpartition(".")[2]
            found[table] = set(test["kwargs"].get("columns") or [test["kwargs"]["column_name"]])
    return found
