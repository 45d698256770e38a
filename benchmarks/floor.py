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
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from include.contracts.contract import Contract
from include.contracts.file_name import match_family, period_in_name
from include.contracts.header import map_header
from include.ingest.file_version import is_archive_name, left_alone_because


def main() -> None:
    home, rawdata = Path(sys.argv[1]), Path(sys.argv[2])
    manifest = json.loads((home / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    nodes = _nodes_in_order(manifest)
    started = time.perf_counter()
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        for schema in ("bronze", "staging", "silver", "gold"):
            warehouse.execute(f"create schema {schema}")
        _create_bronze(warehouse, manifest)
        for path in _csv_files(rawdata, home):
            _load_file(warehouse, match_family(path.name), path, home)
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


def _create_bronze(warehouse: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    """As dbt's sources have it: families, ledger, rejected records, notices."""
    for table in manifest["sources"].values():
        if table["schema"] == "bronze":
            columns = ", ".join(f"{column['name']} {column['data_type'] or 'varchar'}" for column in table["columns"].values())
            warehouse.execute(f"create table bronze.{table['name']} ({columns})")


def _csv_files(rawdata: Path, scratch: Path) -> Iterator[Path]:
    """Those of the folder, and those of its archives."""
    for path in sorted(path for path in rawdata.iterdir() if not left_alone_because(path.name)):
        if is_archive_name(path.name):
            with zipfile.ZipFile(path) as archive:
                archive.extractall(scratch / path.stem)
            yield from _csv_files(scratch / path.stem, scratch)
        else:
            yield path


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
    cells = [*header.mapped, *(f"'{value}' as {name}" for name, value in header.constants.items())]
    period, md5 = period_in_name(path.name, contract.period.kind), hashlib.md5(text).hexdigest()  # noqa: S324 - no secret
    period = f"'{period}'" if period else f"strftime({contract.period.column}::date, '%Y-%m')"  # of 2019: months only
    warehouse.execute(
        f"insert into bronze.{contract.family} by name"
        f" select {', '.join(cells)}, '{path.name}' as _source_file, row_number() over () as _source_row, '{md5}' as _file_md5,"
        f" {period} as _period, now()::timestamp as _landed_at, 1 as _occurrence"
        f" from read_csv('{utf8}', all_varchar = true, header = true, names = {list(header.positions)}, quote = '\"')"
    )
    facilities = "count(distinct ccn)" if "ccn" in header.mapped else "0"
    warehouse.execute(
        "insert into bronze.load_ledger by name"
        " select _file_md5 as file_md5, ? as family, any_value(_period) as period, ? as file_name, ? as file_id,"
        " now()::timestamp as modified_at, count(*) as rows_in_file, count(*) as rows_certified, 0 as rows_rejected,"
        f" count(*) as rows_loaded, {facilities} as facilities, 'floor' as run_id, now()::timestamp as landed_at,"
        f" now()::timestamp as loaded_at from bronze.{contract.family} where _file_md5 = ? group by _file_md5",
        [contract.family, path.name, path.name, md5],
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
