"""The lock of the Airflow image: what its code imports, nothing of one machine, and the versions of requirements.txt."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from include.settings import REPOSITORY

LOCKS = ["requirements.txt", "requirements-dev.txt", "dashboard/requirements.txt", "deploy/airflow.txt"]
IN_THE_IMAGE = ["include", "dags", "plugins"]
OURS = {"include", "dags"}
ONLY_ON_ONE_MACHINE = {"moto", "streamlit", "plotly", "openpyxl", "flask", "werkzeug"}


def versions(path: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (REPOSITORY / path).read_text(encoding="utf-8"), re.MULTILINE))


def imported_by(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.split(".")[0] for name in found}


def test_image_holds_every_package_that_its_code_imports() -> None:
    paths = [path for folder in IN_THE_IMAGE for path in (REPOSITORY / folder).rglob("*.py")]
    imported = set[str]().union(*map(imported_by, paths)) - OURS - set(sys.stdlib_module_names)
    assert {"airflow", "cosmos", "dbt", "duckdb", "pyarrow", "googleapiclient"} <= imported
    of_module, held = packages_distributions(), versions("deploy/airflow.txt")
    missing = {name for name in imported if not held.keys() & {_canonical(package) for package in of_module.get(name, [])}}
    assert missing == set()


def test_image_holds_what_is_named_in_settings_only() -> None:
    """Airflow, Cosmos and dbt load these by name; PostgreSQL is Airflow's database."""
    named = {"asyncpg", "psycopg2-binary", "dbt-snowflake", "dbt-duckdb", "orjson", "apache-airflow-providers-slack"}
    assert named <= versions("deploy/airflow.txt").keys()


def test_image_holds_nothing_that_only_one_machine_needs() -> None:
    assert versions("requirements.txt").keys() >= ONLY_ON_ONE_MACHINE
    assert ONLY_ON_ONE_MACHINE & versions("deploy/airflow.txt").keys() == set()
    dockerfile = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^COPY (\w+) \1$", dockerfile, re.MULTILINE) == ["dags", "plugins", "include"]
    assert re.findall(r"--requirement (\S+)", dockerfile) == ["airflow.txt"]


@pytest.mark.parametrize("lock", ["deploy/airflow.txt", "requirements-dev.txt"])
def test_versions_agree_with_those_of_one_machine(lock: str) -> None:
    ours, theirs = versions("requirements.txt"), versions(lock)
    assert {name: version for name, version in theirs.items() if ours.get(name, version) != version} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_complete_and_names_no_index(lock: str) -> None:
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9-]+==.*$", text, re.MULTILINE)
    assert pins
    assert [pin for pin in pins if not pin.endswith("\\")] == [], "each has its hashes below it"
    assert not re.search(r"^\s*--(extra-)?index-url|://", text, re.MULTILINE)


def test_make_lock_writes_every_lock() -> None:
    written = subprocess.run(["make", "--dry-run", "lock"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    (names,) = re.findall(r"for name in ([^;]+);", written)
    assert [f"{name}.txt" for name in names.split()] == LOCKS


def _canonical(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
