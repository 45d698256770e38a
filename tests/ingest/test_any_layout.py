"""Whatever CMS does to the layout of a file: every cell is found again in bronze, or a refusal names the column.

The file is made from a model that says where each cell belongs; the header's mapping is not asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.contracts.contract import Column, ColumnType, Contract, load_contract
from include.contracts.errors import BadFileError, DoubledColumnsError, MissingColumnsError
from include.contracts.header import fold, published_in
from include.ingest.certify import certify_table
from include.ingest.errors import NothingCertifiedError
from include.ingest.file_version import FileVersion
from tests.contracts.invented import invented_cell
from tests.contracts.test_header import LATE_2024

#: A wide one, one with a key of four columns, two without a key, one with years in its header, one with hours.
FAMILIES = (
    "nh_provider_info",
    "nh_survey_dates",
    "nh_penalties",
    "nh_ownership",
    "nh_quality_msr_mds",
    "snf_vbp_facility_performance",
    "pbj_daily_nurse_staffing",
)
RECASED: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    str.upper,
    lambda name: name.replace(" ", "_"),
    lambda name: name.replace(" ", "\n"),
    lambda name: f" {name} ",
)
NEW_NAMES = ("Color", "color", "", "(column 3)", "Color (column 1)", 'Rate, "adjusted"', "back\\slash", "two\nlines", "Größe")
WORDS = st.sampled_from(NEW_NAMES) | st.text("abcXYZ019 _-/()%", max_size=20)
CELLS = st.text('abc 019,"\n\\{}:éñß', max_size=12)
UNREADABLE = "neither a number nor a day"
TYPED = {ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.HOURS, ColumnType.USD, ColumnType.DATE, ColumnType.FLAG}


@dataclass(frozen=True)
class Place:
    """A column of the file: its header, and the contract's column that it means; None where no contract knows it."""

    header: str
    column: Column | None = field(repr=False)


@dataclass(frozen=True)
class Record:
    """`refused`: what the reason must say; "" for one that must be certified."""

    line: int
    cells: tuple[str, ...]
    refused: str = ""


@dataclass(frozen=True)
class Layout:
    contract: Contract = field(repr=False)
    places: tuple[Place, ...]
    records: tuple[Record, ...]
    content: bytes

    @property
    def version(self) -> FileVersion:
        name = f"{self.contract.file_names[0]} {LATE_2024[self.contract.period.kind]}.csv"
        return FileVersion.named("id", "md5", name, len(self.content), "2024-11-01T00:00:00Z")


def published(contract: Contract) -> tuple[Column, ...]:
    return published_in(contract, LATE_2024[contract.period.kind])


@st.composite
def names_of(draw: st.DrawFn, contract: Contract, column: Column) -> str:
    """Any name that the column has had, in any case; but for one that means another column beside names of its own era."""
    relabelled = {rule.header for rule in contract.relabelled}
    name = draw(st.sampled_from([header for header in column.headers if header not in relabelled])).replace("{year}", "2024")
    return draw(st.sampled_from(RECASED))(name)


@st.composite
def new_names(draw: st.DrawFn, contract: Contract) -> str:
    known = {fold(name.replace("{year}", "2024")) for column in contract.columns for name in column.headers}
    return draw(WORDS.filter(lambda name: fold(name) not in known))


@st.composite
def places_of(draw: st.DrawFn, contract: Contract) -> list[Place]:
    """Optional columns are dropped or renamed, new ones are added, and all change places."""
    optional = [column for column in published(contract) if not column.required and not contract.relabelled]
    gone = draw(st.sets(st.sampled_from(optional), max_size=3)) if optional else set()
    renamed = draw(st.sets(st.sampled_from(optional), max_size=3)) if optional else set()
    places = [Place(draw(names_of(contract, column)), column) for column in published(contract) if column not in gone | renamed]
    added = range(len(renamed) + draw(st.integers(0, 3)))
    return list(draw(st.permutations([*places, *(Place(draw(new_names(contract)), None) for _ in added)])))


@st.composite
def rows_of(draw: st.DrawFn, contract: Contract, places: Sequence[Place]) -> list[tuple[tuple[str, ...], str]]:
    """Cells, and why the row must be refused: facilities of their own, repeats, conflicts, and rows that cannot be read."""
    rows: list[tuple[tuple[str, ...], str]] = []
    for number in range(draw(st.integers(1, 4))):
        row = tuple(draw(cell_of(contract, place.column, number)) for place in places)
        rows.append((row, ""))
        for spoil in draw(st.lists(st.sampled_from((repeated, conflicting, ragged, unreadable, blank)), max_size=2)):
            rows += spoil(contract, places, row)
    return list(draw(st.permutations(rows)))


@st.composite
def cell_of(draw: st.DrawFn, contract: Contract, column: Column | None, number: int) -> str:
    if column is None:
        return str(draw(CELLS))
    if column.type is ColumnType.CCN:
        return f"01{number:04}"
    cell = invented_cell(contract, column, LATE_2024[contract.period.kind])
    if column.required or column.name == contract.period.column:
        return cell
    blanks = ("",) if column.type is ColumnType.STATE else ("", "N/A")
    return str(draw(CELLS if column.type is ColumnType.TEXT else st.sampled_from((cell, f" {cell} ", *blanks))))


Rows = list[tuple[tuple[str, ...], str]]


def repeated(_: Contract, __: Sequence[Place], row: tuple[str, ...]) -> Rows:
    return [(row, "")]


def conflicting(_: Contract, places: Sequence[Place], row: tuple[str, ...]) -> Rows:
    """The same key with another cell; where the family has no key, simply another row."""
    at = [at for at, place in enumerate(places) if place.column is None or is_free_text(place.column)]
    return [(changed(row, at[0], f"not {row[at[0]]}"), "")] if at else []


def is_free_text(column: Column) -> bool:
    return column.type is ColumnType.TEXT and not column.required


def ragged(_: Contract, __: Sequence[Place], row: tuple[str, ...]) -> Rows:
    return [((*row, "one more"), "cells, the header has")]


def unreadable(_: Contract, places: Sequence[Place], row: tuple[str, ...]) -> Rows:
    found = [(at, place.column) for at, place in enumerate(places) if place.column and place.column.type in TYPED]
    return [(changed(row, at, UNREADABLE), f"column {column.name}:") for at, column in found[:1]]


def blank(contract: Contract, places: Sequence[Place], row: tuple[str, ...]) -> Rows:
    """A required cell that holds nothing; not the last one that holds anything, as a line of empty cells is no record."""
    (at,) = [at for at, place in enumerate(places) if place.column and place.column.type is ColumnType.CCN]
    spoilt = changed(row, at, " ")
    return [(spoilt, "column ccn:")] if any(cell.strip() for cell in spoilt) else []


def changed(row: tuple[str, ...], at: int, cell: str) -> tuple[str, ...]:
    return (*row[:at], cell, *row[at + 1 :])


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    contract = load_contract(draw(st.sampled_from(FAMILIES)))
    places = draw(places_of(contract))
    return draw(written(contract, places, draw(rows_of(contract, places))))


@st.composite
def refused_layouts(draw: st.DrawFn) -> tuple[Layout, str]:
    """One required column is missing or renamed, or one known column is there twice; and its header."""
    contract = load_contract(draw(st.sampled_from(FAMILIES)))
    places = draw(places_of(contract))
    known = [(place, column) for place in places if (column := place.column)]
    if draw(st.booleans()):
        spoilt, column = draw(st.sampled_from(known))
        places.insert(draw(st.integers(0, len(places))), Place(draw(names_of(contract, column)), column))
        named = spoilt.header
    else:
        spoilt, column = draw(st.sampled_from([pair for pair in known if pair[1].required]))
        at = places.index(spoilt)
        places[at : at + 1] = [Place(draw(new_names(contract)), None)] if draw(st.booleans()) else []
        named = column.header
    row = tuple(draw(cell_of(contract, place.column, 0)) for place in places)
    return draw(written(contract, places, [(row, "")])), named


@st.composite
def written(draw: st.DrawFn, contract: Contract, places: Sequence[Place], rows: Rows) -> Layout:
    """As a CSV file: marked or not, quoted or not, with blank columns and lines, and lines that end in one way or the other."""
    trailing = ("",) * draw(st.integers(0, 2))
    is_quoted = draw(st.sampled_from((lambda: True, lambda: False, lambda: draw(st.booleans()))))
    text, records = "", []
    for cells, refused in [(tuple(place.header for place in places), "header"), *rows]:
        text += "".join(draw(st.lists(st.sampled_from(("\n", ",,\r\n", ' ,""\n')), max_size=1)))
        records.append(Record(text.count("\n") + 1, cells, refused))
        text += ",".join(quoted(cell) if is_quoted() else cell_as_is(cell) for cell in (*cells, *trailing))
        text += draw(st.sampled_from(("\n", "\r\n")))
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    encoding = draw(st.sampled_from(("utf-8", "utf-8-sig", "cp1252")))
    return Layout(contract, tuple(places), tuple(records[1:]), text.encode(encoding))


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def cell_as_is(cell: str) -> str:
    return quoted(cell) if any(character in cell for character in ',"\n') else cell


@dataclass(frozen=True)
class Found:
    """What certification has made of a layout."""

    rows: list[dict[str, Any]]
    rejects: dict[int, str]
    counts: tuple[int, int, int]


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Layout], Found]:
    folder = tmp_path_factory.mktemp("layouts")

    def certify(layout: Layout) -> Found:
        raw, bronze = folder / "raw.csv", folder / "bronze.parquet"
        raw.write_bytes(layout.content)
        table = certify_table(layout.version, datetime(2024, 11, 1, tzinfo=UTC), raw, bronze)
        return Found(
            pq.read_table(bronze).to_pylist(),
            {reject.source_row: reject.reason for reject in table.rejects},
            (table.rows_in_file, table.rows_certified, len(table.rejects)),
        )

    return certify


@settings(max_examples=200, deadline=None)
@given(layouts())
def test_every_cell_is_found_again_and_every_record_is_accounted_for(
    certified: Callable[[Layout], Found], layout: Layout
) -> None:
    expected, refused = verdicts(layout)
    if not expected:
        with pytest.raises(NothingCertifiedError, match=f"Every one of the {len(refused)} records"):
            certified(layout)
        return
    found = certified(layout)
    assert found.counts == (len(layout.records), len(expected), len(refused))
    assert found.rejects.keys() == refused.keys()
    assert all(said in found.rejects[line] for line, said in refused.items())
    assert sorted(row["_source_row"] for row in found.rows) == sorted(expected)
    for row in found.rows:
        record, occurrence = expected[row["_source_row"]]
        assert row["_occurrence"] == occurrence
        assert_cells_are_there(layout, record, row)


def verdicts(layout: Layout) -> tuple[dict[int, tuple[Record, int]], dict[int, str]]:
    """By line: what must be certified, with its occurrence, and what the reason of a reject must say."""
    refused = {record.line: record.refused for record in layout.records if record.refused}
    good = [record for record in layout.records if not record.refused]
    contents: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for record in good:
        contents.setdefault(key_of(layout, record), set()).add(content_of(layout, record))
    expected: dict[int, tuple[Record, int]] = {}
    times: Counter[tuple[str, ...]] = Counter()
    for record in good:
        key = key_of(layout, record)
        times[key] += 1
        if len(contents[key]) > 1:
            refused[record.line] = "records with different cells"
        else:
            expected[record.line] = record, times[key]
    return expected, refused


def key_of(layout: Layout, record: Record) -> tuple[str, ...]:
    key = layout.contract.key
    cells = {place.column.name: cell for place, cell in zip(layout.places, record.cells, strict=True) if place.column}
    return tuple(cells[name] for name in key) if key else content_of(layout, record)


def content_of(layout: Layout, record: Record) -> tuple[str, ...]:
    """A blank cell of an unknown column is not kept."""
    pairs = zip(layout.places, record.cells, strict=True)
    return tuple(cell if place.column or cell.strip() else "" for place, cell in pairs)


def assert_cells_are_there(layout: Layout, record: Record, row: dict[str, Any]) -> None:
    """Under its contract's name, or in `_unmapped` under its header, with its position where another one has that name."""
    unmapped = json.loads(row["_unmapped"] or "{}")
    unknown = 0
    for at, (place, cell) in enumerate(zip(layout.places, record.cells, strict=True), start=1):
        if place.column:
            assert row[place.column.name] == cell
        elif cell.strip():
            unknown += 1
            numbered = f"{place.header.strip()} (column {at})".strip()
            assert cell in (unmapped.get(place.header), unmapped.get(numbered))
    assert len(unmapped) == unknown
    absent = set(layout.contract.column_names) - {place.column.name for place in layout.places if place.column}
    assert all(row[name] is None for name in absent if not name.endswith("fiscal_year"))


@settings(max_examples=200, deadline=None)
@given(refused_layouts())
def test_refusal_names_the_column(certified: Callable[[Layout], Found], case: tuple[Layout, str]) -> None:
    layout, named = case
    with pytest.raises(BadFileError) as refused:
        certified(layout)
    assert isinstance(refused.value, DoubledColumnsError | MissingColumnsError)
    assert repr(named) in str(refused.value)
