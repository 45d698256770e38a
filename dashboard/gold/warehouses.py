"""The two places that hold gold: a folder of Parquet files, read by DuckDB, and Snowflake. Both give the same figures."""

from __future__ import annotations

import logging
import re
import threading
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import streamlit as st

from gold.errors import PublicationDamagedError, TableMissingError, WarehouseDownError

log = logging.getLogger("dashboard.gold")
CACHED_FOR = "1h"
_OPENING = threading.Lock()
Parameters = tuple[str | int | float, ...]


def snowflake_rows(sql: str, parameters: Parameters) -> pd.DataFrame:
    """Asks Snowflake through Streamlit's connection."""
    try:
        frame = st.connection("snowflake").query(sql, ttl=0, params=list(parameters) or None, show_spinner=False)
    # No narrower class covers it. A missing connector is an ImportError; an installed one raises its own errors,
    # those of the HTTP and TLS libraries it carries, of the network, of the key file and of Arrow, and Streamlit adds errors of
    # its secrets: no base class but Exception holds them. To a visitor they all mean that the warehouse does not answer, the
    # log keeps the difference, and Streamlit's own control flow is not an Exception and passes.
    except Exception as problem:
        log.exception("Snowflake did not answer")
        message = str(problem)
        table = _named_table(sql, message) if "does not exist" in message else ""
        raise (TableMissingError(table) if table else WarehouseDownError()) from None
    frame.columns = [str(column).lower() for column in frame.columns]
    return plain_numbers(frame)


def duckdb_rows(location: str, version: str, sql: str, parameters: Parameters) -> pd.DataFrame:
    """Asks the Parquet files of one version."""
    try:
        cursor = _views(location, version).cursor()
        frame: pd.DataFrame = cursor.execute(sql, list(parameters)).df()
    except duckdb.Error as problem:
        log.exception("gold query failed in %s", location)
        table = _named_table(sql, str(problem))
        if table and not (Path(location) / f"{table}.parquet").exists():
            raise TableMissingError(table) from None
        raise PublicationDamagedError(f"table `{table}` is damaged" if table else "one of its tables is damaged") from None
    return plain_numbers(frame)


def _named_table(sql: str, message: str) -> str:
    """The longest table of the question that an error message names."""
    named = [name for name in re.findall(r"(?:from|join) (\w+)", sql) if name in message.lower()]
    return max(named, key=len, default="")


@st.cache_resource(ttl=CACHED_FOR, max_entries=3, show_spinner=False)
def _views(location: str, version: str) -> duckdb.DuckDBPyConnection:  # noqa: ARG001 - the version is the cache key
    """One in-memory database with a view on each Parquet file: files are read where they lie, nothing is copied."""
    with _OPENING:
        database = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "512MB"})
        for path in sorted(Path(location).glob("*.parquet")):
            _create_view(database, path)
    return database


def _create_view(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    quoted = str(path).replace("'", "''")
    try:
        database.execute(f"create view {path.stem} as select * from read_parquet('{quoted}')")
    except duckdb.Error:
        log.exception("table %s is damaged", path.stem)  # the pages that need it will say so, the others work


def plain_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals become floats: the same figures from both warehouses."""
    for name in frame.columns[frame.dtypes == "object"]:
        column = frame[name].dropna()
        if len(column) and isinstance(column.iloc[0], Decimal):
            frame[name] = frame[name].astype(float)
    return frame
