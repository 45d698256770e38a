"""Which staged columns gold is made of, read off the compiled SQL: what no model below asks for is pruned, step by step."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

Columns: TypeAlias = Mapping[str, Sequence[str]]  # by relation


def columns_of_gold(manifest: Mapping[str, Any], project: Path, apart_from: Collection[str] = ()) -> Mapping[str, set[str]]:
    """For each model the columns that gold, apart from some tables, needs of it, by the model's name."""
    models = [node for node in _in_order(manifest) if node["resource_type"] == "model"]
    columns = _published_columns(manifest, project)
    for model in models:
        columns[_relation(model)] = _qualified(_parsed(model["compiled_code"]), columns).named_selects
    needed: dict[str, set[str]] = defaultdict(set)
    for model in reversed(models):
        own = _relation(model)
        is_figure = model["schema"].endswith("gold") and model["name"] not in apart_from
        wanted = columns[own] if is_figure else [name for name in columns[own] if name in needed[own]]
        for relation, name in _columns_read(model["compiled_code"], wanted, columns):
            needed[relation].add(name)
    return {model["name"]: needed[_relation(model)] for model in models}


def _in_order(manifest: Mapping[str, Any]) -> Iterator[Any]:
    """Every node after those that it reads."""
    nodes, seen = manifest["nodes"], set[str]()

    def visit(unique_id: str) -> Iterator[Any]:
        if unique_id in nodes and unique_id not in seen:
            seen.add(unique_id)
            for upstream in nodes[unique_id].get("depends_on", {}).get("nodes", []):
                yield from visit(upstream)
            yield nodes[unique_id]

    for unique_id in nodes:
        yield from visit(unique_id)


def _published_columns(manifest: Mapping[str, Any], project: Path) -> dict[str, list[str]]:
    """What is there before any model: sources by their YAML, seeds by their header."""
    columns = {_relation(source): list(source["columns"]) for source in manifest["sources"].values()}
    for seed in (node for node in manifest["nodes"].values() if node["resource_type"] == "seed"):
        with (project / seed["original_file_path"]).open(encoding="utf-8", newline="") as file:
            columns[_relation(seed)] = next(csv.reader(file))
    return columns


def _columns_read(sql: str, wanted: list[str], columns: Columns) -> Iterator[tuple[str, str]]:
    """Relation and column for everything that this SQL reads when only some of its own columns are wanted."""
    if not wanted:
        return
    only = exp.select(*(exp.column(name, "model") for name in wanted))
    for scope in traverse_scope(pushdown_projections(_qualified(only.from_(_parsed(sql).subquery("model")), columns))):
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table):
                relation = ".".join(part.name for part in source.parts)
                yield from ((relation, column.name) for column in scope.source_columns(alias))


def _parsed(sql: str) -> exp.Query:
    tree = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    return tree


def _qualified(tree: exp.Query, columns: Columns) -> exp.Query:
    schema: dict[str, Any] = {}
    for relation, names in columns.items():
        database, name_space, table = relation.split(".")
        schema.setdefault(database, {}).setdefault(name_space, {})[table] = dict.fromkeys(names, "varchar")
    qualified = qualify(tree, schema=schema, dialect="duckdb", quote_identifiers=False, validate_qualify_columns=False)
    assert isinstance(qualified, exp.Query)
    return qualified


def _relation(node: Mapping[str, Any]) -> str:
    return str(node["relation_name"]).replace('"', "")
