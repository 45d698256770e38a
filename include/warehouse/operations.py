"""Everything that talks to the warehouse outside the dbt models: the COPY into bronze, and reads of ledger and gold."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

import yaml

from include.settings import Settings
from include.warehouse.dbt_project import forget_parsed_project
from include.warehouse.dbt_runs import invoke_dbt, turn_at_the_warehouse
from include.warehouse.errors import BronzeCopyError, WarehouseBusyError, WarehouseError

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

_log = logging.getLogger(__name__)
_SHOWN_ROWS, _LONGEST_ROW = 5, 300


def run_dbt(settings: Settings, *arguments: str) -> dbtRunnerResult:
    """One dbt command in this process; raises WarehouseError with dbt's own words when it fails.

    The connection is that of the project's profiles.yml, or of the one in DBT_PROFILES_DIR.
    """
    where = ["--project-dir", str(settings.dbt_dir)]
    if "DBT_PROFILES_DIR" not in os.environ:
        where += ["--profiles-dir", str(settings.dbt_dir)]
    target = ["--target-path", str(settings.dbt_target_dir), "--log-path", str(settings.dbt_target_dir / "logs")]
    said: list[str] = []
    result = invoke_dbt([*arguments, *where, *target], settings, callbacks=[lambda event: _keep_error(event, said)])
    if not result.success:
        raise WarehouseError("; ".join(said) or str(result.exception or "see the dbt log above"))
    return result


def _keep_error(event: Any, said: list[str]) -> None:
    """The result of a dbt operation has no message: only the events tell what went wrong."""
    if event.info.level == "error":
        said.append(" ".join(event.info.msg.split()))


def copy_into_bronze(settings: Settings, files: Sequence[Mapping[str, Any]]) -> None:
    """Makes every bronze table that is missing and loads the files that the ledger does not have."""
    try:
        run_operation(settings, "copy_all_bronze_tables", files=list(files))
    except WarehouseError as error:
        raise BronzeCopyError(str(error)) from error


def is_bronze_current(settings: Settings) -> bool:
    """Whether bronze has every table and column that the contracts ask for.

    Not before the first COPY, nor behind one that was killed early, nor when a contract has gained a column.
    """
    if settings.dbt_target == "duckdb" and not settings.warehouse_path.exists():
        return False
    columns = "select lower(table_name), lower(column_name) from information_schema.columns where lower(table_schema) = 'bronze'"
    with turn_at_the_warehouse(settings):
        return bronze_columns(settings) <= {(table, column) for table, column in read_rows(settings, columns)}


def bronze_columns(settings: Settings) -> set[tuple[str, str]]:
    """Table and column, as the sources of the dbt project list them."""
    sources = settings.dbt_dir.glob("models/staging/_*__sources.yml")
    found = [source for path in sources for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]]
    tables = [table for source in found for table in source["tables"]]
    return {(table["name"], column["name"]) for table in tables for column in table["columns"]}


def drop_warehouse(settings: Settings) -> None:
    """Bronze, staging, silver and gold; what is published stays."""
    if settings.dbt_target != "duckdb":
        run_operation(settings, "drop_warehouse", quiet=True)
        return
    for path in (settings.warehouse_path, settings.warehouse_path.with_name(f"{settings.warehouse_path.name}.wal")):
        path.unlink(missing_ok=True)


def forget_in_silver(settings: Settings, file_md5s: Sequence[str]) -> None:
    """What the incremental models made of these files; they make it again of what bronze holds at their next run."""
    run_operation(settings, "forget_in_silver", file_md5s=list(file_md5s))


def forget_in_bronze(settings: Settings, file_md5: str, family: str) -> None:
    run_operation(settings, "forget_file", quiet=True, file_md5=file_md5, family=family)


def run_operation(settings: Settings, macro: str, *, quiet: bool = False, **arguments: Any) -> None:
    """One macro of the dbt project, on its own; `quiet` where somebody reads the terminal."""
    flags = ["--quiet"] if quiet else []
    run_dbt(settings, *flags, "run-operation", macro, "--args", json.dumps(arguments))


def failing_rows(settings: Settings, test_sql: str) -> list[str]:
    """The first rows that a data test selects, as `column=value, …`. Raises WarehouseError when they cannot be read."""
    named = f"select to_json(rows) from ({test_sql}) as rows limit {_SHOWN_ROWS}"
    if settings.dbt_target == "snowflake":
        named = f"select to_json(object_construct_keep_null(*)) from ({test_sql}) as rows limit {_SHOWN_ROWS}"
    rows = [json.loads(row) for (row,) in read_rows(settings, named)]
    return [", ".join(f"{column.lower()}={value}" for column, value in row.items())[:_LONGEST_ROW] for row in rows]


def read_rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """The rows of one query, which may call the project's macros.

    On DuckDB it must be plain SQL: the file is opened read-only, which a start of dbt would take far longer to do.
    """
    if settings.dbt_target == "duckdb":
        with read_warehouse(settings) as warehouse:
            return list(warehouse.execute(sql).fetchall())
    try:
        with redirect_stdout(io.StringIO()):  # dbt prints what it shows
            result: Any = run_dbt(settings, "--quiet", "--no-write-json", "show", "--inline", sql, "--limit", "-1").result
    except WarehouseError:
        forget_parsed_project()  # dbt leaves a query that fails in it, and refuses the next one as its double
        raise
    return [tuple(row) for row in result.results[0].agate_table.rows]


@contextmanager
def read_warehouse(settings: Settings) -> Iterator[Any]:
    """A read-only DuckDB connection to the embedded warehouse; raises WarehouseBusyError while another process writes it."""
    import duckdb  # noqa: PLC0415 - not needed on Snowflake

    try:
        connection = duckdb.connect(str(settings.warehouse_path), read_only=True, config=settings.duckdb_options)
    except duckdb.IOException as error:
        raise WarehouseBusyError(str(settings.warehouse_path), str(error)) from error
    try:
        yield connection
    finally:
        connection.close()
