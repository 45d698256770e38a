"""`python -m local.run.run`: starts the local cloud, runs the DAG once, shows progress and the summary."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from include.settings import REPOSITORY
from local.emulators.services import Services, save_state, start
from local.errors import LocalCloudError
from local.run.airflow_home import AirflowHome, describe_home, prepare
from local.run.progress import Progress
from local.run.summary import print_summary
from local.run.task_states import by_stage, latest_run_id, read_tasks
from local.sample.rawdata import Rawdata, add_rawdata_argument

_POLL_SECONDS = 0.25
_PIPED_WIDTH = 120


def main() -> int:
    arguments = _parse_arguments()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH)
    console.print("[bold]Nursing-home pipeline[/bold]: Drive folder → S3 → bronze → silver → gold → published KPIs")
    try:
        services = _start_services(arguments.home, Rawdata.of(arguments.rawdata), console)
    except LocalCloudError as error:
        console.print(f"[red]Nothing was run.[/red] {error}", soft_wrap=True)
        return 1
    airflow = describe_home(arguments.home, services)
    with console.status("Preparing Airflow and dbt (only the first time)"):
        prepare(airflow)
    started = datetime.now(UTC)
    log = airflow.logs / f"run-{started:%Y%m%dT%H%M%S}.log"
    conf = {name: getattr(arguments, name) for name in ("families", "since", "until", "full_refresh")}
    process = _start_run(airflow, log, conf)
    run_id = _follow(process, airflow, console, started)
    save_state(arguments.home)
    summarized = _finish(airflow, run_id, log, console)
    if summarized == 0 and process.returncode:
        console.print(f"[red]Airflow ended with an error behind its report.[/red] Its log: {log}")
    return summarized or process.returncode


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    home = os.environ.get("HEALTHCARE_HOME") or ".local"
    parser.add_argument("--home", type=Path, default=Path(home), help="all state of the embedded default")
    add_rawdata_argument(parser)
    parser.add_argument("--families", nargs="*", default=[], help="only these file families")
    parser.add_argument("--since", metavar="2024-01-31", help="only files whose period ends on this day or later")
    parser.add_argument("--until", metavar="2024-12-31", help="only files whose period begins on this day or earlier")
    parser.add_argument("--full-refresh", action="store_true", help="rebuild silver and gold from bronze")
    arguments = parser.parse_args()
    arguments.home = arguments.home.resolve()
    return arguments


def _start_services(home: Path, rawdata: Rawdata, console: Console) -> Services:
    with console.status(f"Looking at {rawdata.path}"):
        was_filled = rawdata.make_ready()
    if was_filled:
        console.print(f"{rawdata.path} was empty: filled with sample data (set RAWDATA to a folder of CMS files)")
    return start(home, rawdata.path)


def _start_run(airflow: AirflowHome, log: Path, conf: dict[str, object]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local.run.dag_run", json.dumps(conf)]
    with log.open("wb") as output:
        return subprocess.Popen(command, env=dict(airflow.environment), cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT)


def _follow(process: subprocess.Popen[bytes], airflow: AirflowHome, console: Console, since: datetime) -> str | None:
    run_id: str | None = None
    with Progress(console) as progress:
        is_running = True
        while is_running:
            time.sleep(_POLL_SECONDS)
            is_running = process.poll() is None  # and one look more when it has ended
            run_id = run_id or latest_run_id(airflow.database, since)
            if run_id:
                progress.show(by_stage(read_tasks(airflow.database, run_id)))
    return run_id


def _finish(airflow: AirflowHome, run_id: str | None, log: Path, console: Console) -> int:
    report = airflow.home / "runs" / f"{run_id}.json"
    if run_id is None or not report.exists():
        console.print(f"[red]The run did not get as far as its report.[/red] Its log: {log}")
        return 1
    stages = by_stage(read_tasks(airflow.database, run_id))
    return print_summary(console, json.loads(report.read_text(encoding="utf-8")), stages, airflow.home, log)


if __name__ == "__main__":
    raise SystemExit(main())
