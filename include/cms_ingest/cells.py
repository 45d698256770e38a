"""Which cells the type words of the contracts cannot read: such records are refused here, so that casts never drop a value.

Only the distinct values of a block are looked at: 1.3 million rows of hours hold some ten thousand of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from include.cms_contracts.contract import ColumnType

_BLANK = r"-{0,3}|\.|(?i:n/?a|null|not available|not applicable)"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_DATE = r"\d{4}-\d{2}-\d{2}|\d{8}|\d{2}/\d{2}/\d{4}"

#: What a cell of each type may hold (RE2, whole trimmed cell). Text and footnotes may hold anything.
_READABLE: Mapping[ColumnType, tuple[str, str]] = {
    ColumnType.CCN: (r"[0-9A-Za-z]{6}", "is not a CCN of six characters (was a leading zero lost?)"),
    ColumnType.STATE: (r"[A-Za-z]{2}|(?i:nation|national)|", "is not a two-letter state"),
    ColumnType.FLAG: (r"(?i:y|n|yes|no|true|false|0|1)|" + _BLANK, "is neither Y nor N"),
    ColumnType.INTEGER: (r"[-+]?0*\d{1,9}(?:\.0*)?|" + _BLANK, "is not a whole number of at most nine digits"),
    ColumnType.NUMBER: (_NUMBER + "|" + _BLANK, "is not a number"),
    ColumnType.HOURS: (r"[-+]?(?:\d{1,11}\.?|\d{0,11}\.\d{1,2}0*)|" + _BLANK, "is not a number of hours of at most two decimals"),
    ColumnType.USD: (r"\$?[-+]?\d{1,3}(?:,?\d{3}){0,4}(?:\.\d{0,2}0*)?|" + _BLANK, "is not an amount in dollars"),
    ColumnType.DATE: (_DATE + "|" + _BLANK, "is not a date (2024-04-01, 20240401 or 04/01/2024)"),
}

#: What CMS writes where it has no value (RE2, whole trimmed cell); an empty cell too.
NO_VALUE = _BLANK


def unreadable_rows(table: pa.Table, types: Mapping[str, ColumnType]) -> dict[int, str]:
    """Row index → reason, for the rows of an all-text table that hold a cell which its type cannot read."""
    reasons: dict[int, str] = {}
    for name, column_type in types.items():
        if column_type not in _READABLE:
            continue
        column = table.column(name)
        bad = _bad_values(pc.unique(column), column_type)
        if len(bad) == 0:
            continue
        for index in pc.indices_nonzero(pc.is_in(column, value_set=bad)).to_pylist():
            reasons.setdefault(index, f"column {name}: {column[index].as_py()[:80]!r} {_READABLE[column_type][1]}")
    return reasons


def _bad_values(values: pa.Array, column_type: ColumnType) -> pa.Array:
    pattern = rf"^ *(?:{_READABLE[column_type][0]}) *$"  # spaces only, as in SQL's trim
    bad = values.filter(pc.invert(pc.match_substring_regex(values, pattern)))
    if column_type is ColumnType.DATE:
        impossible = [value for value in values.to_pylist() if _is_impossible_date(value)]
        bad = pa.array([*bad.to_pylist(), *impossible], pa.string())
    return bad


@cache
def _is_impossible_date(value: str) -> bool:
    """Looks like a date, but the calendar has no such day. The same days come again in every block: hence the cache."""
    text = value.strip()
    if not any(character.isdigit() for character in text):
        return False
    if text[2:3] == text[5:6] == "/":
        text = f"{text[6:]}-{text[:2]}-{text[3:5]}"
    try:
        date.fromisoformat(text)
    except ValueError:
        return True
    return False
