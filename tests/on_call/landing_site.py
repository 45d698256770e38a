"""A real Airflow API server on a home of the embedded default whose DAG has run up to bronze, with an admin and a viewer."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import duckdb
import requests

from include.ingest.checkpoints import Checkpoint, CheckpointTable
from include.ingest.object_store import ObjectStore
from local import processes
from local.emulators.lifecycle import Emulators, start, stop
from local.emulators.listening import free_port
from local.run.airflow_home import AirflowHome, describe_home, prepare

# The page shows nothing of silver and gold, so their tasks are marked as done instead of run.
_RUN_UP_TO_BRONZE = """
import sys
import airflow
sys.path.insert(0, "dags")
from healthcare_pipeline import healthcare
healthcare.test(mark_success_pattern="(?!plan|land|to_certify|certify|copy_to_bronze|report).*")
"""


@dataclass(frozen=True)
class LandingSite:
    url: str
    home: Path
    services: Emulators
    environment: Mapping[str, str]

    @property
    def page(self) -> str:
        return f"{self.url}/data-landing/"

    def token(self, user: str) -> str:
        answer = requests.post(f"{self.url}/auth/token", json={"username": user, "password": user}, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def visitor(self, user: str | None = None) -> requests.Session:
        """As a browser that has logged in, and sends what browsers send with a form of the page itself."""
        session = requests.Session()
        session.headers["Sec-Fetch-Site"] = "same-origin"
        if user:
            session.cookies.set("_token", self.token(user))
        return session

    @property
    def table(self) -> Any:
        dynamodb: Any = boto3.resource("dynamodb", **self._credentials)
        return dynamodb.Table(self.services.table)

    @property
    def checkpoints(self) -> CheckpointTable:
        return CheckpointTable(self.table, lease_seconds=60)

    @contextmanager
    def other_checkpoints(self, items: Iterable[Mapping[str, Any]]) -> Iterator[None]:
        """The table holds these instead of its own, for a while."""
        own = self.table.scan()["Items"]
        self._replace(own, items)
        try:
            yield
        finally:
            self._replace(items, own)

    def _replace(self, old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> None:
        with self.table.batch_writer() as writer:
            for item in old:
                writer.delete_item(Key={name: item[name] for name in ("file_id", "file_md5")})
        with self.table.batch_writer() as writer:
            for item in new:
                writer.put_item(Item=item)

    @property
    def store(self) -> ObjectStore:
        return ObjectStore(boto3.client("s3", **self._credentials), self.services.bucket)

    @property
    def _credentials(self) -> dict[str, Any]:
        said = self.services.environment()
        return {
            "endpoint_url": self.services.aws_url,
            "aws_access_key_id": said["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": said["AWS_SECRET_ACCESS_KEY"],
            "region_name": said["AWS_DEFAULT_REGION"],
        }

    def checkpoint(self, name: str) -> Checkpoint:
        (found,) = [item for item in self.checkpoints.all() if item.filename == name]
        return found

    def names(self) -> set[str]:
        return {item.filename for item in self.checkpoints.all()}

    def objects_of(self, md5: str) -> list[str]:
        return [key for key in self.store.keys("") if md5 in key]

    def rows_of(self, md5: str, table: str) -> int:
        column = "file_md5" if table == "load_ledger" else "_file_md5"
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as warehouse:
            (count,) = warehouse.execute(f"select count(*) from bronze.{table} where {column} = ?", [md5]).fetchall()[0]
            return int(count)

    def audit_log(self, event: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.token('admin')}"}
        where = {"event": event, "dag_id": "healthcare_pipeline", "order_by": "-id"}
        answer = requests.get(f"{self.url}/api/v2/eventLogs", params=where, headers=headers, timeout=30)
        entries: list[dict[str, Any]] = answer.json()["event_logs"]
        return [{**entry, "extra": json.loads(entry["extra"])} for entry in entries]


@contextmanager
def landing_site(home: Path, rawdata: Path) -> Iterator[LandingSite]:
    services = start(home, rawdata)
    try:
        airflow = describe_home(home, services)
        prepare(airflow)
        airflow.run("dag.log", "-c", _RUN_UP_TO_BRONZE)
        with _api_server(airflow) as url:
            yield LandingSite(url, home, services, airflow.environment)
    finally:
        stop(home)


@contextmanager
def _api_server(airflow: AirflowHome) -> Iterator[str]:
    passwords = airflow.home / "passwords.json"
    passwords.write_text(json.dumps({"admin": "admin", "viewer": "viewer"}), encoding="utf-8")
    port = free_port(0)
    url = f"http://127.0.0.1:{port}"
    environment = {
        **airflow.environment,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
    }
    command = [sys.executable, "-m", "airflow", "api-server"]
    program = processes.start_program(airflow.home, "API", command, environment, url=url, health_path="/api/v2/version")
    try:
        processes.wait_until_it_answers(airflow.home, program)
        yield url
    finally:
        processes.stop(airflow.home, "API")
