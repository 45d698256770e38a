"""Maps the header of a file to its contract BY NAME: case and punctuation folded, every name a column has had accepted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from include.contracts.contract import Column, Contract
from include.contracts.errors import DoubledColumnsError, MissingColumnsError, NoHeaderError
from include.contracts.likeness import formerly_with, likely_renames

_YEAR_IN_HEADER = re.compile(r"fy(20\d\d)")
# The provider-data API cuts a long name at 59 characters and adds four hex digits, which change with the label.
_CUT_BY_API = re.compile(r"([a-z0-9_]{59})_[0-9a-f]{4}")
_WITH_POSITION = re.compile(r"^\s*$|\(column \d+\)\s*$")  # no name, or one that looks like those that we make
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def fold(header: str) -> str:
    """`City/Town`, `citytown` and `CITY_TOWN` are one name."""
    return re.sub(r"[^a-z0-9]", "", header.lower())


def _fold_year(folded: str) -> str:
    return _YEAR_IN_HEADER.sub("fyyear", folded)


@dataclass(frozen=True)
class HeaderMap:
    """What each position of a file holds.

    `positions`: the contract's column, or a name of our own for a column that the contract does not know.
    `unmapped`: the file's header for each of those names of our own.
    `constants`: columns whose one value the header itself holds.
    """

    positions: tuple[str, ...]
    unmapped: Mapping[str, str]
    constants: Mapping[str, str]

    @property
    def mapped(self) -> tuple[str, ...]:
        return tuple(name for name in self.positions if name not in self.unmapped)

    def without_empty(self, filled: Collection[str]) -> HeaderMap:
        """Without the columns that have neither a name nor a cell: Excel leaves such at the end of each line."""
        kept = {own: name for own, name in self.unmapped.items() if own in filled or not name.startswith("(column ")}
        return replace(self, unmapped=kept)


def map_header(contract: Contract, header: Sequence[str]) -> HeaderMap:
    """Raises NoHeaderError, DoubledColumnsError or MissingColumnsError (required columns only), each naming what is at fault."""
    names = _column_names(contract, header)
    if not any(names):
        raise NoHeaderError(_what_stands_there(header))
    counts = Counter(name for name in names if name)
    if doubled := [header[i] for i, name in enumerate(names) if name and counts[name] > 1]:
        raise DoubledColumnsError(contract.path, doubled)
    if missing := [column for column in contract.columns if column.required and column.name not in counts]:
        unknown = [header[i] for i, name in enumerate(names) if not name]
        formerly = formerly_with(likely_renames(missing, unknown))
        raise MissingColumnsError(contract.path, [column.header for column in missing], unknown, formerly)
    positions = tuple(name or f"_unmapped_{i}" for i, name in enumerate(names, start=1))
    unmapped = {positions[i]: header[i] for i, name in enumerate(names) if not name}
    return HeaderMap(positions, _told_apart(unmapped), _years_in_header(contract, positions, header))


def maps_any(contract: Contract, headers: Iterable[str]) -> bool:
    """Whether the contract has learned one of these headers."""
    return any(_column_names(contract, list(headers)))


def _column_names(contract: Contract, header: Sequence[str]) -> list[str | None]:
    known, relabelled = _known_headers(contract), _relabelled(contract, header)
    return [relabelled.get(fold(name)) or known.get(_fold_year(fold(name))) or _cut_by_api(name, known) for name in header]


def _known_headers(contract: Contract) -> dict[str, str]:
    """Column names by folded header."""
    return {_fold_year(fold(header)): column.name for column in contract.columns for header in column.headers}


def _cut_by_api(name: str, known: Mapping[str, str]) -> str | None:
    """The one column whose name begins as a name that the API has cut; none where several do."""
    cut = _CUT_BY_API.fullmatch(name.strip())
    if not cut:
        return None
    beginning = _fold_year(fold(cut[1]))
    columns = {column for folded, column in known.items() if folded.startswith(beginning)}
    return columns.pop() if len(columns) == 1 else None


def _relabelled(contract: Contract, header: Sequence[str]) -> dict[str, str]:
    """Headers that mean another column in this vintage, by folded header."""
    present = {fold(name) for name in header}
    return {
        fold(rule.header): rule.means
        for rule in contract.relabelled
        if all(fold(name) in present for name in rule.when_present)
        and not any(fold(name) in present for name in rule.when_absent)
    }


def _told_apart(unmapped: Mapping[str, str]) -> dict[str, str]:
    """Each unknown column under a name that no other one has: without a name of its own, its position is added."""
    counts = Counter(header.strip() for header in unmapped.values())
    return {
        own: header if counts[header.strip()] == 1 and not _WITH_POSITION.search(header) else _with_position(header, own)
        for own, header in unmapped.items()
    }


def _with_position(header: str, own: str) -> str:
    return f"{header.strip()} (column {own.rpartition('_')[2]})".strip()


def _what_stands_there(header: Sequence[str]) -> str:
    line = ",".join(header)
    if line.lower().startswith("sep="):
        return "the line 'sep=…', which Excel understands and CMS does not write"
    for delimiter, named in _DELIMITERS.items():
        if line.count(delimiter) >= max(1, len(header) - 1):
            return f"columns separated by {named} instead of commas: {line[:80]!r}"
    return f"{line[:80]!r}, none of which is a column of this family: a title row, or another table"


def _years_in_header(contract: Contract, positions: Sequence[str], header: Sequence[str]) -> dict[str, str]:
    by_name = dict(zip(positions, map(fold, header), strict=True))
    headers = {column.name: "".join(by_name.get(name, "") for name in column.header_year_of) for column in contract.columns}
    return {name: found.group(1) for name, text in headers.items() if (found := _YEAR_IN_HEADER.search(text))}


def published_in(contract: Contract, period: str) -> tuple[Column, ...]:
    """The columns that a file of this period should have, as far as the contract says."""
    return tuple(column for column in contract.columns if column.is_published_in(period))
