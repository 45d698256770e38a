"""What CMS called the files of a family and which columns they had, vintage by vintage: read from families/<family>.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from include.cms_contracts.contract import Contract, load_contract
from include.cms_contracts.header import map_header
from include.local_cloud.sample_data.calendars import Vintage

_FAMILIES = Path(__file__).parent / "families"
#: Members of the monthly zip then begin with the id in CMS's catalogue and the day.
PREFIXED_SINCE = Vintage.parse("2026-07")


@dataclass(frozen=True)
class Layout:
    """`headers`: our column name → the header in the file, in file order."""

    contract: Contract
    file_name: str
    headers: Mapping[str, str]


def layout_of(family: str, vintage: Vintage) -> Layout:
    """The newest layout that had begun by then."""
    begun = [layout for layout in _layouts(family) if layout["since"] <= vintage.month_text]
    words, contract = _words(vintage), load_contract(family)
    headers = [header.format(**words) for header in begun[-1]["columns"].split(", ")]
    names = map_header(contract, headers).positions
    is_prefixed = vintage >= PREFIXED_SINCE and contract.dataset_id
    prefix = f"{contract.dataset_id}_{vintage.processing_date}_" if is_prefixed else ""
    return Layout(contract, prefix + begun[-1].get("file", "").format(**words), dict(zip(names, headers, strict=True)))


@cache
def _layouts(family: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = yaml.load((_FAMILIES / f"{family}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)[
        "layouts"
    ]
    return read


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
