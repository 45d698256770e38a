"""One question to gold, answered from the cache when it was asked before."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from gold.errors import TableMissingError
from gold.publication import Publication
from gold.warehouses import CACHED_FOR, Parameters, duckdb_rows, snowflake_rows


def rows(publication: Publication, sql: str, parameters: Sequence[str | int | float] = ()) -> pd.DataFrame:
    """The answer of one constant SQL text with bound parameters, from the cache when it was asked before."""
    return _cached_rows(publication.source, publication.location, publication.version, sql, tuple(parameters))


@st.cache_data(ttl=CACHED_FOR, max_entries=300, show_spinner=False)
def _cached_rows(source: str, location: str, version: str, sql: str, parameters: Parameters) -> pd.DataFrame:
    if source == "Snowflake":
        return snowflake_rows(sql, parameters)
    return duckdb_rows(location, version, sql, parameters)


def require(publication: Publication, table: str) -> str:
    """The table's name, if this publication holds it."""
    if table not in publication.tables:
        raise TableMissingError(table)
    return table
