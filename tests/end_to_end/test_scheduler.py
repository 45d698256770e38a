"""The DAG under a real Airflow on PostgreSQL, through a night on call: a bad model, bad data, killed processes.

One Airflow serves all tests. They build on one another and run in order: a first run; a broken model and its mending; data that
fails a test and its correction; killed processes; the end of everything.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from include.local_cloud.drive_faults import MediaRead
from include.local_cloud.drive_server import DriveServer, running_drive_server
from include.local_cloud.sample_data import SampleSize, write_sample
from tests.end_to_end.airflow_api import RED, AirflowApi, TaskInstance, wait_for
from tests.end_to_end.airflow_services import AirflowServices, prepare_services
from tests.end_to_end.conftest import Home
from tests.end_to_end.postgres import running_postgres

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]

STAFFING = "PBJ_Daily_Nurse_Staffing_Q2_2024.csv"
VACCINATION = "NH_CovidVaxProvider_20241027.csv"
MODEL = "kpi_hprd_by_state_quarter"
MODEL_TASK = f"dbt.gold.{MODEL}.build"
_RUN_SECONDS = 300


@dataclass
class OnCall:
    """What the engineer on call has: Airflow, the Drive folder, the code, and the home with what is published."""

    airflow: AirflowServices
    api: AirflowApi
    drive: DriveServer

    @property
    def home(self) -> Home:
        return Home(self.airflow.home, self.airflow.rawdata)

    def run(self, **conf: Any) -> tuple[str, str]:
        """A whole run: its id, and the state it ended in."""
        run_id = self.api.trigger(**conf)
        return run_id, self.api.finish(run_id, _RUN_SECONDS)

    def states(self, run_id: str) -> dict[str, str | None]:
        return {task.name: task.state for task in self.api.tasks(run_id)}

    def published_bytes(self) -> dict[str, str]:
        """The md5 of every published file, and which version it is."""
        current = (self.home.home / "published" / "current").resolve()
        return {f"{current.name}/{path.name}": hashlib.md5(path.read_bytes()).hexdigest() for path in current.iterdir()}

    def gold(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every published row, without what differs from one load to the next."""
        return {table: _rows(self.home.home / "published" / "current" / f"{table}.parquet") for table in self.home.manifest()["rows"]}


def _rows(path: Path) -> list[tuple[Any, ...]]:
    of_the_load = "run_id|landed_at|loaded_at|last_loaded_at|modified_at"
    query = f"select columns(c -> not regexp_full_match(c, '{of_the_load}')) from read_parquet('{path}') order by all"
    return duckdb.sql(query).fetchall()


@pytest.fixture(scope="module")
def on_call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnCall]:
    folder = tmp_path_factory.mktemp("scheduler")
    write_sample(folder / "rawdata", SampleSize(facilities=60, quarters=1, vintages=1))
    with running_postgres() as postgres, running_drive_server(folder / "rawdata") as drive:
        airflow = prepare_services(folder, postgres.url, postgres.folder, drive.url)
        try:
            api = airflow.start()
            yield OnCall(airflow, api, drive)
            api.close()
        finally:
            airflow.stop()


def test_first_run_publishes_gold_and_names_every_file(on_call: OnCall) -> None:
    run_id = on_call.api.trigger()
    on_call.api.unpause()

    assert on_call.api.finish(run_id, _RUN_SECONDS) == "success", on_call.airflow.explain(on_call.api, run_id)

    tasks = on_call.api.tasks(run_id)
    assert {task.state for task in tasks} == {"success"}
    files = {path.name for path in on_call.airflow.rawdata.iterdir()}
    for step in ("ingest.land", "ingest.certify"):
        assert {task.label for task in tasks if task.task_id == step} == files
    assert on_call.home.manifest()["run_id"] == run_id
    assert on_call.home.published("kpi_hprd_by_state_quarter")
