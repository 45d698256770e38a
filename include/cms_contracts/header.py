"""Maps the header of a file to its contract BY NAME: case and punctuation folded, former names accepted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from include.cms_contracts.contract import Column, Contract
from include.cms_contracts.errors import DoubledColumnsError, MissingColumnsError, UnknownColumnsError

_YEAR_IN_HEADER = re.compile(r"fy(20\d\d)")


def fold(header: str) -> str:
    """`City/Town`, `citytown` and `CITY_TOWN` are one name."""
    return re.sub(r"[^a-z0-9]", "", header.lower())


def _fold_year(folded: str) -> str:
    return _YEAR_IN_HEADER.sub("fyyear", folded)


@dataclass(frozen=True)
class HeaderMap:
    """The contract's column for each position of the file, and the columns whose one value the header itself holds."""

    positions: tuple[str, ...]
    constants: dict[str, str]


def _relabel(contract: Contract, folded: list[str]) -> dict[str, str]:
    """Headers that mean another column in this vintage, by folded header."""
    present = set(folded)
    return {
        fold(rule.header): rule.means
        for rule in contract.relabelled
        if all(fold(header) in present for header in rule.when_present)
        and not any(fold(header) in present for header in rule.when_absent)
    }


def _known_headers(contract: Contract) -> dict[str, Column]:
    return {_fold_year(fold(header)): column for column in contract.columns for header in column.headers}


def map_header(contract: Contract, header: Sequence[str]) -> HeaderMap:
    """Raises UnknownColumnsError, DoubledColumnsError or MissingColumnsError, each naming all columns at fault."""
    folded = [fold(name) for name in header]
    known, relabelled = _known_headers(contract), _relabel(contract, folded)
    names = [relabelled.get(key) or (column.name if (column := known.get(_fold_year(key))) else None) for key in folded]

    if unknown := [header[i] for i, name in enumerate(names) if name is None]:
        raise UnknownColumnsError(contract.path, unknown)
    positions = tuple(name for name in names if name is not None)
    counts = Counter(positions)
    if doubled := [header[i] for i, name in enumerate(positions) if counts[name] > 1]:
        raise DoubledColumnsError(contract.path, doubled)
    required = (column for column in contract.columns if not column.optional and column.headers)
    if missing := [column.header for column in required if column.name not in counts]:
        raise MissingColumnsError(contract.path, missing)
    return HeaderMap(positions, _years_in_header(contract, positions, folded))


def _years_in_header(contract: Contract, positions: Sequence[str], folded: Sequence[str]) -> dict[str, str]:
    by_name = dict(zip(positions, folded, strict=True))
    return {
        column.name: found.group(1)
        for column in contract.columns
        if column.header_year_of and (found := _YEAR_IN_HEADER.search(by_name.get(column.header_year_of, "")))
    }
