"""The same table of two warehouses, held against each other row by row."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

Row = dict[str, Any]
Key = tuple[str, ...]


def unequal_rows(ours: list[Row], theirs: list[Row], columns: list[str], key: set[str]) -> list[str]:
    """What is on one side only, and the first cells that differ. Rows that the key does not tell apart are paired in order."""
    fractions = {name for row in (*ours, *theirs) for name in columns if isinstance(row[name], float | Decimal)}
    named = [name for name in columns if name in key - fractions]  # a fraction may differ by its last digit
    one, other = _by_key(ours, named), _by_key(theirs, named)
    lone = [f"only on DuckDB: {where}" for where in sorted(one.keys() - other.keys())]
    lone += [f"only on Snowflake: {where}" for where in sorted(other.keys() - one.keys())]
    cells = [
        f"{where} {name}: {one[where][name]!r} on DuckDB, {other[where][name]!r} on Snowflake"
        for where in sorted(one.keys() & other.keys())
        for name in columns
        if not _agree(one[where][name], other[where][name])
    ]
    return lone[:3] + cells[:3]


def _by_key(rows: list[Row], key: list[str]) -> dict[Key, Row]:
    """Where a key repeats, its rows are numbered."""
    found: dict[Key, Row] = {}
    times: Counter[Key] = Counter()
    for row in sorted(rows, key=lambda row: [_written(value) for value in row.values()]):
        where = tuple(_written(row[name]) for name in key)
        times[where] += 1
        found[(*where, str(times[where]))] = row
    return found


def _agree(ours: Any, theirs: Any) -> bool:
    if _is_number(ours) and _is_number(theirs):
        return bool(float(theirs) == pytest.approx(float(ours), rel=1e-6, abs=1e-6))
    return _written(ours) == _written(theirs)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
