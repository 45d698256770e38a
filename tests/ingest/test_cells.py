"""What certification lets through, the casts of the staging models can read: nothing is dropped, nothing fails later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.contracts.contract import Column, ColumnType
from include.ingest.cells import unmapped_cells, unreadable_rows
from include.settings import REPOSITORY
from tests.ingest.published_totals import read_oracle

BLANKS = ["", " ", "-", "--", "---", ".", "N/A", "na", "nan", "None", "NULL", "Not Available", "not applicable"]
GOOD = {
    ColumnType.CCN: ["015009", "10A123", "67e001", " 015009 "],
    ColumnType.STATE: ["RI", "ri", "NATION", "National", ""],
    ColumnType.FLAG: ["Y", "n", "yes", "No", "TRUE", "0", *BLANKS],
    ColumnType.INTEGER: ["0", "007", "+12", "-5", "12.", "12.00", "999999999", " 3 ", *BLANKS],
    ColumnType.NUMBER: ["1", "-1.5", ".5", "5.", "+3", "1e3", "1.5E-7", *BLANKS],
    ColumnType.HOURS: ["36", "0.00", "-1.25", ".5", "5.", "123456.1200000", *BLANKS],
    ColumnType.USD: ["$6600", "6600.00", "$1,234,567.89", "-5", "$-5", "0", *BLANKS],
    ColumnType.DATE: [
        "2024-04-01",
        "20240401",
        "04/01/2024",
        "2024-02-29",
        "4/1/2024",
        "2024-04-01 00:00:00",
        "2024-04-01T00:00:00.000",
        *BLANKS,
    ],
    ColumnType.TEXT: ["anything", '5" pipe', "\t", ""],
    ColumnType.FOOTNOTE: ["9, 18", "-", ""],
}
BAD = {
    ColumnType.CCN: ["15009", "1", "", "-", "0150099", "01 009", "01500é"],
    ColumnType.STATE: ["Rhode Island", "R", "R1", "-"],
    ColumnType.FLAG: ["maybe", "2", "YN"],
    ColumnType.INTEGER: ["1.5", "1,000", "x", "1e3", "4294967296", "12345678901234567890", "٣", "\t3"],
    ColumnType.NUMBER: ["1,5", "abc", "1.2.3", "inf", "5%", "1 2", "e5", "\t"],
    ColumnType.HOURS: ["8h", "1e3", "0.123", "1234567890123", "--1"],
    ColumnType.USD: ["6600 USD", "$", ",", "1.234.567", "€5", "99999999999999999999"],
    ColumnType.DATE: [
        "2024-02-30",
        "13/01/2024",
        "20241301",
        "2/30/2024",
        "2024-4-1",
        "2024-04-01 06:00:00",
        "2024-02-30T00:00:00",
        "0000-01-01",
        "Oct 2024",
        "00000000",
        "1/2",
        "1/2/3/4",
    ],
}


def refused(column_type: ColumnType, cells: list[str]) -> dict[int, str]:
    return unreadable_rows(pa.table({"cell": pa.array(cells, pa.string())}), [Column(name="cell", type=column_type)])


@pytest.fixture(scope="module")
def cast() -> Any:
    """A cell cast by the very macros of the staging models, in DuckDB."""
    source = (REPOSITORY / "include" / "dbt_healthcare" / "macros" / "cms_types.sql").read_text(encoding="utf-8")
    macros: Any = jinja2.Environment(autoescape=False).from_string(source).module  # noqa: S701 - SQL, not HTML
    connection = duckdb.connect()

    def read(column_type: ColumnType, cell: str) -> Any:
        macro = "default__cms_date" if column_type is ColumnType.DATE else f"cms_{column_type}"
        row = connection.execute(f"select {getattr(macros, macro)('cell')} from (select ? as cell)", [cell]).fetchone()
        assert row is not None
        return row[0]

    return read


@pytest.mark.parametrize("column_type", list(ColumnType))
def test_cells_as_cms_writes_them_are_let_through(column_type: ColumnType) -> None:
    assert refused(column_type, GOOD[column_type]) == {}


@pytest.mark.parametrize("column_type", list(BAD))
def test_each_unreadable_cell_is_refused(column_type: ColumnType) -> None:
    assert sorted(refused(column_type, BAD[column_type])) == list(range(len(BAD[column_type])))


def test_reason_names_column_cell_and_trouble() -> None:
    assert refused(ColumnType.CCN, ["15009"]) == {
        0: "column cell: '15009' is not a CCN of six characters (was a leading zero lost?)"
    }


def test_only_rows_at_fault_are_refused_and_the_first_column_gives_the_reason() -> None:
    table = pa.table({"n": ["1", "x", "2", "x"], "d": ["2024-01-01", "no", "2024-02-30", ""]})
    reasons = unreadable_rows(table, [Column(name="n", type=ColumnType.NUMBER), Column(name="d", type=ColumnType.DATE)])
    assert {row: reason.split(":")[0] for row, reason in reasons.items()} == {1: "column n", 3: "column n", 2: "column d"}


@pytest.mark.parametrize("cell", ["", " ", "Not Available", "-", "nan"])
def test_blank_cell_of_a_required_column_is_refused_with_its_reason(cell: str) -> None:
    column = Column(name="day", type=ColumnType.DATE, required=True)
    reasons = unreadable_rows(pa.table({"day": ["2024-01-01", cell]}), [column])
    assert reasons == {1: f"column day: {cell!r} is blank, and the contract requires a value"}


def test_unmapped_cells_are_kept_as_json_by_header_and_blank_ones_are_none() -> None:
    table = pa.table({"_u1": ['5" pipe', "", " "], "_u2": ["a, b", "é", ""]})
    found = unmapped_cells(table, {"_u1": "Mood", "_u2": 'Say "so"'}).to_pylist()
    assert [json.loads(cell) if cell else None for cell in found] == [
        {"Mood": '5" pipe', 'Say "so"': "a, b"},
        {'Say "so"': "é"},
        None,
    ]


@pytest.mark.parametrize("column_type", list(GOOD))
def test_what_is_let_through_can_be_cast(column_type: ColumnType, cast: Any) -> None:
    values = {cell: cast(column_type, cell) for cell in GOOD[column_type]}
    lost = [cell for cell, value in values.items() if value is None and cell not in BLANKS]
    assert lost in ([], ["\t"] if column_type is ColumnType.TEXT else [])


@settings(max_examples=200, deadline=None)
@given(
    column_type=st.sampled_from(sorted(BAD)),
    cell=st.one_of(
        st.text(alphabet="0123456789.,-+$eE/ ", max_size=12),
        st.text(alphabet="NnAaUuLlYyTtRrEeOoSsFfI/.- \t", max_size=6),
        st.from_regex(r"\A[12]\d{3}-?[01]\d-?[0-3]\d\Z"),
        st.from_regex(r"\A[01]\d/[0-3]\d/\d{4}\Z"),
    ),
)
def test_no_cell_that_is_let_through_makes_a_cast_fail(column_type: ColumnType, cell: str, cast: Any) -> None:
    is_blank = cell.strip().upper() in {blank.upper() for blank in BLANKS}
    assert refused(column_type, [cell]) or is_blank or cast(column_type, cell) is not None


def test_two_decimals_are_what_cms_writes(cms_files: Path) -> None:
    """Each published sum of a state's quarter ends at the second decimal; of hours with a third one, nine in ten would not."""
    sums = {
        (*key, column): value
        for key, figures in read_oracle(cms_files.parent / "oracle").items()
        for column, value in figures.items()
        if column.endswith("_Hours")
    }
    assert len(sums) == 6 * 1958
    assert {key for key, value in sums.items() if abs(value - round(value, 2)) > 1e-5} == set()
