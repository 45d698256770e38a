"""How a file's columns differ from its contract: a notice where nothing can be lost, a refusal where CMS may have renamed one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from include.contracts.contract import Column, Contract
from include.contracts.errors import ChangedLayoutError, PossibleRenameError
from include.contracts.header import HeaderMap, published_in
from include.contracts.likeness import formerly_with, likely_renames


class NoticeKind(StrEnum):
    NEW = "new"
    WITHDRAWN = "withdrawn"
    RENAMED = "renamed?"


@dataclass(frozen=True)
class LayoutNotice:
    """One column in which a file differs from what the contract says of its period."""

    column_name: str
    kind: NoticeKind


def layout_notices(contract: Contract, header: HeaderMap, period: str) -> tuple[LayoutNotice, ...]:
    """What is new in the file, and what CMS should have published in this period and has not."""
    missing = _missing(contract, header, period)
    renames = likely_renames(missing, header.unmapped.values())
    new = [
        LayoutNotice(name, NoticeKind.RENAMED if name in renames.values() else NoticeKind.NEW)
        for name in header.unmapped.values()
    ]
    return (*new, *(LayoutNotice(column.header, NoticeKind.WITHDRAWN) for column in missing))


def refuse_possible_renames(contract: Contract, header: HeaderMap, period: str) -> None:
    """Raises PossibleRenameError when a column that feeds gold is missing and unknown ones are there."""
    missing = [column for column in _missing(contract, header, period) if column.feeds_gold]
    if missing and header.unmapped:
        unknown = list(header.unmapped.values())
        formerly = formerly_with(likely_renames(missing, unknown))
        raise PossibleRenameError(contract.path, period, [column.header for column in missing], unknown, formerly)


def refuse_any_change(contract: Contract, header: HeaderMap, period: str) -> None:
    """HEADER_DRIFT=refuse: raises ChangedLayoutError for any column that is new or missing."""
    missing = [column.header for column in _missing(contract, header, period)]
    if missing or header.unmapped:
        raise ChangedLayoutError(contract.path, period, list(header.unmapped.values()), missing)


def _missing(contract: Contract, header: HeaderMap, period: str) -> list[Column]:
    return [column for column in published_in(contract, period) if column.name not in header.positions]
