"""The tables of silver and gold as the dbt project describes them: types of the built columns, meanings, keys, sources."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from include.contracts.contract import Contract, load_contracts
from local.pages.lineage import Origin, origins

ROOT = Path(__file__).parents[2]
LAYERS = ("dimensions", "facts", "seeds", "gold")

#: Of more tables or columns than these only the number is said.
MOST_LISTED = 4

#: Columns that share the meaning of a shorter name: `uti_measure_period` is a `measure_period`.
SHARED_ENDINGS = ("footnote", "measure_period")

#: The suffixes of CONTRIBUTING.md. The first that fits a numeric column is its unit.
UNITS = {
    r"per_1000_resident_days$": "per 1,000 resident days",
    r"(^|_)pct(_|$)": "percent",
    r"(^|_)hprd(_|$)": "hours per resident day",
    r"(^|_)hours(_|$)": "hours",
    r"_usd$": "US dollars",
    r"^(?!facilities).*_rating$": "stars",
    r"_beds$": "beds",
    r"(^|_)days(_|$)": "days",
}


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    meaning: str
    source: str

    @property
    def unit(self) -> str:
        is_number = self.type.startswith(("bigint", "integer", "double", "decimal"))
        return next((unit for suffix, unit in UNITS.items() if is_number and re.search(suffix, self.name)), "")

    @property
    def refers_to(self) -> str | None:
        """The table whose key the column holds, as its meaning says."""
        named = re.search(r"key of `(\w+)`", self.meaning)
        return named.group(1) if named else None


@dataclass(frozen=True)
class Table:
    """`layer` is one of LAYERS; `key`: the columns that tell two rows apart; `published_as`: what CMS publishes its rows in."""

    name: str
    layer: str
    description: str
    key: tuple[str, ...]
    made_of: tuple[str, ...]
    published_as: str
    columns: tuple[Column, ...]

    @property
    def references(self) -> dict[str, str]:
        """The tables that rows of this one point at, by the column that does."""
        pointing = ((column.name, column.refers_to) for column in self.columns)
        return {name: table for name, table in pointing if table and table != self.name}


def read_tables() -> tuple[Table, ...]:
    """Every model and seed of silver and gold, layer by layer."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "local.pages.empty_warehouse", folder], check=True, cwd=ROOT)
        manifest, catalog = (json.loads((Path(folder) / f"{name}.json").read_text()) for name in ("manifest", "catalog"))
    tables = _Project(manifest, catalog).tables()
    return tuple(sorted(tables, key=lambda table: (LAYERS.index(table.layer), table.name)))


@dataclass(frozen=True)
class _Project:
    manifest: Mapping[str, Any]
    catalog: Mapping[str, Any]

    def tables(self) -> Iterator[Table]:
        for node_id, node in self.manifest["nodes"].items():
            if node["resource_type"] in ("model", "seed") and node["schema"] in ("silver", "gold"):
                yield Table(
                    name=node["name"],
                    layer=_layer(node),
                    description=" ".join(node["description"].split()),
                    key=self._key(node),
                    made_of=tuple(sorted(self._parents(node))),
                    published_as=self._published_as(node),
                    columns=tuple(self._columns(node_id, node)),
                )

    def _published_as(self, node: Mapping[str, Any]) -> str:
        contract = self._contracts.get(node["name"])
        return f"{contract.title}: {contract.description.strip()} Documented in: {contract.source}." if contract else ""

    def _columns(self, node_id: str, node: Mapping[str, Any]) -> Iterator[Column]:
        made_of = origins(node, self.catalog) if node["resource_type"] == "model" else {}
        for name, built in self.catalog["nodes"][node_id]["columns"].items():
            yield Column(
                name=name,
                type=built["type"].lower(),
                meaning=" ".join(self._meaning(node, name, made_of.get(name, [])).split()),
                source=self._source(name, made_of.get(name, [])),
            )

    def _meaning(self, node: Mapping[str, Any], column: str, made_of: Sequence[Origin]) -> str:
        """What the model says of the column, else the project of all columns of the name, else CMS of the one it is a copy of."""
        described = node["columns"].get(column, {}).get("description") or self._shared_meaning(column)
        is_copy = [name for _, name in made_of] == [column]
        return described or (self._headers.get(made_of[0], "") if is_copy else "")

    def _shared_meaning(self, column: str) -> str:
        """The docs block named as the column."""
        ending = next((ending for ending in SHARED_ENDINGS if column.endswith(f"_{ending}")), column)
        block = self.manifest["docs"].get(f"doc.dbt_healthcare.{ending}")
        return str(block["block_contents"]) if block else ""

    def _source(self, column: str, made_of: Sequence[Origin]) -> str:
        """CMS's headers where all come from one of its files, else the tables with the columns that are taken from them."""
        columns: dict[str, list[str]] = {}
        for table, name in made_of:
            columns.setdefault(table, []).append(name)
        if len(columns) > MOST_LISTED:
            return f"{len(columns)} tables"
        if len(columns) == 1 and all(origin in self._headers for origin in made_of):
            return "CMS: " + _listed([self._headers[origin] for origin in made_of])
        return "; ".join(_taken_from(table.removeprefix("stg_"), names, column) for table, names in columns.items())

    @cached_property
    def _headers(self) -> dict[Origin, str]:
        """What CMS calls a column of a staging model."""
        return {
            (f"stg_{contract.family}", column.name): column.header
            for contract in self._contracts.values()
            for column in contract.columns
        }

    def _parents(self, node: Mapping[str, Any]) -> Iterator[str]:
        """The tables of silver, gold and bronze that a model reads; of a staged family, its name."""
        nodes = {**self.manifest["nodes"], **self.manifest["sources"]}
        for parent in node["depends_on"].get("nodes", ()):
            name = str(nodes[parent]["name"]).removeprefix("stg_")
            if name != "current_files":
                yield name

    @cached_property
    def _contracts(self) -> dict[str, Contract]:
        return {contract.silver_model: contract for contract in load_contracts()}

    def _key(self, node: Mapping[str, Any]) -> tuple[str, ...]:
        """The columns that a test of the table holds to be unique."""
        for test in self._tests.get(node["unique_id"], []):
            arguments = test["test_metadata"]["kwargs"]
            match test["test_metadata"]["name"]:
                case "unique":
                    return (str(arguments["column_name"]),)
                case "unique_combination":
                    return tuple(arguments["columns"])
                case "contract_key":
                    return ("_file_md5", *(self._contracts[node["name"]].key or ("_source_row",)))
        return ()

    @cached_property
    def _tests(self) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for node in self.manifest["nodes"].values():
            if node["resource_type"] == "test" and node.get("test_metadata"):
                found.setdefault(str(node["attached_node"]), []).append(node)
        return found


def _taken_from(table: str, names: Sequence[str], column: str) -> str:
    return f"`{table}`" if names == [column] else f"`{table}`: " + _listed([f"`{name}`" for name in names])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_LISTED else f"{len(names)} columns"


def _layer(node: Mapping[str, Any]) -> str:
    if node["resource_type"] == "seed":
        return "seeds"
    folder = Path(node["original_file_path"]).parent.name
    return folder if folder in LAYERS else "facts"
