"""`python -m local.run.on_call VERB …`: an on-call verb with the settings of a home; the emulators run as long as the verb does.

In the cloud (DBT_TARGET=snowflake) the verb finds everything in the environment and in Airflow's connections.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local import processes
from local.emulators import lifecycle
from local.errors import LocalCloudError
from local.run.airflow_home import describe_home
from local.sample.rawdata import Rawdata, named_in_environment


def main() -> int:
    try:
        if os.environ.get("DBT_TARGET") == "snowflake":
            return _run_verb(os.environ)
        home = Path(os.environ.get("HEALTHCARE_HOME") or ".local").resolve()
        with _running_emulators(home) as emulators:
            return _run_verb(describe_home(home, emulators).environment)
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1


def _run_verb(environment: Mapping[str, str]) -> int:
    """Where it was called: `layout` takes paths."""
    return subprocess.run([sys.executable, "-m", "include.on_call", *sys.argv[1:]], env=dict(environment), check=False).returncode


def _rawdata() -> Path:
    """The folder that RAWDATA names, or the default one."""
    named = named_in_environment()
    return Rawdata.of(Path(named) if named else None).path


@contextmanager
def _running_emulators(home: Path) -> Iterator[lifecycle.Emulators]:
    """Those that run stay; others are stopped behind the verb."""
    with processes.only_one_at_a_time(home):
        running = lifecycle.running(home)
        emulators = running or lifecycle.start(home, _rawdata())
    try:
        yield emulators
    finally:
        if running is None:
            with processes.only_one_at_a_time(home):
                lifecycle.stop(home)


if __name__ == "__main__":
    raise SystemExit(main())
