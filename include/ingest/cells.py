"""Which cells the type words of the contracts cannot read: such records are refused here, so that casts never drop a value.

Only the distinct values of a block are looked at: 1.3 million rows of hours hold some ten thousand of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from include.contracts.contract import Column, ColumnType

_BLANK = r"-{0,3}|\.|(?i:n/?a|nan|null|none|not available|not applicable)"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_MIDNIGHT = r"[ T]00:00(?::00(?:\.0+)?)?Z?"  # what pandas and portals append to a day
_DATE = rf"\d{{4}}-\d{{2}}-\d{{2}}(?:{_MIDNIGHT})?|\d{{8}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}(?:{_MIDNIGHT})?"

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


def unreadable_rows(table: pa.Table, columns: Iterable[Column]) -> dict[int, str]:
    """Row index → reason, for rows of an all-text table with a cell that its type cannot read, or without a required one."""
    reasons: dict[int, str] = {}
    for column in columns:
        cells = table.column(column.name)
        values = pc.unique(cells)
        if column.required:
            _note_rows(column, cells, _blank_values(values), "is blank, and the contract requires a value", reasons)
        if column.type in _READABLE:
            _note_rows(column, cells, _bad_values(values, column.type), _READABLE[column.type][1], reasons)
    return reasons


def _note_rows(column: Column, cells: pa.ChunkedArray, values: pa.Array, what: str, reasons: dict[int, str]) -> None:
    """The first thing that is wrong with a row is its reason."""
    if len(values):
        for index in pc.indices_nonzero(pc.is_in(cells, value_set=values)).to_pylist():
            reasons.setdefault(index, f"column {column.name}: {cells[index].as_py()[:80]!r} {what}")


def _blank_values(values: pa.Array) -> pa.Array:
    return values.filter(pc.match_substring_regex(values, rf"^\s*(?:{_BLANK})\s*$"))


def has_content(cells: pa.ChunkedArray) -> bool:
    return any(value.strip() for value in pc.unique(cells).to_pylist())


def unmapped_cells(table: pa.Table, headers: Mapping[str, str]) -> pa.Array:
    """One JSON object per row with the cells that are not blank, by the header of their column; null where all are blank."""
    members = [_json_members(table.column(name), header) for name, header in headers.items()]
    joined = pc.utf8_rtrim(pc.binary_join_element_wise(*members, ""), ", ")
    objects = pc.binary_join_element_wise("{", joined, "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), objects)


def _json_members(cells: pa.ChunkedArray, header: str) -> pa.Array:
    """`"header": "cell", ` per row, and nothing for a blank cell."""
    encoded = cells.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    key = json.dumps(header, ensure_ascii=False)
    said = [f"{key}: {json.dumps(value, ensure_ascii=False)}, " if value.strip() else "" for value in values]
    return pa.array(said, pa.string()).take(encoded.indices)


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
    day = re.sub(r"^(\d{1,2})/(\d{1,2})/(\d{4})", lambda us: f"{us[3]}-{us[1]:0>2}-{us[2]:0>2}", re.split("[ T]", text)[0])
    try:
        date.fromisoformat(day)
    except ValueError:
        return True
    return False
