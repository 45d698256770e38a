"""Every table and column of silver and gold in one page: `python -m local.pages.data_dictionary [--check]`."""

from __future__ import annotations

from collections.abc import Sequence

from local.pages.command import run
from local.pages.tables import Column, Table

TITLES = {
    "dimensions": "Silver: dimensions",
    "facts": "Silver: facts",
    "seeds": "Silver: seeds",
    "gold": "Gold",
}
ORDER = ("gold", "dimensions", "facts", "seeds")
MOST_NAMED = 12  # tables that one is made of; it is more for bookkeeping only
#: What every row of silver says about where it came from.
LINEAGE = ("_file_md5", "_period", "_source_row", "_source_file", "_landed_at")


def render(tables: Sequence[Table]) -> str:
    sections = [(layer, [table for table in tables if table.layer == layer]) for layer in ORDER]
    lineage = {column.name: column.meaning for table in tables for column in table.columns if column.name in LINEAGE}
    return "\n".join(
        [
            _introduction(lineage),
            *(_contents(layer, found) for layer, found in sections),
            *(_section(layer, found) for layer, found in sections),
        ]
    )


def _introduction(lineage: dict[str, str]) -> str:
    columns = "\n".join(f"| `{name}` | {_cell(lineage[name])} |" for name in LINEAGE)
    return f"""# Data dictionary

<!-- Rendered from the dbt project by `python -m local.pages`; do not edit by hand. -->

Every table and column of silver and gold, with the types of the built tables (DuckDB). A column comes from what its SQL reads:
"CMS: …" names headers of CMS's file, a table alone has a column of the same name, and none means that the model counts rows or
writes a constant. [entities.svg](entities.svg) shows how the tables belong together.

Silver facts also say where a row came from:

| column | meaning |
|---|---|
{columns}
"""


def _contents(layer: str, tables: Sequence[Table]) -> str:
    return f"{TITLES[layer]}: " + ", ".join(f"[{table.name}](#{table.name})" for table in tables) + "\n"


def _section(layer: str, tables: Sequence[Table]) -> str:
    return f"## {TITLES[layer]}\n\n" + "\n".join(_table(table) for table in tables)


def _table(table: Table) -> str:
    facts = [
        f"Key: {_names(table.key)}." if table.key else "",
        f"Made of {_names(table.made_of)}." if 0 < len(table.made_of) <= MOST_NAMED else "",
        f"Published by CMS as {table.published_as}" if table.published_as else "",
    ]
    rows = "\n".join(_row(column) for column in table.columns if column.name not in LINEAGE)
    return f"""### {table.name}

{table.description}

{" ".join(fact for fact in facts if fact)}

| column | type | unit | meaning | source |
|---|---|---|---|---|
{rows}
"""


def _row(column: Column) -> str:
    return f"| `{column.name}` | {column.type} | {column.unit} | {_cell(column.meaning)} | {_cell(column.source)} |"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


PAGES = {"docs/data_dictionary.md": render}

if __name__ == "__main__":
    raise SystemExit(run(PAGES))
