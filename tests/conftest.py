"""Fixtures that more than one test folder uses."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from include.contracts.contract import load_contract
from tests.browser import running_chromium

pytest_plugins = ["tests.pipeline_fixtures", "tests.cloud_fixtures"]

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def cms_files() -> Path:
    """The folder of genuine CMS files beside the repository: absent on a lone checkout, required in CI."""
    return _beside("cms")


@pytest.fixture(scope="session")
def cms_docs() -> Path:
    """The folder with every CMS header by vintage."""
    return _beside("docs")


def _beside(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        reason = f"{folder} is not on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI must have it")
        pytest.skip(reason)
    return folder


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
