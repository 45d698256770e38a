"""`python -m local.run up|down|status|env`: Airflow's UI, the dashboard and the emulators of a home, in the background."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from local import processes
from local.emulators import lifecycle
from local.errors import EmulatorsNotRunningError, LocalCloudError
from local.run.airflow_api import next_run
from local.run.airflow_home import AIRFLOW, DASHBOARD, RUN, describe_home, prepare, refuse_beside
from local.run.background import problem_of, start_airflow, start_dashboard
from local.sample.rawdata import Rawdata, add_rawdata_argument

_DAG_SECONDS = 60


def main() -> int:
    arguments = _parse_arguments()
    try:
        return int(arguments.verb(arguments))
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1


def up(arguments: argparse.Namespace) -> int:
    """Starts what does not run; what runs is left alone."""
    home, rawdata = arguments.home, Rawdata.of(arguments.rawdata)
    rawdata.make_ready()
    with processes.only_one_at_a_time(home):
        refuse_beside(home, RUN)
        airflow = describe_home(home, lifecycle.start(home, rawdata.path))
        prepare(airflow)
        start_airflow(airflow)
        start_dashboard(airflow)
    code = status(arguments)
    if code == 0:
        print(next_run(processes.recorded(home)[AIRFLOW].url, _DAG_SECONDS))
    return code


def down(arguments: argparse.Namespace) -> int:
    """Ends everything of the home; S3 and DynamoDB are saved first."""
    home = arguments.home
    if not home.exists() and not processes.processes_of(home):
        return status(arguments)
    with processes.only_one_at_a_time(home):
        processes.stop(home, RUN, AIRFLOW, DASHBOARD)
        processes.forget(home, RUN, AIRFLOW, DASHBOARD)
        saved = lifecycle.stop(home, discard=arguments.discard)
        processes.stop(home)
    if saved is not None:
        print(f"Saved: {saved.objects} S3 objects, {saved.items} DynamoDB items.")
    return status(arguments)


def status(arguments: argparse.Namespace) -> int:
    """One line per program; the exit code is 1 when something that should run does not."""
    home = arguments.home
    known = processes.recorded(home)
    problems = {name: problem_of(home, program) for name, program in known.items()}
    for name, program in known.items():
        print(f"{name:<13} {problems[name] or program.url or 'is under way'}{_serves(program.about)}")
    left = {process.pid for process in processes.processes_of(home)} if not known else set()
    if left:
        print(f"Processes of {home} are left that nothing has recorded: {sorted(left)}. End them: make down")
    elif not known:
        print(f"Nothing of {home} is running.")
    return 1 if left or any(problems.values()) else 0


def env(arguments: argparse.Namespace) -> int:
    """What the on-call verbs must find in the environment: `eval "$(python -m local.run env)"`."""
    emulators = lifecycle.running(arguments.home)
    if emulators is None:
        raise EmulatorsNotRunningError(arguments.home)
    for name, value in emulators.environment().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _serves(about: dict[str, str]) -> str:
    return f"  (serves {about['rawdata']})" if "rawdata" in about else ""


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.run", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    home = os.environ.get("HEALTHCARE_HOME") or ".local"
    common.add_argument("--home", type=Path, default=Path(home), help="all state of the embedded default")
    add_rawdata_argument(common)
    verbs = parser.add_subparsers(required=True, metavar="verb")
    for verb in (up, down, status, env):
        command = verbs.add_parser(verb.__name__, help=str(verb.__doc__), parents=[common])
        command.set_defaults(verb=verb)
        if verb is down:
            command.add_argument("--discard", action="store_true", help="give up what S3 and DynamoDB hold and is not saved")
    arguments = parser.parse_args()
    arguments.home = arguments.home.resolve()
    return arguments


if __name__ == "__main__":
    raise SystemExit(main())
