"""The Payroll-Based Journal: one file per quarter, and one very large file for benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from local.sample.calendars import Quarter
from local.sample.csv_file import header_line, line_batches, write_rows
from local.sample.layouts import Layout, layout_of
from local.sample.sizes import GENUINE_FACILITIES, SampleSize
from local.sample.world import PBJ_SCRIPTS, World

_FAMILY = "pbj_daily_nurse_staffing"
_FACILITIES_A_GIB = 60_000


@dataclass(frozen=True)
class _FileForm:
    """CMS has named and written its PBJ files in several ways."""

    name: str
    encoding: str = "cp1252"
    bom: bool = False
    lower: bool = False


#: Newest quarter first, then in turn; a byte order mark promises UTF-8, so that file is UTF-8.
_FORMS = (
    _FileForm("PBJ_Daily_Nurse_Staffing_Q{number}_{year}.csv"),
    _FileForm("PBJ_Daily_Nurse_Staffing_CY_{year}Q{number}.csv", encoding="utf-8", bom=True),
    _FileForm("Payroll_Based_Journal_Daily_Nurse_Staffing_{year}_Q{number}.csv"),
    _FileForm("PBJ_dailynursestaffing_CY{year}Q{number}.csv", lower=True),
)


def write_quarter(world: World, quarter: Quarter, folder: Path) -> Path:
    """The quarter that `world.quarter` has made."""
    form = _FORMS[(Quarter.parse(world.size.end).index - quarter.index) % len(_FORMS)]
    path = folder / form.name.format(year=quarter.year, number=quarter.number)
    write_rows(path, layout_of(_FAMILY, world.size.newest), world, form.encoding, bom=form.bom, lower=form.lower)
    return path


def write_large_pbj(path: Path, gib: float, seed: int = 1, end: str = "2024Q2") -> int:
    """One PBJ file of about `gib` GiB: the nation over and over under invented CCNs. Returns the rows."""
    facilities = min(GENUINE_FACILITIES, max(1_000, int(gib * _FACILITIES_A_GIB)))
    world = World(SampleSize(facilities=facilities, quarters=1, vintages=1, seed=seed, end=end), PBJ_SCRIPTS)
    world.quarter(Quarter.parse(end))
    layout, rows = layout_of(_FAMILY, world.size.newest), 0
    with path.open("wb") as file:
        file.write((header_line(layout) + "\n").encode())
        for lines in _without_end(world, layout):
            file.write("".join(line + "\n" for line in lines).encode("cp1252"))
            rows += len(lines)
            if file.tell() > gib * 2**30:
                return rows
    raise AssertionError("unreachable: the nation comes over and over")


def _without_end(world: World, layout: Layout) -> Iterator[list[str]]:
    for copy in count():
        world.duckdb.execute("update facility set ccn = left(ccn, 2) || base_36(? + f)", [copy * 2 * world.size.facilities])
        yield from line_batches(layout, world)
