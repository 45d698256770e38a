"""Cuts the bytes of a CSV file into records, counts them and puts unreadable ones aside; parses no cell.

This is the independent count that the parser's result is held against: it shares no code with the parser. It works on
blocks of whole records, so memory stays flat whatever the size of the file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from include.ingest.errors import UnclosedQuoteError

BLOCK_BYTES = 16 * 1024 * 1024
LONGEST_RECORD_BYTES = 8 * 1024 * 1024
_LONGEST_SHOWN = 200

_EMPTY_CELL = rb'(?:[ \t]*|"[ \t]*"[ \t]*)'
_EMPTY_CELLS = re.compile(_EMPTY_CELL + rb"(?:," + _EMPTY_CELL + rb")*\r?\n")
_BEGINS_EMPTY = np.frombuffer(b', "\t\r\n', dtype=np.uint8)
_QUOTE, _NEWLINE, _RETURN, _COMMA = map(ord, '"\n\r,')
# A record whose quotation marks are not all at the edges of a cell: only a mark at the start of a cell opens a quote.
# Each cell can be read in one way only, so a quote that is not closed yet is found out in one pass. (Possessive quantifiers would
# say so too, but in Python 3.11.2 they match what they must not.)
_CELL = rb'(?:"[^"]*(?:""[^"]*)*"(?!")[^,\n]*|(?!")[^,\n]*)'
_RECORD = re.compile(_CELL + rb"(?:," + _CELL + rb")*\n")
_LONE_RETURN = re.compile(rb"\r(?!\n)")

Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reject:
    """A record that is not loaded: where it begins (line of the file), why, and the record as it stands there."""

    source_row: int
    reason: str
    raw_line: str

    def __str__(self) -> str:
        return f"line {self.source_row}: {self.reason[:_LONGEST_SHOWN]}"


@dataclass
class Block:
    """Whole records as UTF-8; `lines[i]` is the line of the file on which record i begins, `ends[i]` where it stops."""

    text: bytes
    lines: Offsets
    ends: Offsets
    counted: int
    rejects: list[Reject] = field(default_factory=list)

    def record(self, index: int) -> str:
        start = int(self.ends[index - 1]) if index else 0
        return self.text[start : int(self.ends[index])].decode("utf-8").rstrip("\r\n")

    def without_first(self) -> Block:
        """The block behind its first record: behind the header."""
        size = int(self.ends[0])
        return Block(self.text[size:], self.lines[1:], self.ends[1:] - size, self.counted - 1, self.rejects)


def detect_encoding(chunks: Iterable[bytes]) -> str:
    """`utf-8` or `cp1252`: a file with a BOM is UTF-8 whatever else it holds; else UTF-8 if all of it decodes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for number, chunk in enumerate(chunks):
        if number == 0 and chunk.startswith(codecs.BOM_UTF8):
            return "utf-8"
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            return "cp1252"
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def read_blocks(file_name: str, chunks: Iterable[bytes], encoding: str) -> Iterator[Block]:
    """Blocks of whole records, in order; the first record of the first block is the header.

    Blank lines and lines of empty cells are no records. Records with NUL bytes, lone carriage returns or undecodable bytes are
    put aside.
    Raises UnclosedQuoteError for a record that does not end.
    """
    line = 1
    for text, ends in _whole_records(file_name, chunks, lambda: line):  # noqa: B023 - the line that has been reached by then
        block, newlines = _cut(text, ends, line, encoding)
        line += newlines
        yield block


def _whole_records(file_name: str, chunks: Iterable[bytes], next_line: Callable[[], int]) -> Iterator[tuple[bytes, Offsets]]:
    """`next_line` says on which line of the file the text begins that has not been given yet."""
    tail = b""
    for number, chunk in enumerate(chunks):
        text = tail + (chunk.removeprefix(codecs.BOM_UTF8) if number == 0 else chunk)
        ends = _record_ends(text)
        whole = int(ends[-1]) if len(ends) else 0
        if whole:
            yield text[:whole], ends
        tail = text[whole:]
        if len(tail) > LONGEST_RECORD_BYTES:
            raise UnclosedQuoteError(file_name, next_line(), len(tail))
    if tail:
        last = tail + b"\n"
        ends = _record_ends(last)
        if not len(ends) or int(ends[-1]) != len(last):
            begun = next_line() + last.count(b"\n", 0, int(ends[-1]) if len(ends) else 0)
            raise UnclosedQuoteError(file_name, begun, len(tail))
        yield last, ends


def _record_ends(text: bytes) -> Offsets:
    """Offsets behind each newline that ends a record, that is, which stands in no quoted cell."""
    data = np.frombuffer(text, dtype=np.uint8)
    newlines = np.flatnonzero(data == _NEWLINE)
    if b'"' not in text:
        return newlines + 1
    quotes = np.flatnonzero(data == _QUOTE)
    if _has_stray_quote(data, quotes):
        return np.fromiter(_ends_one_by_one(text), dtype=np.int64)
    is_outside = np.searchsorted(quotes, newlines) % 2 == 0
    ends: Offsets = newlines[is_outside] + 1
    return ends


def _ends_one_by_one(text: bytes) -> Iterator[int]:
    """Each record begins where the one before it ended; the first that does not end is the last of the block."""
    end = 0
    while found := _RECORD.match(text, end):
        end = found.end()
        yield end


def _has_stray_quote(data: npt.NDArray[np.uint8], quotes: Offsets) -> bool:
    """Whether some mark that would open a quote stands within a cell, where it is only a character (5" pipe)."""
    opening = quotes[::2]
    before = data[np.maximum(opening - 1, 0)]
    is_at_start = (opening == 0) | (before == _COMMA) | (before == _NEWLINE) | (before == _QUOTE)
    return not bool(is_at_start.all())


def _cut(text: bytes, ends: Offsets, first_line: int, encoding: str) -> tuple[Block, int]:
    starts = np.concatenate(([0], ends[:-1]))
    newlines = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _NEWLINE)
    lines = first_line + np.searchsorted(newlines, starts)
    lengths = ends - starts
    is_blank = lengths == 1
    for index in _candidates_for_blank(text, starts, lengths):
        is_blank[index] = _EMPTY_CELLS.fullmatch(text, starts[index], ends[index]) is not None
    reasons = dict.fromkeys(_with_lone_returns(text, starts, ends, newlines), "holds a carriage return that ends no line")
    reasons |= _unreadable(text, starts, ends, is_blank, encoding)
    rejects = [
        Reject(int(lines[i]), reason, text[starts[i] : ends[i]].decode(encoding, "backslashreplace").rstrip("\r\n"))
        for i, reason in sorted(reasons.items())
    ]
    keep = ~is_blank
    keep[list(reasons)] = False
    counted = int(np.count_nonzero(~is_blank))
    kept, kept_ends = _keep(text, starts, ends, keep, encoding)
    return Block(kept, lines[keep], kept_ends, counted, rejects), int(newlines.size)


def _candidates_for_blank(text: bytes, starts: Offsets, lengths: Offsets) -> Offsets:
    """Records that begin as a line of empty cells does: Excel and others write such lines behind the last record."""
    data = np.frombuffer(text, dtype=np.uint8)
    first, second = data[starts], data[starts + np.minimum(lengths - 1, 1)]
    return np.flatnonzero(np.isin(first, _BEGINS_EMPTY) & np.isin(second, _BEGINS_EMPTY) & (lengths > 1))


def _unreadable(text: bytes, starts: Offsets, ends: Offsets, is_blank: npt.NDArray[np.bool_], encoding: str) -> dict[int, str]:
    """Why a record cannot be read as text, by index; a look at each record only when the block as a whole fails."""
    reasons: dict[int, str] = {}
    at = text.find(b"\0")
    while at >= 0:
        index = int(np.searchsorted(ends, at, side="right"))
        reasons[index] = "holds a NUL byte"
        at = text.find(b"\0", int(ends[index]))
    if _is_readable(text, encoding):
        return reasons
    for record in np.flatnonzero(~is_blank):
        try:
            text[starts[record] : ends[record]].decode(encoding)
        except UnicodeDecodeError as error:
            reasons[int(record)] = f"byte 0x{error.object[error.start]:02x} cannot be read as {encoding}"
    return reasons


def _with_lone_returns(text: bytes, starts: Offsets, ends: Offsets, newlines: Offsets) -> Iterator[int]:
    """Records with a carriage return outside quotes and not before a newline: half of all readers end a line there."""
    returns = text.count(b"\r")
    if returns == np.count_nonzero(np.frombuffer(text, dtype=np.uint8)[np.maximum(newlines - 1, 0)] == _RETURN):
        return
    at = 0
    while found := _LONE_RETURN.search(text, at):
        index = int(np.searchsorted(ends, found.start(), side="right"))
        if is_outside := text.count(b'"', int(starts[index]), found.start()) % 2 == 0:
            yield index
        at = int(ends[index]) if is_outside else found.end()


def _is_readable(text: bytes, encoding: str) -> bool:
    if encoding == "cp1252":
        return not any(byte in text for byte in _UNDEFINED_IN_CP1252)
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _keep(text: bytes, starts: Offsets, ends: Offsets, keep: npt.NDArray[np.bool_], encoding: str) -> tuple[bytes, Offsets]:
    if not keep.all():
        text = b"".join(text[starts[i] : ends[i]] for i in np.flatnonzero(keep))
        ends = np.cumsum((ends - starts)[keep])
    if encoding == "utf-8" or text.isascii():
        return text, ends
    return _as_utf8(text, ends)


def _as_utf8(text: bytes, ends: Offsets) -> tuple[bytes, Offsets]:
    """cp1252 as UTF-8, and where the records then end: a byte beyond ASCII becomes two or three."""
    data = np.frombuffer(text, dtype=np.uint8)
    wide = np.flatnonzero(data >= 128)
    edges = [0, *(wide + 1).tolist()]
    pieces = [text[start : stop - 1] + _CP1252_AS_UTF8[text[stop - 1]] for start, stop in pairwise(edges)]
    grown = np.concatenate(([0], np.cumsum(_CP1252_WIDTHS[data[wide]] - 1, dtype=np.int64)))
    shifted: Offsets = ends + grown[np.searchsorted(wide, ends)]
    return b"".join([*pieces, text[edges[-1] :]]), shifted


_CP1252_AS_UTF8 = [bytes([byte]).decode("cp1252", "replace").encode() for byte in range(256)]
_CP1252_WIDTHS = np.array([len(text) for text in _CP1252_AS_UTF8])
_UNDEFINED_IN_CP1252 = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
