"""Looks in a certified Parquet file for rows that share their contract's key: numbers copies, takes conflicting rows out.

A pass over hashes decides whether there is anything to do at all; the exact comparison is made for the few rows that it finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from include.contracts.contract import UNMAPPED_COLUMN, Contract

_MOST_LINES = 10  # that a reason names


def number_occurrences(path: Path, contract: Contract) -> dict[int, str]:
    """Rewrites the file where a key comes more than once: `_occurrence` counts equal rows, rows with different cells are gone.

    Returns why, by line of the CSV file, for each row that is gone.
    """
    with duckdb.connect(config={"preserve_insertion_order": False}) as warehouse:
        doubled = _rows_of_doubled_keys(warehouse, path, contract)
    if not doubled:
        return {}
    conflicts = {line: _reason(contract, key, lines) for line, _, lines, is_conflict, key in doubled if is_conflict}
    _rewrite(path, {line: occurrence for line, occurrence, _, is_conflict, _ in doubled if not is_conflict}, conflicts)
    return conflicts


def _rows_of_doubled_keys(warehouse: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> list[tuple[Any, ...]]:
    """(line, n-th of its key, lines of the key, whether cells differ, key) for each row whose key comes more than once."""
    cells = [*contract.column_names, UNMAPPED_COLUMN]
    key = ", ".join(contract.key or cells)
    source = f"read_parquet('{path}')"
    hashes = warehouse.execute(f"select hash({key}) as hashed from {source} group by hashed having count(*) > 1").fetchall()
    if not hashes:
        return []
    return warehouse.execute(
        f"""
        with compared as (
            select _source_row, row({key}) as key_cells, row({", ".join(cells)}) as all_cells
            from {source}
            where list_contains($hashes, hash({key}))
        )
        select
            _source_row,
            row_number() over (partition by key_cells order by _source_row),
            list(_source_row) over (partition by key_cells),
            min(all_cells) over (partition by key_cells) is distinct from max(all_cells) over (partition by key_cells),
            key_cells
        from compared
        qualify count(*) over (partition by key_cells) > 1
        """,
        {"hashes": [hashed for (hashed,) in hashes]},
    ).fetchall()


def _reason(contract: Contract, key: tuple[str, ...], lines: list[int]) -> str:
    named = ", ".join(f"{name} {value!r}" for name, value in zip(contract.key, key, strict=True))
    where = ", ".join(map(str, sorted(lines)[:_MOST_LINES])) + (", …" if len(lines) > _MOST_LINES else "")
    return f"{named} is in {len(lines)} records with different cells (lines {where}); nobody can say which one is right"


def _rewrite(path: Path, occurrences: Mapping[int, int], conflicts: Mapping[int, str]) -> None:
    """One row group at a time."""
    changed = path.with_suffix(".numbered")
    with pq.ParquetFile(path) as old, pq.ParquetWriter(changed, old.schema_arrow, compression="zstd") as new:
        for group in range(old.num_row_groups):
            rows = old.read_row_group(group)
            lines = rows.column("_source_row").to_pylist()
            numbers = pa.array([occurrences.get(line, 1) for line in lines], pa.int64())
            rows = rows.set_column(rows.schema.get_field_index("_occurrence"), "_occurrence", numbers)
            rows = rows.filter(pa.array([line not in conflicts for line in lines], pa.bool_()))
            if rows.num_rows:
                new.write_table(rows)
    changed.replace(path)
