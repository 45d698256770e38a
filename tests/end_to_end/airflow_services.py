"""Airflow as deploy/compose.yml runs it: every component a process of its own, on PostgreSQL, from a copy of the code.

The copy is there to be broken: a test that edits a model edits nobody's repository. Everything lies in one folder, and every
process works in it, which is how they are all found again.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from include.settings import REPOSITORY
from local.emulators.lifecycle import stop
from local.emulators.listening import free_port
from local.run.stages import DAG_ID
from tests.end_to_end.airflow_api import AirflowApi, TaskInstance, wait_for

_COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
_IN_THE_IMAGE = ("dags", "plugins", "include")
_START_SECONDS = 180
_END_SECONDS = 15
_LOG_LINES = 40
_TASK_TITLE = "airflow worker -- "
_IS_ID = re.compile(r"[0-9a-f-]{36}")

# Run in the copy, so that it is the copy's code, dbt project and DAG that everything is made from.
_PREPARE = """
import json, sys
from dataclasses import replace
from pathlib import Path
from local.run.airflow_home import describe_home, prepare
from local.emulators.lifecycle import start

home, rawdata = map(Path, sys.argv[1:])
airflow = describe_home(home, start(home, rawdata))
airflow = replace(airflow, environment={**airflow.environment, **json.load(sys.stdin)})
prepare(airflow)
print(json.dumps(airflow.environment))
"""


@dataclass
class AirflowServices:
    folder: Path
    environment: Mapping[str, str]
    login: Mapping[str, str]
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def code(self) -> Path:
        return self.folder / "code"

    @property
    def rawdata(self) -> Path:
        return self.folder / "rawdata"

    @property
    def url(self) -> str:
        return self.environment["AIRFLOW__API__BASE_URL"]

    def start(self) -> AirflowApi:
        for name in _COMPONENTS:
            self._start(name)
        wait_for(self._answers, _START_SECONDS, f"the API: see {self._log('api-server')}")
        api = AirflowApi(self.url, DAG_ID, self.login)
        wait_for(lambda: set(api.health().values()) == {"healthy"}, _START_SECONDS, f"four healthy components: {self.folder}")
        wait_for(api.has_dag, _START_SECONDS, f"the DAG: see {self._log('dag-processor')}")
        return api

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/version", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def _start(self, name: str, **settings: str) -> None:
        command, environment = [sys.executable, "-m", "airflow", name], {**self.environment, **settings}
        self._log(name).parent.mkdir(exist_ok=True)
        with self._log(name).open("ab") as log:
            self.programs[name] = subprocess.Popen(command, env=environment, cwd=self.code, stdout=log, stderr=log)

    def restart(self, name: str, **settings: str) -> None:
        """With other environment variables than the other components."""
        _end(self.programs.pop(name))
        self._start(name, **settings)

    def stop(self) -> None:
        for name in reversed(_COMPONENTS):
            if program := self.programs.pop(name, None):
                _end(program)
        stop(self.home, discard=True)

    def task_processes(self) -> dict[str, psutil.Process]:
        """The processes that run tasks now, by the id of the task instance, which is their title."""
        children = psutil.Process(self.programs["scheduler"].pid).children(recursive=True)
        titles = {process: _title(process).partition(_TASK_TITLE) for process in children}
        return {ti_id: process for process, (_, is_task, ti_id) in titles.items() if is_task and _IS_ID.fullmatch(ti_id)}

    def explain(self, api: AirflowApi, run_id: str) -> str:
        """The end of the log of every failed task: what an assertion says when a run does not end as it should."""
        tasks = api.tasks(run_id)
        said = [f"{task.name} {task.state}, try {task.try_number}" for task in tasks if task.state not in ("success", "skipped")]
        for task in tasks:
            if task.state == "failed":
                said += [f"--- {task.name}", *self.log_of(run_id, task).splitlines()[-_LOG_LINES:]]
        return "\n".join([f"{run_id} in {self.folder}", *said])

    def log_of(self, run_id: str, task: TaskInstance) -> str:
        """The log of the task's last try, as its process wrote it."""
        folder = self.home / "airflow" / "logs" / f"dag_id={DAG_ID}" / f"run_id={run_id}" / f"task_id={task.task_id}"
        if task.map_index >= 0:
            folder /= f"map_index={task.map_index}"
        path = folder / f"attempt={task.try_number}.log"
        return path.read_text(encoding="utf-8") if path.exists() else f"no log at {path}"

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"


def processes_in(*folders: Path) -> list[psutil.Process]:
    """Every process but this one that works in one of the folders: forked, adopted or forgotten, it keeps its folder."""
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _works_in(process, folders)]


def prepare_services(folder: Path, database_url: str, drive_url: str, **settings: str) -> AirflowServices:
    """Copies the code, starts S3 and DynamoDB and makes Airflow's database; `rawdata` must be there.

    `settings` are environment variables of all processes.
    """
    for name in (*_IN_THE_IMAGE, "local"):  # `local` prepares the home
        shutil.copytree(REPOSITORY / name, folder / "code" / name, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    (folder / "tmp").mkdir()
    login = {"username": "admin", "password": secrets.token_hex(16)}
    wished = _settings(folder, database_url, login) | {"DRIVE_API_ENDPOINT": drive_url, **settings}
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE, str(folder / "home"), str(folder / "rawdata")],
        input=json.dumps(wished),
        env=os.environ | {"TMPDIR": wished["TMPDIR"], "PYTHONPATH": str(folder / "code")},
        cwd=folder / "code",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return AirflowServices(folder, json.loads(done.stdout), login)


def _settings(folder: Path, database_url: str, login: Mapping[str, str]) -> dict[str, str]:
    """What differs from the embedded default, as in deploy/compose.yml; and the patience of a test."""
    passwords, port = folder / "passwords.json", free_port(0)
    passwords.write_text(json.dumps({login["username"]: login["password"]}), encoding="utf-8")
    url = f"http://127.0.0.1:{port}"
    return {
        "TMPDIR": str(folder / "tmp"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{login['username']}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__MAXIMUM_PAGE_LIMIT": "1000",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port(0)),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port(0)),
        "SPT_NOENV": "",  # the tests read the whole titles of task processes
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        # Else the day's own run comes first, as soon as the DAG is unpaused, and takes the files.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        # By default a dead worker is noticed after five minutes.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    }


def _works_in(process: psutil.Process, folders: Iterable[Path]) -> bool:
    try:
        own = Path(process.cwd())
    except psutil.Error:  # gone, or somebody else's
        return False
    return any(own.is_relative_to(folder) for folder in folders)


def _end(program: subprocess.Popen[bytes]) -> None:
    """With all its children, politely at first."""
    family = [parent := psutil.Process(program.pid), *parent.children(recursive=True)]
    for ending in (psutil.Process.terminate, psutil.Process.kill):
        for process in family:
            with suppress(psutil.NoSuchProcess):
                ending(process)
        _, family = psutil.wait_procs(family, timeout=_END_SECONDS)


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.NoSuchProcess:
        return ""
