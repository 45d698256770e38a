"""Starts dbt in this process with the project as it was parsed once: parsing costs more than most models do.

A process loads the parsed project in a third of a second, or inherits it from the scheduler that forked it, and dbt goes
straight to the work.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from include.settings import Settings, load_settings
from include.warehouse.dbt_project import load_parsed_project
from include.warehouse.errors import WarehouseBusyError

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult


_FAILED = {"error", "fail", "runtime error"}


@dataclass(frozen=True)
class DbtRunner:
    """dbt's own runner with the parsed project, which waits for its turn at the embedded warehouse."""

    callbacks: list[Callable[..., Any]] | None = None
    settings: Settings = field(default_factory=load_settings)

    def invoke(self, arguments: list[str]) -> dbtRunnerResult:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415

        os.environ["DUCKDB_MEMORY_LIMIT"] = self.settings.duckdb_options["memory_limit"]  # profiles.yml reads it
        with turn_at_the_warehouse(self.settings):
            result = dbtRunner(manifest=load_parsed_project(self.settings), callbacks=self.callbacks).invoke(arguments)
        if interruption := _interruption(result.exception):
            raise interruption
        return result


def _interruption(error: BaseException | None) -> BaseException | None:
    """What ended dbt from outside, a timeout or Ctrl-C: dbt answers it as a result, or as what went wrong while it stopped."""
    while isinstance(error, Exception):
        error = error.__cause__ or error.__context__
    return error


def describe_failures(result: dbtRunnerResult) -> str:
    """What failed, each model or test by name with dbt's message; empty when nothing did."""
    if result.success:
        return ""
    if result.exception:
        return " ".join(str(result.exception).split())
    return "; ".join(f"{node.node.name}: {' '.join(str(node.message).split())}" for node in _failed_nodes(result))


def failed_tests(result: dbtRunnerResult) -> list[str]:
    """Names of the data tests among what failed."""
    return [node.node.name for node in _failed_nodes(result) if node.node.resource_type == "test"]


def _failed_nodes(result: dbtRunnerResult) -> list[Any]:
    nodes: list[Any] = getattr(result.result, "results", [])  # dbt's commands have results of other kinds, or none
    return [node for node in nodes if node.status in _FAILED]


@contextmanager
def turn_at_the_warehouse(settings: Settings, *, wait: bool = True) -> Iterator[None]:
    """A DuckDB file has one writing process: the next task starts meanwhile, and waits here until the file is free.

    Whoever has the turn may take it again within. Raises WarehouseBusyError when it is not free and `wait` is off.
    """
    if settings.dbt_target != "duckdb":
        yield
        return
    with locked(settings, "warehouse.lock", wait=wait):
        try:
            yield
        finally:
            let_go_of_the_warehouse()


@contextmanager
def locked(settings: Settings, name: str, *, wait: bool) -> Iterator[None]:
    """A lock among the processes of this home."""
    settings.healthcare_home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.healthcare_home / name, is_singleton=True)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise WarehouseBusyError(str(settings.warehouse_path), f"{name} is held by another process") from error
    try:
        yield
    finally:
        lock.release()


def let_go_of_the_warehouse() -> None:
    """dbt-duckdb keeps the file open until its process ends, and `airflow dags test` runs all tasks in one process."""
    if connections := sys.modules.get("dbt.adapters.duckdb.connections"):
        connections.DuckDBConnectionManager.close_all_connections()


def forget_inline_query(settings: Settings) -> None:
    """dbt leaves the query of a failed `show --inline` in the parsed project, and then refuses the next one as its double."""
    if project := load_parsed_project(settings):
        project.nodes.pop("sql_operation.dbt_healthcare.inline_query", None)


def warm_up_dbt() -> None:
    """Lets dbt do once what it does at the first start of a process: imports, JSON schemas, the adapter.

    `ls` does all of it without opening the warehouse. A process forked from this one inherits the result (0.7 s each).
    """
    import dbt.task.build  # noqa: F401, PLC0415 - dbt's command line imports it when it is asked to build
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    dbt_dir = str(load_settings().dbt_dir)
    with tempfile.TemporaryDirectory() as nothing, redirect_stdout(io.StringIO()):
        where = ["--project-dir", dbt_dir, "--profiles-dir", dbt_dir, "--target-path", nothing, "--log-path", nothing]
        dbtRunner(manifest=load_parsed_project()).invoke(["--no-write-json", "--quiet", "ls", "--resource-type", "seed", *where])
