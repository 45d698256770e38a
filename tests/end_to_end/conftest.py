"""Homes that the real pipeline runs in: real Airflow, real dbt, real DuckDB, the local Drive, S3 and DynamoDB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from include.settings import REPOSITORY
from local.emulators.lifecycle import start
from local.run.airflow_home import describe_home
from local.run.stages import DAG_ID


@dataclass(frozen=True)
class Home:
    """One home of the embedded default, as `make run` uses it."""

    home: Path
    rawdata: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            **self.environment,
            "HEALTHCARE_HOME": str(self.home),
            "RAWDATA": str(self.rawdata),
            "COLUMNS": "200",
        }
        command = [sys.executable, "-m", "local.run.run", *arguments]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)

    def on_call(self, *verb: str) -> subprocess.CompletedProcess[str]:
        """`python -m include.on_call`, where Airflow runs."""
        return self._where_airflow_runs("include.on_call", *verb)

    def run_states(self) -> list[str]:
        """Of every run that Airflow knows."""
        listed = self._where_airflow_runs("airflow", "dags", "list-runs", DAG_ID, "--output", "json")
        return [run["state"] for run in json.loads(listed.stdout.splitlines()[-1])]

    def _where_airflow_runs(self, *module: str) -> subprocess.CompletedProcess[str]:
        airflow = describe_home(self.home, start(self.home, self.rawdata))
        environment = {**airflow.environment, **self.environment}
        command = [sys.executable, "-m", *module]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)

    def down(self) -> None:
        command = [sys.executable, "-m", "local.run", "down", "--home", str(self.home)]
        subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as warehouse:
            return warehouse.execute(sql).fetchall()

    def published(self, table: str) -> list[dict[str, Any]]:
        path = self.home / "published" / "current" / f"{table}.parquet"
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows

    def manifest(self) -> dict[str, Any]:
        text = (self.home / "published" / "current" / "manifest.json").read_text(encoding="utf-8")
        manifest: dict[str, Any] = json.loads(text)
        return manifest


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("pipeline")
    made = Home(folder / "home", folder / "rawdata")
    made.rawdata.mkdir()
    yield made
    made.down()
