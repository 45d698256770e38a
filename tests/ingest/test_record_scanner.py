"""The independent count: records cut as Python's csv module reads them, whatever the blocks, with the line of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.ingest.errors import UnclosedQuoteError
from include.ingest.record_scanner import Block, detect_encoding, read_blocks

#: Letters of cp1252 beyond ASCII, and all that makes CSV hard.
CELL = st.text(alphabet='ab,"\n\r éÉ€ß–0', max_size=8)
ROW = st.lists(CELL, min_size=2, max_size=4)


def blocks_of(content: bytes, block_bytes: int = 1 << 20, encoding: str | None = None) -> list[Block]:
    chunks = [content[at : at + block_bytes] for at in range(0, len(content), block_bytes)]
    return list(read_blocks("a.csv", chunks, encoding or detect_encoding(chunks)))


def records_of(blocks: Sequence[Block]) -> list[tuple[int, str]]:
    return [(int(line), block.record(at)) for block in blocks for at, line in enumerate(block.lines)]


def count(blocks: Sequence[Block]) -> int:
    return sum(block.counted for block in blocks)


def python_rows(text: str) -> list[list[str]]:
    """What Python's own reader sees, without blank lines and lines of empty cells."""
    return [row for row in csv.reader(io.StringIO(text, newline="")) if any(cell.strip(" \t") for cell in row)]


def is_unclosed(text: str) -> bool:
    """What comes behind it is no record of its own."""
    return python_rows(text + "\nx")[-1] != ["x"]


def written(rows: list[list[str]], line_end: str, *, quotes_all: bool) -> str:
    """By hand: the csv module of Python 3.11 leaves carriage returns unquoted."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quotes_all or set(text) & set('",\r\n') else text

    return "".join(",".join(map(cell, row)) + line_end for row in rows)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(ROW, min_size=1, max_size=8),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quotes_all=st.booleans(),
    encoding=st.sampled_from(["utf-8", "cp1252"]),
    block_bytes=st.integers(min_value=1, max_value=40),
    ends_with_newline=st.booleans(),
)
def test_count_and_cells_are_those_of_pythons_csv_module_whatever_the_blocks(
    rows: list[list[str]], line_end: str, quotes_all: bool, encoding: str, block_bytes: int, ends_with_newline: bool
) -> None:
    text = written(rows, line_end, quotes_all=quotes_all)
    text = text if ends_with_newline else text.removesuffix(line_end)
    blocks = blocks_of(text.encode(encoding), block_bytes, encoding)
    expected = python_rows(text)
    assert count(blocks) == len(expected)
    assert [next(csv.reader(io.StringIO(record, newline=""))) for _, record in records_of(blocks)] == expected


@settings(max_examples=500, deadline=None)
@given(text=st.text(alphabet='a,"\n', max_size=40), block_bytes=st.integers(min_value=1, max_value=50))
@example(text='5" a,1\n"b\nc",2\n', block_bytes=12)  # a quoted newline at the edge of a block that has a stray quote
@example(text='a"\n",\n"', block_bytes=4)
@example(text='a","', block_bytes=1)
def test_stray_quotes_count_as_pythons_csv_module_counts_them(text: str, block_bytes: int) -> None:
    if is_unclosed(text):
        with pytest.raises(UnclosedQuoteError):
            blocks_of(text.encode(), block_bytes)
    else:
        assert count(blocks_of(text.encode(), block_bytes)) == len(python_rows(text))


@pytest.mark.timeout(60)
def test_many_quoted_cells_behind_a_stray_quote_come_to_an_end() -> None:
    """A record that is cut by the edge of a block must not be tried in 2^n ways."""
    content = b'5" pipe,1\n' + b",".join([b'"x ""y"" z"'] * 200)
    assert count(blocks_of(content + b"\n", block_bytes=len(content) - 3)) == 2


def test_line_numbers_are_right_behind_quoted_newlines_and_blank_lines() -> None:
    content = b'h,i\n\n1,"two\nlines\n"\n\r\n2,x\n"\n",\n3,y'
    for block_bytes in (3, 7, 1000):
        assert [line for line, _ in records_of(blocks_of(content, block_bytes))] == [1, 3, 7, 8, 10]


def test_mixed_line_ends_and_no_newline_at_the_end() -> None:
    assert records_of(blocks_of(b"a,b\r\n1,2\n3,4\r\n5,6")) == [(1, "a,b"), (2, "1,2"), (3, "3,4"), (4, "5,6")]


def test_byte_order_mark_is_no_part_of_the_first_record() -> None:
    assert records_of(blocks_of(b'\xef\xbb\xbf"a",b\n1,2\n')) == [(1, '"a",b'), (2, "1,2")]


def test_blank_lines_are_no_records() -> None:
    assert count(blocks_of(b"\n\r\n\na,b\n\n\n1,2\n\r\n\n")) == 2


@pytest.mark.parametrize("content", [b'a,b\n1,"2\n3,4\n', b'a,b\n1,"2', b'a,b\n5" pipe,"x\ny\n', b'"'])
def test_quote_that_is_not_closed_is_an_error_that_names_the_line(content: bytes) -> None:
    line = 1 if content == b'"' else 2
    with pytest.raises(UnclosedQuoteError, match=f"begins at line {line} "):
        blocks_of(content)


def test_record_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.ingest.record_scanner.LONGEST_RECORD_BYTES", 1000)
    chunks = iter([b"x" * 100] * 1000)
    with pytest.raises(UnclosedQuoteError, match=r"line 1 .*does not end within 1,100 bytes"):
        list(read_blocks("a.csv", chunks, "utf-8"))
    assert len(list(chunks)) == 1000 - 11


def test_unreadable_records_are_put_aside_with_line_and_reason() -> None:
    content = b"a,b\n1,\x00\n2,\x81\n3,\xe9\n4,ok\n"
    (block,) = blocks_of(content)
    assert block.counted == 5
    assert [(reject.source_row, reject.reason) for reject in block.rejects] == [
        (2, "holds a NUL byte"),
        (3, "byte 0x81 cannot be read as cp1252"),
    ]
    assert block.rejects[1].raw_line == "2,\\x81"
    assert records_of([block]) == [(1, "a,b"), (4, "3,é"), (5, "4,ok")]


def test_file_with_byte_order_mark_is_utf8_and_its_broken_bytes_are_rejected() -> None:
    (block,) = blocks_of("\ufeffa,b\n1,é\n".encode() + b"2,\xe9\n")
    assert [(reject.source_row, reject.reason) for reject in block.rejects] == [(3, "byte 0xe9 cannot be read as utf-8")]
    assert records_of([block])[1] == (2, "1,é")


@pytest.mark.parametrize(
    ("record", "is_refused"), [(b"1,x\ry", True), (b'1,"x\ry"', False), (b"1,x\r", False), (b'"1",x\ry,"z"', True)]
)
def test_carriage_return_that_ends_no_line_is_refused_outside_quotes(record: bytes, is_refused: bool) -> None:
    blocks = blocks_of(b"a,b\r\n" + record + b"\n2,3\n")
    assert [reject.source_row for block in blocks for reject in block.rejects] == ([2] if is_refused else [])
    assert count(blocks) == 3


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", "utf-8"),
        ("é€".encode(), "utf-8"),
        ("é€".encode("cp1252"), "cp1252"),
        (b"\xef\xbb\xbf\xe9", "utf-8"),
        (b"cut \xc3", "cp1252"),
        (b"", "utf-8"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 100])
def test_encoding(content: bytes, encoding: str, chunk_bytes: int) -> None:
    if content.startswith(b"\xef\xbb\xbf"):
        chunk_bytes = 100  # real blocks are never smaller than a byte order mark
    assert detect_encoding(content[at : at + chunk_bytes] for at in range(0, len(content), chunk_bytes)) == encoding


def test_count_of_every_genuine_file_is_that_of_pythons_csv_module(cms_files: Path) -> None:
    for path in sorted(cms_files.rglob("*.csv")):
        content = path.read_bytes()
        encoding = detect_encoding([content])
        expected = python_rows(content.decode("utf-8-sig" if encoding == "utf-8" else encoding))
        assert count(blocks_of(content, 100_003)) == len(expected), path.name
