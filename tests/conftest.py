"""Fixtures that more than one test folder uses."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from include.contracts.contract import load_contract
from tests.browser import running_chromium
from tests.prerequisites import genuine_files, untested_without_genuine_files

pytest_plugins = ["tests.pipeline_fixtures", "tests.cloud_fixtures"]


@pytest.fixture(scope="session")
def cms_files() -> Path:
    """The folder of genuine CMS files."""
    return genuine_files("cms")


@pytest.fixture(scope="session")
def cms_docs() -> Path:
    """The folder with every CMS header by vintage."""
    return genuine_files("docs")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if said := untested_without_genuine_files(terminalreporter.getreports("skipped")):
        terminalreporter.write_line(said)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def csv_of() -> Callable[..., bytes]:
    """A file of a family under its present headers: `csv_of(family, [{column: text, …}, …])`; cells left out are empty."""

    def write(family: str, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8") -> bytes:
        columns = [column for column in load_contract(family).columns if column.headers]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.header.replace("{year}", "2024") for column in columns])
        writer.writerows([[row.get(column.name, "") for column in columns] for row in rows])
        return text.getvalue().encode(encoding)

    return write
