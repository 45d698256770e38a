"""The floor of a full run: ONE DuckDB process reads the same CSV files and writes the same gold with plain SQL.

`python -m benchmarks.floor HOME RAWDATA` prints the seconds. The SQL is what dbt compiled for the same models; reading
is DuckDB's own CSV reader, without checks, checkpoints, ledger transactions, tests, Airflow or dbt.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from include.cms_contracts.contract import Contract, load_contracts
from include.cms_contracts.file_name import match_family, period_in_name
from include.cms_contracts.header import map_header


def main() -> None:
    home, rawdata = Path(sys.argv[1]), Path(sys.argv[2])
    nodes = _nodes_in_order(json.loads((home / "dbt" / "manifest.json").read_text(encoding="utf-8")))
    started = time.perf_counter()
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        for schema in ("bronze", "staging", "silver", "gold"):
            warehouse.execute(f"create schema {schema}")
        _load_bronze(warehouse, rawdata, home)
        loaded = time.perf_counter()
        for node in nodes:
            _build(warehouse, node)
        gold = [
            name for (name,) in warehouse.execute("select table_name from duckdb_tables() where schema_name = 'gold'").fetchall()
        ]
        (home / "gold").mkdir(exist_ok=True)
        for table in gold:
            warehouse.execute(f"copy gold.{table} to '{home / 'gold' / table}.parquet' (format parquet)")
    ended = time.perf_counter()
    print("RESULT", json.dumps({"seconds": ended - started, "read": loaded - started, "models": len(nodes), "gold": len(gold)}))


def _load_bronze(warehouse: duckdb.DuckDBPyConnection, rawdata: Path, scratch: Path) -> None:
    warehouse.execute(
        "create table bronze.load_ledger (file_md5 varchar, family varchar, period varchar, file_name varchar, file_id varchar,"
        " modified_at timestamp, rows_in_file bigint, rows_certified bigint, rows_rejected bigint, rows_loaded bigint,"
        " run_id varchar, landed_at timestamp, loaded_at timestamp)"
    )
    warehouse.execute("create table bronze.rejected_rows (file_md5 varchar, source_row bigint, reason varchar, raw_line varchar)")
    for contract in load_contracts():
        columns = ", ".join(f"{name} varchar" for name in contract.column_names)
        lineage = "_source_file varchar, _source_row bigint, _file_md5 varchar, _period varchar, _landed_at timestamp"
        warehouse.execute(f"create table bronze.{contract.family} ({columns}, {lineage})")
    for path in sorted(rawdata.glob("*.csv")):
        _load_file(warehouse, match_family(path.name), path, scratch)


def _load_file(warehouse: duckdb.DuckDBPyConnection, contract: Contract, path: Path, scratch: Path) -> None:
    text = path.read_bytes()
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = text.decode("cp1252")
    utf8 = path
    if decoded.encode() != text:
        utf8 = scratch / path.name
        utf8.write_text(decoded, encoding="utf-8")
    header = map_header(contract, next(csv.reader([decoded.split("\n", 1)[0].rstrip("\r")])))
    names = [*header.positions, *header.constants]
    values = [f'"{name}"' for name in header.positions] + [f"'{value}'" for value in header.constants.values()]
    period, md5 = period_in_name(path.name, contract.period.kind), hashlib.md5(text).hexdigest()  # noqa: S324 - no secret
    warehouse.execute(
        f"insert into bronze.{contract.family} ({', '.join(names)}, _source_file, _source_row, _file_md5, _period, _landed_at)"
        f" select {', '.join(values)}, '{path.name}', row_number() over (), '{md5}', '{period}', now()::timestamp"
        f" from read_csv('{utf8}', all_varchar = true, header = true, names = {list(header.positions)}, quote = '\"')"
    )
    warehouse.execute(
        "insert into bronze.load_ledger"
        " select ?, ?, ?, ?, ?, now()::timestamp, n, n, 0, n, 'floor', now()::timestamp, now()::timestamp"
        f" from (select count(*) as n from bronze.{contract.family} where _file_md5 = ?)",
        [md5, contract.family, period, path.name, path.name, md5],
    )


def _nodes_in_order(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in {"model", "seed"}}
    done: set[str] = set()

    def visit(key: str) -> Iterator[dict[str, Any]]:
        if key in done:
            return
        done.add(key)
        for parent in nodes[key].get("depends_on", {}).get("nodes", []):
            if parent in nodes:
                yield from visit(parent)
        yield nodes[key]

    return [node for key in nodes for node in visit(key)]


def _build(warehouse: duckdb.DuckDBPyConnection, node: dict[str, Any]) -> None:
    name = f"{node['schema']}.{node['name']}"
    if node["resource_type"] == "seed":
        path = Path(node["root_path"]) / node["original_file_path"]
        types = node["config"]["column_types"]
        warehouse.execute(f"create table {name} as select * from read_csv('{path}', header = true, types = {types})")
        return
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    warehouse.execute(f"create {kind} {name} as {node['compiled_code']}")


if __name__ == "__main__":
    main()
