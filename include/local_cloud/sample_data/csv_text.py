"""Writes columns as CMS writes them: which cells are quoted, which line ends, which bytes. Whole blocks, not rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.cms_contracts.contract import ColumnType
from include.local_cloud.sample_data.calendars import Days, Vintage
from include.local_cloud.sample_data.layouts import Layout, layout_of

Text = str | bytes | None
#: Rows joined at once: bounds the memory of the largest file.
BLOCK = 131_072
#: Hours below this come from one shared table.
_COMMON_CENTS = 100_000
_MAY_NEED_QUOTES = {ColumnType.TEXT, ColumnType.FOOTNOTE, ColumnType.CCN}


class Cells(Protocol):
    """One column, ready to be cut into blocks of bytes; null is a blank cell."""

    def __len__(self) -> int: ...

    def block(self, start: int, stop: int, quote: Quoting) -> Any: ...


class Quoting(Protocol):
    def __call__(self, cells: Any) -> Any: ...


def _binary(values: Sequence[Text]) -> Any:
    return pa.array([v.encode("cp1252") if isinstance(v, str) else v for v in values], pa.binary())


class Pooled:
    """Text that repeats: a pool of distinct values and the position in it of each row (-1 = blank)."""

    def __init__(self, pool: Sequence[Text], codes: NDArray[Any]) -> None:
        self._pool, self._codes = _binary(pool), np.asarray(codes, dtype=np.int32)
        self._quoted: dict[int, Any] = {}

    @classmethod
    def of(cls, pool: Any, codes: NDArray[Any]) -> Pooled:
        """For a pool that is an Arrow array of bytes already."""
        column = cls([], codes)
        column._pool = pool
        return column

    def __len__(self) -> int:
        return len(self._codes)

    def at(self, rows: NDArray[Any]) -> Pooled:
        """The same column for other rows: `rows` points into the rows of this one."""
        other = object.__new__(Pooled)
        other._pool, other._codes, other._quoted = self._pool, self._codes[rows], self._quoted
        return other

    def block(self, start: int, stop: int, quote: Quoting) -> Any:
        pool = self._quoted.setdefault(id(quote), quote(self._pool))
        codes = self._codes[start:stop]
        return pool.take(pa.array(codes, mask=codes < 0))


def text(values: Sequence[Text]) -> Pooled:
    """A column of text without repetition worth pooling."""
    return Pooled(values, np.arange(len(values)))


def constant(value: Text, rows: int) -> Pooled:
    return Pooled([value], np.zeros(rows))


def choice(pool: Sequence[Text], codes: NDArray[Any]) -> Pooled:
    return Pooled(pool, codes)


def flags(values: NDArray[np.bool_]) -> Pooled:
    return Pooled(["N", "Y"], values)


def dates(values: Days, pattern: str = "%Y-%m-%d") -> Pooled:
    """NaT is blank."""
    distinct, codes = np.unique(values.astype("datetime64[D]"), return_inverse=True)
    known = ~np.isnat(distinct)
    pool = [day.strftime(pattern) if ok else None for day, ok in zip(distinct.tolist(), known, strict=True)]
    return Pooled(pool, codes.reshape(-1))


@cache
def _hundredths(limit: int) -> Any:
    cents = np.arange(limit)
    written = Fixed(cents / 100, 2).block(0, limit, quote_none).cast(pa.string())
    return pc.utf8_rtrim(pc.utf8_rtrim(written, "0"), ".").cast(pa.binary())


def hours(cents: NDArray[np.int64]) -> Pooled:
    """Hours in hundredths, written as PBJ does: 8, 10.4, 10.77."""
    if cents.max(initial=0) < _COMMON_CENTS:
        return Pooled.of(_hundredths(_COMMON_CENTS), cents)
    distinct, codes = np.unique(cents, return_inverse=True)
    return Pooled([f"{value / 100:.2f}".rstrip("0").rstrip(".") for value in distinct], codes.reshape(-1))


class Fixed:
    """Numbers with a fixed count of decimals; NaN is written as `blank`."""

    def __init__(self, values: NDArray[Any], places: int = 0, blank: Text = None) -> None:
        self._values, self._places = np.asarray(values, dtype=np.float64), places
        self._blank = blank.encode() if isinstance(blank, str) else blank

    def __len__(self) -> int:
        return len(self._values)

    def block(self, start: int, stop: int, quote: Quoting) -> Any:
        values = self._values[start:stop]
        missing = np.isnan(values)
        scaled = np.rint(np.abs(np.where(missing, 0.0, values)) * 10.0**self._places).astype(np.int64)
        whole, part = np.divmod(scaled, 10**self._places)
        sign = pa.array(["", "-"]).take(pa.array(((values < 0) & (scaled > 0)).astype(np.int8)))
        pieces = [sign, pa.array(whole).cast(pa.string())]
        if self._places:
            pieces += [".", pc.utf8_lpad(pa.array(part).cast(pa.string()), self._places, "0")]
        joined = pc.binary_join_element_wise(*pieces, "").cast(pa.binary())
        return quote(pc.if_else(pa.array(missing), pa.scalar(self._blank, pa.binary()), joined))


def interleaved(columns: Sequence[Cells]) -> Pooled:
    """Turns columns of one element a facility into one column: all values of the first facility, then of the next."""
    rows, width = len(columns[0]), len(columns)
    pool = pa.concat_arrays([column.block(0, rows, quote_none) for column in columns])
    codes = np.arange(rows)[:, None] + np.arange(width)[None, :] * rows
    return Pooled.of(pool, codes.reshape(-1))


def whole(values: NDArray[Any], blank: Text = None) -> Fixed:
    return Fixed(values, 0, blank)


def quote_all(cells: Any) -> Any:
    """A blank cell stays without quotes, as CMS has it."""
    doubled = pc.replace_substring(cells, pattern=b'"', replacement=b'""')
    return pc.binary_join_element_wise(b'"', doubled, b'"', b"")


def quote_needed(cells: Any) -> Any:
    special = pc.match_substring_regex(cells, '[,"\r\n]')
    return pc.if_else(special, quote_all(cells), cells)


def quote_none(cells: Any) -> Any:
    return cells


@dataclass(frozen=True)
class FileStyle:
    """How one family's files are written."""

    quoted: frozenset[str] = frozenset()
    all_quoted: bool = False
    header_quoted: bool = True
    header_lower: bool = False
    line_end: str = "\r\n"
    bom: bool = False
    trailing_blank_line: bool = False

    def quoting_of(self, name: str, column_type: ColumnType) -> Quoting:
        if self.all_quoted or name in self.quoted:
            return quote_all
        return quote_needed if column_type in _MAY_NEED_QUOTES else quote_none


def write_file(folder: Path, family: str, vintage: Vintage, style: FileStyle, columns: Mapping[str, Cells]) -> Path:
    """A file as CMS named and laid it out in that vintage; `columns` may be more than it had."""
    layout = layout_of(family, vintage)
    path = folder / layout.file_name
    with CsvFile(path, layout, style) as file:
        file.write(columns)
    return path


@dataclass
class CsvFile:
    """One file being written; blocks of rows may be added one after another."""

    path: Path
    layout: Layout
    style: FileStyle
    rows: int = 0
    _file: BinaryIO | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        self._file = self.path.open("wb")
        headers = self.layout.headers.values()
        shown = [header.lower() if self.style.header_lower else header for header in headers]
        line = ",".join(f'"{header}"' if self.style.header_quoted else header for header in shown)
        self._file.write((b"\xef\xbb\xbf" if self.style.bom else b"") + (line + self.style.line_end).encode())
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            if self.style.trailing_blank_line:
                self._file.write(self.style.line_end.encode())
            self._file.close()

    @property
    def _open_file(self) -> BinaryIO:
        if self._file is None:
            raise ValueError(f"{self.path.name}: write only inside of `with`")
        return self._file

    @cached_property
    def _types(self) -> dict[str, ColumnType]:
        return {column.name: column.type for column in self.layout.contract.columns}

    def write(self, columns: Mapping[str, Cells]) -> None:
        names = list(self.layout.headers)
        if missing := set(names) - set(columns):
            raise ValueError(f"{self.path.name}: no values for {[self.layout.headers[name] for name in sorted(missing)]}")
        rows = len(columns[names[0]])
        for start in range(0, rows, BLOCK):
            self._write_block(names, columns, start, min(start + BLOCK, rows))
        self.rows += rows

    def _write_block(self, names: list[str], columns: Mapping[str, Cells], start: int, stop: int) -> None:
        cells = [columns[name].block(start, stop, self.style.quoting_of(name, self._types[name])) for name in names]
        lines = pc.binary_join_element_wise(*cells, b",", null_handling="replace", null_replacement=b"")
        ended = pc.binary_join_element_wise(lines, self.style.line_end.encode(), b"")
        _, offsets, data = ended.buffers()
        first, last = np.frombuffer(offsets, dtype=np.int32)[[ended.offset, ended.offset + len(ended)]]
        self._open_file.write(memoryview(data)[first:last])
