"""`python -m local.run.run`: starts the emulators, runs the DAG once, shows progress and summary, and leaves nothing running."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from include.settings import REPOSITORY
from local import processes
from local.emulators import lifecycle
from local.errors import CloudStateNotSavedError, LocalCloudError
from local.processes import Program
from local.run.airflow_home import AIRFLOW, RUN, AirflowHome, describe_home, prepare, refuse_beside
from local.run.progress import Progress
from local.run.retention import clean_if_due
from local.run.stages import EVENTS_FILE_VARIABLE, RunEvents
from local.run.summary import print_summary
from local.sample.rawdata import Rawdata, add_rawdata_argument

_POLL_SECONDS = 0.25
_PIPED_WIDTH = 120
_INTERRUPTED = 130  # as a shell says it


def main() -> int:
    arguments = _parse_arguments()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH)
    console.print("[bold]Nursing-home pipeline[/bold]: Drive folder → S3 → bronze → silver → gold → published KPIs")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    try:
        return _run(arguments, console)
    except CloudStateNotSavedError as error:
        console.print(f"[red]Not saved.[/red] {error}", soft_wrap=True)
        return 1
    except LocalCloudError as error:
        console.print(f"[red]Nothing was run.[/red] {error}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("[red]Interrupted.[/red]")
        return _INTERRUPTED


def _run(arguments: argparse.Namespace, console: Console) -> int:
    home, rawdata = arguments.home, Rawdata.of(arguments.rawdata)
    with console.status(f"Looking at {rawdata.path}"):
        was_filled = rawdata.make_ready()
    if was_filled:
        console.print(f"{rawdata.path} was empty: filled with sample data (set RAWDATA to a folder of CMS files)")
    with _emulators(home, rawdata.path, console) as emulators:
        airflow = describe_home(home, emulators)
        with console.status("Preparing Airflow and dbt (only the first time)"):
            prepare(airflow)
            clean_if_due(airflow)
        return _run_dag(airflow, arguments, console)


@contextmanager
def _emulators(home: Path, rawdata: Path, console: Console) -> Iterator[lifecycle.Emulators]:
    """Those that ran before stay; others are stopped at the end, also when somebody is impatient."""
    with processes.only_one_at_a_time(home):
        refuse_beside(home, RUN, AIRFLOW)
        ran_before = lifecycle.running(home) is not None
        emulators = lifecycle.start(home, rawdata)
    try:
        yield emulators
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with processes.only_one_at_a_time(home):
            if ran_before:
                lifecycle.save_state(home)
            else:
                lifecycle.stop(home)
                console.print("Nothing is left running; `make up` starts Airflow's page and the dashboard.")


def _run_dag(airflow: AirflowHome, arguments: argparse.Namespace, console: Console) -> int:
    conf = {name: getattr(arguments, name) for name in ("families", "since", "until", "full_refresh")}
    events = RunEvents(airflow.home)
    try:
        program = _start_run(airflow, conf, events.begin())
        exit_code = _follow(airflow, program, events, console)
    except KeyboardInterrupt:
        return _end(airflow, events, console)
    processes.forget(airflow.home, RUN)
    code = _finish(airflow, program, events, console)
    if code == 0 and exit_code:
        console.print(f"[red]Airflow ended with an error behind its report.[/red] Its log: {program.log}", soft_wrap=True)
    return code or exit_code


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


def _start_run(airflow: AirflowHome, conf: dict[str, object], events: Path) -> Program:
    environment = {
        **airflow.environment,
        EVENTS_FILE_VARIABLE: str(events),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "local" / "run" / "airflow_plugins"),
    }
    command = [sys.executable, "-m", "local.run.dag_run", json.dumps(conf)]
    program = processes.start_program(airflow.home, RUN, command, environment)
    processes.record(airflow.home, program)
    return program


def _follow(airflow: AirflowHome, program: Program, events: RunEvents, console: Console) -> int:
    """Returns the exit code of the run's process."""
    with Progress(console) as progress:
        is_alive = True
        while is_alive:
            time.sleep(_POLL_SECONDS)
            is_alive = processes.is_alive(airflow.home, program)
            progress.show(events.stages(is_run_over=not is_alive))
    _, status = os.waitpid(program.pid, 0)
    return os.waitstatus_to_exitcode(status)


def _end(airflow: AirflowHome, events: RunEvents, console: Console) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    console.print("[red]Interrupted.[/red] Ending the run …")
    processes.stop(airflow.home, RUN)
    processes.forget(airflow.home, RUN)
    if events.run_id:
        airflow.run("run-ended.log", "-m", "local.run.end_run", events.run_id)
    console.print("The run was ended, and Airflow shows it as failed. The next run continues where this one stopped.")
    return _INTERRUPTED


def _finish(airflow: AirflowHome, program: Program, events: RunEvents, console: Console) -> int:
    stages = events.stages(is_run_over=True)
    report = airflow.home / "runs" / f"{events.run_id}.json"
    if not report.exists():
        console.print(f"[red]The run did not get as far as its report.[/red] Its log: {program.log}", soft_wrap=True)
        return 1
    return print_summary(console, json.loads(report.read_text(encoding="utf-8")), stages, airflow.home, program.log)


if __name__ == "__main__":
    raise SystemExit(main())
