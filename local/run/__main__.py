"""`python -m local.run up|down|status`: Airflow's UI and the dashboard of a home, in the background."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from local.emulators.services import running, start, stop
from local.errors import LocalCloudError
from local.run.airflow_home import AirflowHome, describe_home, prepare
from local.run.background import (
    Program,
    free_port,
    is_running,
    read_programs,
    start_program,
    stop_program,
    wait_until_it_answers,
    write_programs,
)
from local.sample.rawdata import Rawdata, add_rawdata_argument

_AIRFLOW_PORT, _DASHBOARD_PORT = 8080, 8501
_START_SECONDS = 120


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["up", "down", "status"])
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("HEALTHCARE_HOME") or ".local"))
    add_rawdata_argument(parser)
    arguments = parser.parse_args()
    home = arguments.home.resolve()
    if arguments.verb == "up":
        try:
            up(home, Rawdata.of(arguments.rawdata))
        except LocalCloudError as error:
            print(error, file=sys.stderr)
            return 1
    elif arguments.verb == "down":
        down(home)
    return status(home)


def up(home: Path, rawdata: Rawdata) -> None:
    """Starts what is not running; what runs is left alone."""
    rawdata.make_ready()
    airflow = describe_home(home, start(home, rawdata.path))
    prepare(airflow)
    alive = {program.name: program for program in read_programs(home) if is_running(program)}
    for name, starter in (("Airflow", _start_airflow), ("Dashboard", _start_dashboard)):
        if name not in alive:
            alive[name] = starter(airflow)
            write_programs(home, list(alive.values()))


def down(home: Path) -> None:
    """Ends everything of this home; checkpoints and objects are saved first."""
    for program in read_programs(home):
        stop_program(program)
    write_programs(home, []) if home.exists() else None
    stop(home)


def status(home: Path) -> int:
    programs = [program for program in read_programs(home) if is_running(program)]
    for program in programs:
        print(f"{program.name:<10} {program.url}")
    if services := running(home):
        print(f"{'Drive':<10} {services.drive_url}  (serves {services.rawdata})")
        print(f"{'S3, DynamoDB':<10} {services.aws_url}")
    if not programs and not services:
        print(f"Nothing of {home} is running.")
    return 0


def _start_airflow(airflow: AirflowHome) -> Program:
    port = free_port(_AIRFLOW_PORT)
    url = f"http://127.0.0.1:{port}"
    environment = {
        **airflow.environment,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port(8793)),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port(0)),
    }
    log = airflow.logs / "airflow.log"
    program = start_program("Airflow", [sys.executable, "-m", "airflow", "standalone"], environment, log, url)
    wait_until_it_answers(program, f"{url}/api/v2/version", _START_SECONDS, log)
    return program


def _start_dashboard(airflow: AirflowHome) -> Program:
    port = free_port(_DASHBOARD_PORT)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    log = airflow.logs / "dashboard.log"
    program = start_program("Dashboard", command, airflow.environment, log, url)
    wait_until_it_answers(program, f"{url}/_stcore/health", _START_SECONDS, log)
    return program


if __name__ == "__main__":
    raise SystemExit(main())
