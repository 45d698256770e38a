"""A home forgets old history and old logs of Airflow, once per week, and nothing that is newer."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.emulators.lifecycle import Emulators
from local.run.airflow_home import AirflowHome, describe_home
from local.run.retention import KEPT, clean_if_due

NOWHERE = "http://127.0.0.1:1"
AGED, FRESH = KEPT + timedelta(days=1), KEPT - timedelta(days=1)


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    """With Airflow's own tables, as `make up` makes them."""
    folder = tmp_path_factory.mktemp("home")
    home = describe_home(folder, Emulators(folder, folder, NOWHERE, NOWHERE, "bucket", "table"))
    home.run("airflow-setup.log", "-m", "airflow", "db", "migrate")
    return home


def add_event(airflow: AirflowHome, name: str, age: timedelta) -> None:
    at = (datetime.now(UTC) - age).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(airflow.folder / "airflow.db")) as database, database:
        database.execute("insert into log (dttm, event) values (?, ?)", (at, name))


def events(airflow: AirflowHome) -> set[str]:
    with closing(sqlite3.connect(airflow.folder / "airflow.db")) as database:
        return {event for (event,) in database.execute("select event from log where event in ('aged', 'fresh')")}


def write_log(airflow: AirflowHome, run_id: str, age: timedelta) -> Path:
    path = airflow.folder / "logs" / "dag_id=healthcare_pipeline" / f"run_id={run_id}" / "task_id=plan" / "attempt=1.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("said", encoding="utf-8")
    set_age(path, age)
    return path


def set_age(path: Path, age: timedelta) -> None:
    then = time.time() - age.total_seconds()
    os.utime(path, (then, then))


def test_old_history_and_old_logs_go_once_per_week_and_the_rest_stays(airflow: AirflowHome) -> None:
    clean_if_due(airflow)  # the first start of a home
    for name, age in (("aged", AGED), ("fresh", FRESH)):
        add_event(airflow, name, age)
    aged, fresh = write_log(airflow, "aged", AGED), write_log(airflow, "fresh", FRESH)
    clean_if_due(airflow)
    assert events(airflow) == {"aged", "fresh"}
    assert aged.exists()
    set_age(airflow.folder / "cleaned", timedelta(days=8))
    clean_if_due(airflow)
    assert events(airflow) == {"fresh"}
    assert fresh.exists()
    assert not aged.parent.parent.exists()
