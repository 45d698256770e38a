"""What the engineer on call has and does: reads states, logs and alerts, triggers, clears, and kills what is at its work."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import duckdb
import psutil

from tests.alerts.alert_receivers import Webhook
from tests.emulators.drive_server import DriveServer, MediaRead
from tests.end_to_end.airflow_api import AirflowApi, TaskInstance, wait_for
from tests.end_to_end.airflow_services import AirflowServices
from tests.end_to_end.conftest import Home

RUN_SECONDS = 1200  # a run takes two minutes on two quiet cores; only a hang is to be noticed
STEP_SECONDS = 300
_ABOUT_FILES = {"data_reconciliation", "data_freshness"}  # they count every version that was ever loaded


@dataclass
class OnCall:
    """What the engineer on call has: Airflow, the Drive folder, the code, and what is published."""

    airflow: AirflowServices
    api: AirflowApi
    drive: DriveServer
    database: Path
    webhook: Webhook
    everything: ExitStack
    run_id: str = ""

    @property
    def home(self) -> Home:
        return Home(self.airflow.home, self.airflow.rawdata)

    @property
    def run_url(self) -> str:
        return f"{self.airflow.url}/dags/healthcare_pipeline/runs/{quote(self.run_id)}"

    def trigger(self) -> None:
        self.run_id = self.api.trigger()

    def expect(self, state: str) -> None:
        """The run ends in this state, or the logs of its failed tasks say why not."""
        ended = self.api.finish(self.run_id, RUN_SECONDS)
        assert ended == state, self.airflow.explain(self.api, self.run_id)

    def tasks(self) -> list[TaskInstance]:
        return self.api.tasks(self.run_id)

    def tasks_in(self, *states: str) -> set[str]:
        return {task.task_id for task in self.tasks() if task.state in states}

    def last_to_start(self) -> str:
        """The task that started when all others had ended; none of the run's tasks, and so a failure, when others still ran."""
        ran = [(task.started, task.ended, task.task_id) for task in self.tasks() if task.started and task.ended]
        *others, (started, _, task_id) = sorted(ran)
        return task_id if all(ended <= started for _, ended, _ in others) else "none"

    def log_of(self, task_id: str) -> str:
        return self.airflow.log_of(self.run_id, self.api.task(self.run_id, task_id))

    def alerts(self) -> list[str]:
        """The first line of each cause in the messages that have come since this was last asked."""
        texts = self._causes_told()
        self.webhook.posts.clear()
        return [text.partition("\n")[0] for text in texts]

    def wait_for_alert(self, begin: str) -> str:
        """The whole text of a cause that a message tells, or is to tell."""

        def come() -> list[str]:
            return [text for text in self._causes_told() if text.startswith(begin)]

        wait_for(lambda: bool(come()), STEP_SECONDS, f"the alert {begin}")
        return come()[0]

    def _causes_told(self) -> list[str]:
        return [block["text"]["text"].replace("*", "") for post in self.webhook.posts for block in post["blocks"][2:]]

    def published_files(self) -> dict[str, str]:
        """The md5 of every published file, under the version it belongs to."""
        current = (self.home.home / "published" / "current").resolve()
        return {f"{current.name}/{path.name}": _md5(path) for path in current.iterdir()}

    def gold(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every published row of the KPIs and the tables behind them."""
        current = self.home.home / "published" / "current"
        return {table: _rows(current / f"{table}.parquet") for table in set(self.home.manifest()["rows"]) - _ABOUT_FILES}

    def running(self, task_id: str) -> list[TaskInstance]:
        return [task for task in self.tasks() if (task.task_id, task.state) == (task_id, "running")]

    @contextmanager
    def reading_is_held(self, name: str, start: Callable[[], None] | None = None) -> Iterator[TaskInstance]:
        """The run that `start` begins, else a new one, stands still within, as Drive does not send this file. Its landing."""
        is_read, may_go_on = threading.Event(), threading.Event()

        def hold(read: MediaRead) -> None:
            if read.name == name:
                is_read.set()
                may_go_on.wait(RUN_SECONDS)

        self.drive.on_media(hold)
        (start or self.trigger)()
        try:
            wait_for(lambda: is_read.is_set() and len(self.running("land")) == 1, STEP_SECONDS, f"the landing of {name} alone")
            yield self.running("land")[0]
        finally:
            may_go_on.set()

    @contextmanager
    def longest_run(self, minutes: int) -> Iterator[None]:
        """Runs are stopped after so many minutes within."""
        usual = self.api.longest_run()
        self.airflow.restart("dag-processor", RUN_TIMEOUT_MINUTES=str(minutes))
        wait_for(lambda: self.api.longest_run() == minutes * 60, STEP_SECONDS, "the shorter timeout")
        try:
            yield
        finally:
            self.airflow.restart("dag-processor")
            wait_for(lambda: self.api.longest_run() == usual, STEP_SECONDS, "the usual timeout")

    def now(self, task: TaskInstance) -> TaskInstance:
        """The same task as it is now; a second try has another id."""
        (found,) = [t for t in self.tasks() if (t.task_id, t.map_index) == (task.task_id, task.map_index)]
        return found

    def kill(self, task_id: str) -> None:
        """Kills the task as soon as it has a process; the supervisor lives on and reports its end."""
        self._kill_first(lambda _: True, lambda task: task.task_id == task_id, task_id)

    def kill_a_model(self) -> TaskInstance:
        """Kills the first dbt model that is met with the warehouse open."""
        warehouse = self.home.home / "warehouse.duckdb"
        return self._kill_first(
            lambda process: _has_open(process, warehouse), lambda task: task.task_id.startswith("dbt."), "a model"
        )

    def _kill_first(
        self, is_met: Callable[[psutil.Process], bool], is_meant: Callable[[TaskInstance], bool], what: str
    ) -> TaskInstance:
        """A process that is met stands still while its task is looked up, so that it is killed where it was met."""
        deadline = time.monotonic() + STEP_SECONDS
        while time.monotonic() < deadline:
            for ti_id, process in self.airflow.task_processes().items():
                if not (is_met(process) and _stops(process)):
                    continue
                (task,) = [task for task in self.tasks() if task.id == ti_id]
                if is_meant(task) and is_met(process):
                    process.kill()
                    return task
                with suppress(psutil.NoSuchProcess):  # its supervisor may have ended it while it stood still
                    process.resume()
            time.sleep(0.01)
        raise AssertionError(f"{what} was not met at its work")

    def make_older(self, name: str, days: int) -> None:
        """As if the file had landed so many days ago."""
        environment = self.airflow.environment
        session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
        resource = session.resource("dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"])
        table = resource.Table(environment["DYNAMODB_TABLE"])
        (item,) = [item for item in table.scan()["Items"] if item["filename"] == name]
        table.put_item(Item={**item, "landed_at": (datetime.now(UTC) - timedelta(days=days)).isoformat()})


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _rows(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(f"select * from read_parquet('{path}') order by all").fetchall()


def _stops(process: psutil.Process) -> bool:
    try:
        process.suspend()
    except psutil.NoSuchProcess:
        return False
    return True


def _has_open(process: psutil.Process, path: Path) -> bool:
    try:
        return str(path) in {file.path for file in process.open_files()}
    except psutil.NoSuchProcess:
        return False
