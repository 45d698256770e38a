"""What CMS called the files of a family, which columns they had and how they were written: read from families/<family>.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from include.contracts.contract import Contract, load_contract
from include.contracts.header import map_header
from local.sample.calendars import Vintage

_FAMILIES = Path(__file__).parent / "families"
#: Members of the monthly zip then begin with the id in CMS's catalogue and the day.
PREFIXED_SINCE = Vintage.parse("2026-07")


class _LayoutFile(BaseModel):
    """`since`: the first vintage of this layout; `rows`: its own query, where that of the family does not do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: str
    columns: str
    file: str = ""
    rows: str = ""


class FamilyFile(BaseModel):
    """`rows`: a query on the tables of the world, of which a layout takes its columns by the names of the contract.

    `places`: decimals of the columns whose name ends like this; `blanks`: what stands there for a missing value.
    `quoted` or `unquoted`: the columns that always or never are; of the others text that holds a comma or a quote.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layouts: tuple[_LayoutFile, ...]
    rows: str = ""
    places: Mapping[str, int] = {}
    blanks: Mapping[str, str] = {}
    quoted: tuple[str, ...] = ()
    unquoted: tuple[str, ...] | None = None
    header_quoted: bool = True
    line_end: str = "crlf"
    encoding: str = ""
    ends_with_blank_line: bool = False


@dataclass(frozen=True)
class Layout:
    """`headers`: our column name → the header in the file, in file order."""

    contract: Contract
    family: FamilyFile
    file_name: str
    headers: Mapping[str, str]
    rows: str


def layout_of(family: str, vintage: Vintage) -> Layout:
    """The newest layout that had begun by then."""
    read, contract, words = _read(family), load_contract(family), _words(vintage)
    layout = [layout for layout in read.layouts if layout.since <= vintage.month_text][-1]
    headers = [header.format(**words) for header in layout.columns.split(", ")]
    names = map_header(contract, headers).positions
    is_prefixed = vintage >= PREFIXED_SINCE and contract.dataset_id
    prefix = f"{contract.dataset_id}_{vintage.processing_date}_" if is_prefixed else ""
    name = prefix + layout.file.format(**words)
    return Layout(contract, read, name, dict(zip(names, headers, strict=True)), layout.rows or read.rows)


@cache
def _read(family: str) -> FamilyFile:
    text = (_FAMILIES / f"{family}.yml").read_text(encoding="utf-8")
    return FamilyFile.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


def _words(vintage: Vintage) -> dict[str, str | int]:
    """What stands in braces."""
    return {
        "month": vintage.label,
        "year": vintage.year,
        "two_years_before": vintage.year - 2,
        "four_years_before": vintage.year - 4,
        "five_years_before": vintage.year - 5,
        "vaccination_day": vintage.vaccination_date.strftime("%Y%m%d"),
    }
