"""Writes the rows of a family as CMS writes them: which cells are quoted, which line ends, which bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from include.contracts.contract import ColumnType
from local.sample.calendars import Vintage
from local.sample.layouts import FamilyFile, Layout, layout_of
from local.sample.world import World

_ROWS_AT_ONCE = 50_000
_Value = TypeVar("_Value")
LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
_MAY_NEED_QUOTES = (ColumnType.TEXT, ColumnType.FOOTNOTE, ColumnType.CCN)


def write_family(world: World, family: str, vintage: Vintage, folder: Path) -> Path:
    """The file as CMS named and laid it out in that vintage."""
    layout = layout_of(family, vintage)
    path = folder / layout.file_name
    write_rows(path, layout, world, layout.family.encoding or vintage.encoding)
    return path


def write_rows(path: Path, layout: Layout, world: World, encoding: str, *, bom: bool = False, lower: bool = False) -> None:
    end = LINE_ENDS[layout.family.line_end]
    with path.open("wb") as file:
        file.write((b"\xef\xbb\xbf" if bom else b"") + (header_line(layout, lower=lower) + end).encode())
        for lines in line_batches(layout, world):
            file.write("".join(line + end for line in lines).encode(encoding))
        file.write(end.encode() if layout.family.ends_with_blank_line else b"")


def header_line(layout: Layout, *, lower: bool = False) -> str:
    line = ",".join(f'"{header}"' if layout.family.header_quoted else header for header in layout.headers.values())
    return line.lower() if lower else line


def line_batches(layout: Layout, world: World) -> Iterator[list[str]]:
    types = {column.name: column.type for column in layout.contract.columns}
    cells = (f"coalesce({_cell(layout.family, name, types[name])}, '')" for name in layout.headers)
    query = f"select concat_ws(',', {', '.join(cells)}) from ({layout.rows})"
    for batch in world.duckdb.sql(query).to_arrow_reader(_ROWS_AT_ONCE):
        yield batch.column(0).to_pylist()


def _cell(family: FamilyFile, name: str, column_type: ColumnType) -> str:
    written = _written(family, name, column_type)
    if name in family.quoted or (family.unquoted is not None and name not in family.unquoted):
        return f"quoted({written})"
    return f"quoted_where_needed({written})" if column_type in _MAY_NEED_QUOTES else written


def _written(family: FamilyFile, name: str, column_type: ColumnType) -> str:
    """The cell as text, null where it is blank."""
    functions = {ColumnType.FLAG: "yes_no({})", ColumnType.USD: "dollars({})"}
    written = functions.get(column_type, "{}::varchar").format(name)
    if (places := _by_ending(family.places, name)) is not None:
        written = f"fixed({name}, {places})"
    blank = _by_ending(family.blanks, name)
    return written if blank is None else f"coalesce({written}, '{blank}')"


def _by_ending(values: Mapping[str, _Value], name: str) -> _Value | None:
    """The longest ending counts."""
    found = max((ending for ending in values if name.endswith(ending)), key=len, default=None)
    return None if found is None else values[found]
