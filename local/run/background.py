"""Airflow and the dashboard of `make up`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from requests import RequestException

from local import processes
from local.emulators.listening import free_port
from local.processes import Program
from local.run.airflow_api import HEALTH_PATH, is_healthy, unhealthy_components
from local.run.airflow_home import AIRFLOW, DASHBOARD, AirflowHome
from local.run.retention import clean_if_due

_AIRFLOW_PORT, _DASHBOARD_PORT, _TASK_LOGS_PORT = 8080, 8501, 8793
_START_SECONDS = 120
# After a machine has slept, the heartbeats are old until the next ones come.
_HEARTBEAT_SECONDS = 10


def start_airflow(airflow: AirflowHome) -> None:
    """One scheduler per database: whatever is left of the one before is ended first."""
    known = processes.recorded(airflow.home).get(AIRFLOW)
    if known and _is_usable(airflow, known) and is_healthy(known.url, _HEARTBEAT_SECONDS):
        return
    processes.stop(airflow.home, AIRFLOW)
    clean_if_due(airflow)
    port = free_port(known.port if known else _AIRFLOW_PORT)
    url = f"http://127.0.0.1:{port}"
    own = {
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port(_TASK_LOGS_PORT)),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port(0)),
    }
    _start(airflow, AIRFLOW, [sys.executable, "-m", "airflow", "standalone"], own, url, HEALTH_PATH)
    is_healthy(url, _START_SECONDS)


def start_dashboard(airflow: AirflowHome) -> None:
    known = processes.recorded(airflow.home).get(DASHBOARD)
    if known and _is_usable(airflow, known):
        return
    processes.stop(airflow.home, DASHBOARD)
    port = free_port(known.port if known else _DASHBOARD_PORT)
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    _start(airflow, DASHBOARD, command, {}, f"http://127.0.0.1:{port}", "/_stcore/health")


def problem_of(home: Path, program: Program) -> str | None:
    """In words for a terminal; None when the program is as it should be."""
    if not processes.is_alive(home, program):
        return f"is dead. Start it again: make up. Its log: {program.log}"
    if not program.url:
        return None
    if not processes.answers(program):
        return f"does not answer at {program.url}. Start it again: make up. Its log: {program.log}"
    if program.name == AIRFLOW and (unhealthy := _unhealthy(program.url)):
        return f"{program.url}  but unhealthy: {', '.join(unhealthy)}. Start it again: make up. Its log: {program.log}"
    return None


def _unhealthy(url: str) -> list[str]:
    try:
        return unhealthy_components(url)
    except RequestException:
        return ["api-server"]


def _start(airflow: AirflowHome, name: str, command: Sequence[str], own: dict[str, str], url: str, health_path: str) -> None:
    environment, about = {**airflow.environment, **own}, _about(airflow)
    program = processes.start_program(airflow.home, name, command, environment, url=url, health_path=health_path, about=about)
    processes.record(airflow.home, program)
    processes.wait_until_it_answers(airflow.home, program)


def _is_usable(airflow: AirflowHome, known: Program) -> bool:
    is_for_these = known.about == _about(airflow)
    return is_for_these and processes.is_alive(airflow.home, known) and processes.answers(known)


def _about(airflow: AirflowHome) -> dict[str, str]:
    """With other addresses of the emulators it must be started again."""
    return {name: airflow.environment[name] for name in ("DRIVE_API_ENDPOINT", "AWS_ENDPOINT_URL")}
