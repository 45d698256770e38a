"""Which columns a column is made of, read off the compiled SQL of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp
from sqlglot.lineage import lineage

#: Table and column.
Origin = tuple[str, str]


def origins(node: Mapping[str, Any], catalog: Mapping[str, Any]) -> dict[str, list[Origin]]:
    """By column of the model; empty where a column is made of constants or counts rows."""
    traced = lineage(None, node["compiled_code"], schema=_columns_by_table(catalog), dialect="duckdb", trim_selects=False)
    return {
        column: sorted(
            {(step.source.name, step.name.split(".")[-1]) for step in end.walk() if isinstance(step.source, exp.Table)}
        )
        for column, end in traced.items()
    }


def _columns_by_table(catalog: Mapping[str, Any]) -> dict[str, Any]:
    """As sqlglot wants it: database, schema, table, column and its type."""
    found: dict[str, Any] = {}
    for built in (*catalog["nodes"].values(), *catalog["sources"].values()):
        where = built["metadata"]
        types = {name: column["type"] for name, column in built["columns"].items()}
        found.setdefault(where["database"], {}).setdefault(where["schema"], {})[where["name"]] = types
    return found
