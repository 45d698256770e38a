"""Which family and period a file name says, in all conventions that CMS has used, and which names are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path, PurePath, PurePosixPath

import yaml

from include.contracts.contract import Contract, PeriodKind, load_contracts
from include.contracts.errors import AmbiguousFileNameError, UnknownFamilyError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    "aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_YEAR = r"(?P<year>20\d\d)"
_SEP = r"[\s_.-]*"

_PERIOD_PATTERNS: dict[PeriodKind, tuple[str, ...]] = {
    PeriodKind.QUARTER: (
        rf"(?:cy{_SEP})?{_YEAR}{_SEP}q(?P<quarter>[1-4])",
        rf"q(?P<quarter>[1-4]){_SEP}{_YEAR}",
    ),
    PeriodKind.DATE: (rf"{_YEAR}[_-]?(?P<month>0[1-9]|1[0-2])[_-]?(?P<day>[0-2]\d|3[01])",),
    PeriodKind.MONTH: (
        rf"(?P<month>{_MONTH_NAME}){_SEP}{_YEAR}",
        rf"{_YEAR}{_SEP}(?P<month>{_MONTH_NAME})",
        rf"{_YEAR}[_-]?(?P<month>0[1-9]|1[0-2])(?:[_-]?(?:[0-2]\d|3[01]))?",
    ),
    PeriodKind.FISCAL_YEAR: (rf"fy{_SEP}{_YEAR}",),
}
_PERIODS = {
    kind: tuple(re.compile(rf"(?<![0-9]){pattern}(?![0-9])", re.IGNORECASE) for pattern in patterns)
    for kind, patterns in _PERIOD_PATTERNS.items()
}
#: What tools put before CMS's name: Drive's copy, and since July 2026 data set and date of the archive's member.
_BEFORE_NAME = re.compile(r"(?:copy[ _]of[ _]+)*(?:[a-z0-9]{4}-[a-z0-9]{4}_20\d\d-\d\d-\d\d_)?", re.IGNORECASE)
_NEIGHBORS_FILE = Path(__file__).parent / "neighbors.yml"


def _stem(file_name: str) -> str:
    name = _BEFORE_NAME.sub("", PurePath(file_name).name, count=1)
    return name.removesuffix(PurePath(name).suffix)


def _month_number(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1


def _written(kind: PeriodKind, parts: dict[str, str]) -> str | None:
    year = int(parts["year"])
    match kind:
        case PeriodKind.QUARTER:
            return f"{year}Q{parts['quarter']}"
        case PeriodKind.MONTH:
            return f"{year}-{_month_number(parts['month']):02d}"
        case PeriodKind.FISCAL_YEAR:
            return f"FY{year}"
        case PeriodKind.DATE:
            try:
                return date(year, int(parts["month"]), int(parts["day"])).isoformat()
            except ValueError:
                return None


def _find_period(stem: str, kind: PeriodKind) -> tuple[str, tuple[int, int]] | None:
    for pattern in _PERIODS[kind]:
        if (found := pattern.search(stem)) and (written := _written(kind, found.groupdict())):
            return written, found.span()
    return None


def period_in_name(file_name: str, kind: PeriodKind) -> str | None:
    """The period that a file name says, as it is written everywhere (2024Q2, 2024-10, 2024-10-27, FY2024), or None."""
    found = _find_period(_stem(file_name), kind)
    return found[0] if found else None


def _name_without_period(stem: str, kind: PeriodKind) -> str:
    found = _find_period(stem, kind)
    if not found:
        return stem
    start, end = found[1]
    return f"{stem[:start]} {stem[end:]}".strip(" _-.")


def match_family(file_name: str, contracts: Iterable[Contract] | None = None) -> Contract:
    """The one contract whose names fit; raises UnknownFamilyError or AmbiguousFileNameError."""
    matches = _matches(file_name, contracts if contracts is not None else load_contracts())
    if not matches:
        raise UnknownFamilyError(file_name)
    if len(matches) > 1:
        raise AmbiguousFileNameError(file_name, [contract.family for contract in matches])
    return matches[0]


def _matches(file_name: str, contracts: Iterable[Contract]) -> Sequence[Contract]:
    stem = _stem(file_name)
    if stem.startswith("."):  # macOS puts `._<name>` beside a file
        return []
    return [contract for contract in contracts if contract.name_pattern.match(_name_without_period(stem, contract.period.kind))]


def ignored_because(file_name: str) -> str | None:
    """Why a file beside CMS's tables is left alone, by its name or path in an archive; None where it is not known."""
    if _matches(file_name, load_contracts()):
        return None
    path = PurePosixPath(file_name.lower())
    return next((reason for pattern, reason in _neighbors() if path.match(pattern)), None)


@cache
def _neighbors() -> Sequence[tuple[str, str]]:
    registry = yaml.safe_load(_NEIGHBORS_FILE.read_text(encoding="utf-8"))
    return [(pattern, neighbor["reason"]) for neighbor in registry for pattern in neighbor["names"]]


def period_of_cell(cell: str, kind: PeriodKind) -> str:
    """The period that a cell such as `2024Q2`, `2024-10-01` or `10/27/2024` says; the cell itself when it says none.

    As Excel and pandas write days too: `3/2/2023`, `2023-03-02 00:00:00`.
    """
    text = cell.strip()
    if us := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})(?![0-9])", text):
        text = f"{us[3]}-{us[1]:0>2}-{us[2]:0>2}"
    elif day := re.match(r"(\d{4}-\d{2}-\d{2})[ T]00:00", text):
        text = day[1]
    found = _find_period(text, kind)
    return found[0] if found else text
