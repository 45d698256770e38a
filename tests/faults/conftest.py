"""The cloud of the fault suite, the undisturbed run, and the table that the suite prints at its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from include.settings import REPOSITORY
from local.emulators.aws_clients import connect
from local.emulators.lifecycle import start, stop
from tests.faults.benches import Bench, MakeBench, Points, StepFault, points_of_ingestion
from tests.faults.comparison import TIMES_AND_RUNS, TRACES_OF_WORK
from tests.faults.fault_table import PAGE, FaultRow, kinds, kinds_on_page, render_faults, render_page
from tests.faults.rounds import Inject, Rounds, Tell, tell_and_check
from tests.faults.undisturbed import Undisturbed, run_undisturbed
from tests.faults.worlds import Cloud, WorldMaker, start_fork_server

_FAULTS: pytest.StashKey[FaultLog] = pytest.StashKey()
_LEFT_OUT = TIMES_AND_RUNS | TRACES_OF_WORK


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """moto as a process of its own, as in every home."""
    home = tmp_path_factory.mktemp("cloud")
    url = start(home, tmp_path_factory.mktemp("unused_rawdata")).aws_url
    try:
        yield Cloud(url, connect(url))
    finally:
        stop(home, discard=True)


@pytest.fixture(scope="session")
def maker(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> WorldMaker:
    return WorldMaker(cloud, tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project parsed once, as `make run` does before the DAG."""
    home = tmp_path_factory.mktemp("parsed")
    command = [sys.executable, "-m", "include.warehouse.dbt_project"]
    subprocess.run(command, check=True, cwd=REPOSITORY, env={**os.environ, "HEALTHCARE_HOME": str(home)})
    start_fork_server(home)
    return home / "dbt"


@pytest.fixture(scope="session")
def undisturbed(maker: WorldMaker, parsed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return run_undisturbed(maker, tmp_path_factory.mktemp("rawdata"), parsed_project)


@pytest.fixture(scope="session")
def rounds(maker: WorldMaker, undisturbed: Undisturbed) -> Rounds:
    return Rounds(maker, undisturbed)


@pytest.fixture(scope="session")
def points(maker: WorldMaker, undisturbed: Undisturbed) -> Points:
    """Of land and certify, by size of the file."""
    return points_of_ingestion(maker, undisturbed)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Adds a fault to the table."""

    def add(row: FaultRow) -> None:
        request.node.user_properties.append(("fault", json.dumps(asdict(row))))

    return add


@pytest.fixture
def inject(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> Inject:
    """Disturbs a step on its bench with each of the faults; then the run goes on to gold, where that is asked for."""

    def on_bench(bench: MakeBench, faults: Callable[[Bench], Sequence[StepFault]], *, to_gold: bool = True) -> None:
        with bench(maker, undisturbed) as made:
            tell_and_check(tell, (made if to_gold else replace(made, rest={})).run(faults(made)))

    return on_bench


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-reliability",
        action="store_true",
        help="write the kinds of faults into docs/reliability.md, when the whole suite has run",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FAULTS] = FaultLog()
    config.pluginmanager.register(config.stash[_FAULTS])


class FaultLog:
    """What the tests have reported, read off their reports, so that they may run in several processes."""

    def __init__(self) -> None:
        self.rows: list[FaultRow] = []
        self.modules: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            told = [FaultRow(**json.loads(str(row))) for name, row in report.user_properties if name == "fault"]
            self.rows += told
            self.modules |= {Path(report.fspath).name} if told else set()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    log = config.stash[_FAULTS]
    if not log.rows:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(render_faults(log.rows))
    if config.getoption("--write-reliability") and exitstatus == pytest.ExitCode.OK and is_whole(log, config):
        PAGE.write_text(render_page(log.rows, _LEFT_OUT), encoding="utf-8")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The page must name every kind of fault that was injected; a whole run of the suite must have injected all it names."""
    log, config = session.config.stash[_FAULTS], session.config
    if not log.rows or config.getoption("--write-reliability") or hasattr(config, "workerinput"):
        return
    injected, named = kinds(log.rows), kinds_on_page(PAGE.read_text(encoding="utf-8"))
    differing = dict(injected.items() ^ named.items()) if is_whole(log, config) else injected.keys() - named.keys()
    if differing:
        print(f"\ndocs/reliability.md is stale; `make test-faults` writes it again: {sorted(differing)}")  # noqa: T201
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def is_whole(log: FaultLog, config: pytest.Config) -> bool:
    """Whether every module of the suite has reported something."""
    return not config.option.keyword and log.modules >= {path.name for path in Path(__file__).parent.glob("test_*.py")}
