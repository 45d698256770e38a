"""Starts dbt in this process with the project as it was parsed once, one start at a time on the embedded warehouse."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from include.settings import Settings, load_settings
from include.warehouse.dbt_project import environment, parse_project, result_of
from include.warehouse.errors import WarehouseBusyError

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult


_FAILED = {"error", "fail", "runtime error"}


def invoke_dbt(
    arguments: Sequence[str], settings: Settings | None = None, callbacks: list[Callable[..., Any]] | None = None
) -> dbtRunnerResult:
    """dbt's own runner with the project as it was parsed, when it is this process's turn at the embedded warehouse."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - two seconds to import, never at parse time

    settings = settings or load_settings()
    runner = dbtRunner(manifest=parse_project(settings), callbacks=callbacks)
    with turn_at_the_warehouse(settings), environment(_read_by_the_profile(settings)):
        try:
            return result_of(runner, arguments)
        finally:
            if settings.dbt_target == "duckdb":
                let_go_of_the_warehouse()


def _read_by_the_profile(settings: Settings) -> dict[str, str]:
    return {
        "HEALTHCARE_HOME": str(settings.healthcare_home),
        "DBT_TARGET": settings.dbt_target,
        "DUCKDB_MEMORY_LIMIT": settings.duckdb_options["memory_limit"],
    }


def describe_failures(result: dbtRunnerResult) -> str:
    """What failed, each model or test by name with dbt's message; empty when nothing did."""
    if result.success:
        return ""
    if result.exception:
        return " ".join(str(result.exception).split())
    return "; ".join(f"{node.node.name}: {' '.join(str(node.message).split())}" for node in _failed_nodes(result))


def failed_tests(result: dbtRunnerResult) -> dict[str, str]:
    """The data tests among what failed, each with its SQL, which selects the rows that are wrong."""
    return {node.node.name: node.node.compiled_code or "" for node in _failed_nodes(result) if node.node.resource_type == "test"}


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
        yield


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
    """dbt-duckdb keeps the file open until its process ends, and `make run` runs all tasks in one process.

    Its setting `keep_open: false` would open the file again for each model and test, which takes 0.3 s of CPU per task.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - brings all of dbt

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]  # dbt-duckdb's own


def warm_up_dbt() -> None:
    """Lets dbt do once what it does at the first start of a process: parsing, imports, JSON schemas, the adapter.

    `ls` does all of it without opening the warehouse. A process forked from this one inherits the result (0.7 s each).
    """
    import dbt.task.build  # noqa: F401, PLC0415 - dbt's command line imports it when it is asked to build
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    settings = load_settings()
    where = ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir)]
    with tempfile.TemporaryDirectory() as nothing, redirect_stdout(io.StringIO()):
        output = ["--target-path", nothing, "--log-path", nothing]
        runner = dbtRunner(manifest=parse_project(settings))
        runner.invoke(["--no-write-json", "--quiet", "ls", "--resource-type", "seed", *where, *output])
