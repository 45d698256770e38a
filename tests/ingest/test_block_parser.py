"""The parser sees the records that the independent count sees, and their text exactly as Python's csv module does."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.ingest.block_parser import parse_block
from include.ingest.errors import RecordCountError, UnclosedQuoteError
from include.ingest.record_scanner import Block, Reject, read_blocks

COLUMNS = ("a", "b", "c")


def only_block(content: bytes, encoding: str = "utf-8") -> Block:
    (block,) = read_blocks("a.csv", [content], encoding)
    return block


def parsed(content: bytes) -> tuple[list[list[str]], list[int], list[Reject]]:
    table, lines, ragged = parse_block("a.csv", only_block(content), COLUMNS)
    return [list(row.values()) for row in table.to_pylist()], lines.to_pylist(), ragged


@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet='ab,,"\n\réß€ ', min_size=1, max_size=60), encoding=st.sampled_from(["utf-8", "cp1252"]))
def test_any_text_is_read_as_pythons_csv_module_reads_it_or_refused_by_name(text: str, encoding: str) -> None:
    try:
        block = only_block(f"1,2,3\n{text}\n".encode(encoding), encoding)
    except UnclosedQuoteError:
        return
    records = [next(csv.reader(io.StringIO(block.record(at), newline=""))) for at in range(len(block.lines))]
    expected = dict(zip(block.lines.tolist(), records, strict=True))
    try:
        table, lines, ragged = parse_block("a.csv", block, COLUMNS)
    except RecordCountError:
        assert "\r" in text, "only a carriage return behind a stray quote may confuse the parser"
        return
    read = [list(row.values()) for row in table.to_pylist()]
    assert dict(zip(lines.to_pylist(), read, strict=True)) == {line: cells for line, cells in expected.items() if len(cells) == 3}
    assert {reject.source_row for reject in ragged} == {line for line, cells in expected.items() if len(cells) != 3}


def test_ragged_records_are_put_aside_with_line_reason_and_raw_text() -> None:
    rows, lines, ragged = parsed(b'1,2,3\n4,5\n6,"7\n8",9\n10,11,12,13\n14,15,16\n')
    assert rows == [["1", "2", "3"], ["6", "7\n8", "9"], ["14", "15", "16"]]
    assert lines == [1, 3, 6]
    assert ragged == [
        Reject(2, "has 2 cells, the header has 3", "4,5"),
        Reject(5, "has 4 cells, the header has 3", "10,11,12,13"),
    ]


def test_every_record_ragged() -> None:
    rows, lines, ragged = parsed(b"1,2\n3,4\n")
    assert (rows, lines, [reject.source_row for reject in ragged]) == ([], [], [1, 2])


def test_cells_stay_text_as_they_stand() -> None:
    rows, _, _ = parsed(b'007,"",NULL\n 1 ,1.50,"NA"\n')
    assert rows == [["007", "", "NULL"], [" 1 ", "1.50", "NA"]]


def test_parser_that_sees_other_records_than_the_count_is_an_error() -> None:
    whole = only_block(b"1,2,3\n4,5,6\n")
    miscounted = Block(whole.text, whole.lines[:1], whole.ends[:1], 1)
    with pytest.raises(RecordCountError, match=r"1 records by the independent count, but 2 were parsed"):
        parse_block("a.csv", miscounted, COLUMNS)
