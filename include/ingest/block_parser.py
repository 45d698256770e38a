"""Parses blocks of CSV records into all-text Arrow tables; records with too many or too few cells are put aside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from include.ingest.errors import RecordCountError
from include.ingest.record_scanner import Block, Reject


def parse_block(file_name: str, block: Block, columns: Sequence[str]) -> tuple[pa.Table, pa.Array, list[Reject]]:
    """The rows under the given column names, the file line of each row, and the ragged records with their reason.

    Raises RecordCountError when the parser sees other records than the independent count: lines could not be trusted then.
    """
    if not len(block.lines):
        return pa.table({name: pa.array([], pa.string()) for name in columns}), pa.array([], pa.int64()), []
    ragged: list[pa_csv.InvalidRow] = []

    def put_aside(row: pa_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    table = pa_csv.read_csv(
        pa.BufferReader(block.text),
        # One thread, because only then does Arrow tell which row was ragged; one chunk, so that no record straddles two.
        read_options=pa_csv.ReadOptions(column_names=list(columns), use_threads=False, block_size=len(block.text) + 1),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=put_aside),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in columns}, strings_can_be_null=False, check_utf8=False
        ),
    ).combine_chunks()
    if table.num_rows + len(ragged) != len(block.lines):
        raise RecordCountError(file_name, len(block.lines), table.num_rows, len(ragged))
    indices = [row.number - 1 for row in ragged]
    rejects = [
        Reject(int(block.lines[i]), f"has {row.actual_columns} cells, the header has {row.expected_columns}", block.record(i))
        for i, row in zip(indices, ragged, strict=True)
    ]
    return table, pa.array(np.delete(block.lines, indices)), rejects
