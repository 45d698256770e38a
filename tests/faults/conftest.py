"""The cloud of the fault suite, the undisturbed run, and the table that the suite prints at its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from include.cms_ingest.settings import REPOSITORY
from include.local_cloud.aws_clients import connect
from tests.faults.benches import Points, points_of_ingestion
from tests.faults.comparison import TIMES_AND_RUNS, TRACES_OF_WORK
from tests.faults.fault_table import PAGE, FaultRow, faults_on_page, render
from tests.faults.rounds import Rounds
from tests.faults.undisturbed import Undisturbed, run_undisturbed
from tests.faults.worlds import Cloud, WorldMaker

_FAULTS = pytest.StashKey[list[FaultRow]]()
_IS_WHOLE = pytest.StashKey[bool]()
_START_SECONDS = 60


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """moto as a process of its own, as in every home."""
    folder = tmp_path_factory.mktemp("cloud")
    address = folder / "address"
    command = [sys.executable, "-m", "include.local_cloud.aws_server", "--address-file", str(address)]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log) as process:
        deadline = time.monotonic() + _START_SECONDS
        while not address.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        url = address.read_text(encoding="utf-8").strip()
        try:
            yield Cloud(url, connect(url))
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def maker(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> WorldMaker:
    return WorldMaker(cloud, tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project parsed once, as `make run` does before the DAG."""
    home = tmp_path_factory.mktemp("parsed")
    command = [sys.executable, "-m", "include.cms_ingest.parsed_project"]
    subprocess.run(command, check=True, cwd=REPOSITORY, env={**os.environ, "HEALTHCARE_HOME": str(home)})
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
def tell(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Adds a fault to the table."""

    def add(row: FaultRow) -> None:
        request.node.user_properties.append(("fault", json.dumps(asdict(row))))

    return add


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-reliability", action="store_true", help="write docs/reliability.md when the suite is green")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FAULTS] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.when == "call":
        told = [value for name, value in item.user_properties if name == "fault"]
        item.config.stash[_FAULTS] += [FaultRow(**json.loads(str(row))) for row in told]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    rows = config.stash[_FAULTS]
    if not rows:
        return
    text = render(rows, TIMES_AND_RUNS | TRACES_OF_WORK)
    terminalreporter.section("faults")
    terminalreporter.write_line(text)
    if not config.getoption("--write-reliability"):
        return
    if exitstatus == pytest.ExitCode.OK and config.stash[_IS_WHOLE]:
        PAGE.write_text(text, encoding="utf-8")
    else:
        terminalreporter.write_line(f"{PAGE.name} is left as it is: only a whole run of the suite that is green may write it")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The page must name every fault that was injected; a whole run of the suite must have injected every one it names."""
    session.config.stash[_IS_WHOLE] = is_whole(session)
    rows = session.config.stash[_FAULTS]
    if not rows or session.config.getoption("--write-reliability"):
        return
    injected = {row.fault for row in rows}
    named = faults_on_page(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else set()
    differing = injected ^ named if session.config.stash[_IS_WHOLE] else injected - named
    if differing:
        print(f"\ndocs/reliability.md is stale, `make test-faults` writes it anew: {sorted(differing)}")  # noqa: T201
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def is_whole(session: pytest.Session) -> bool:
    """Whether every test of the suite was asked for."""
    suite = Path(__file__).parent
    asked_for = {item.path for item in session.items}
    return not session.config.option.keyword and asked_for >= set(suite.glob("test_*.py"))
