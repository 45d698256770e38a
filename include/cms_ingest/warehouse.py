"""Everything that talks to the warehouse outside the dbt models: the COPY into bronze, and reads of ledger and gold."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from include.cms_ingest.dbt_runs import DbtRunner, let_go_of_the_warehouse
from include.cms_ingest.errors import BronzeCopyError, WarehouseBusyError
from include.cms_ingest.settings import Settings

_log = logging.getLogger(__name__)


def run_dbt(settings: Settings, *arguments: str) -> None:
    """One dbt command in this process; raises BronzeCopyError with dbt's own words when it fails."""
    os.environ.update(HEALTHCARE_HOME=str(settings.healthcare_home), DBT_TARGET=settings.dbt_target)  # profiles.yml reads them
    where = ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir)]
    target = ["--target-path", str(settings.dbt_target_dir), "--log-path", str(settings.dbt_target_dir / "logs")]
    said: list[str] = []
    runner = DbtRunner(callbacks=[lambda event: _keep_error(event, said)], settings=settings)
    result = runner.invoke([*arguments, *where, *target])
    if not result.success:
        raise BronzeCopyError("; ".join(said) or str(result.exception or "see the dbt log above"))


def _keep_error(event: Any, said: list[str]) -> None:
    """The result of a dbt operation has no message: only the events tell what went wrong."""
    if event.info.level == "error":
        said.append(" ".join(event.info.msg.split()))


def copy_into_bronze(settings: Settings, files: Sequence[Mapping[str, Any]]) -> None:
    """Makes every bronze table that is missing and loads the files that the ledger does not have."""
    run_dbt(settings, "run-operation", "copy_all_bronze_tables", "--args", json.dumps({"files": list(files)}))


def forget_in_bronze(settings: Settings, file_md5: str, family: str) -> None:
    run_dbt(settings, "run-operation", "forget_file", "--quiet", "--args", json.dumps({"file_md5": file_md5, "family": family}))


@contextmanager
def read_warehouse(settings: Settings) -> Iterator[Any]:
    """A read-only DuckDB connection to the embedded warehouse; raises WarehouseBusyError while another process writes it."""
    import duckdb  # noqa: PLC0415 - not needed on Snowflake

    let_go_of_the_warehouse()
    try:
        connection = duckdb.connect(str(settings.warehouse_path), read_only=True)
    except duckdb.IOException as error:
        raise WarehouseBusyError(str(settings.warehouse_path), str(error)) from error
    try:
        yield connection
    finally:
        connection.close()
