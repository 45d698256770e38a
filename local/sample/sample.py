"""Writes the whole sample: one world, its PBJ quarters, its monthly vintages, the program files and archives of other eras."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from include.contracts.contract import load_contracts
from local.sample.archives import write_neighbors, zip_month, zip_year
from local.sample.calendars import Quarter, Vintage
from local.sample.csv_file import write_family
from local.sample.pbj import write_quarter
from local.sample.sizes import ERAS, Era, SampleSize
from local.sample.world import World

_PROGRAMS = ("snf_", "swing_")


def write_sample(folder: Path | str, size: SampleSize | None = None) -> list[Path]:
    """CMS-shaped files of all 21 families; the same size (which holds the seed) gives the same bytes."""
    folder, size = Path(folder), size or SampleSize.small()
    folder.mkdir(parents=True, exist_ok=True)
    world = World(size)
    families = [contract.family for contract in load_contracts()]
    paths = _write_pbj(world, folder)
    for back in reversed(range(size.vintages)):
        paths += _write_vintage(world, size.newest.earlier(back), _starting(families, "nh_"), folder)
    paths += _write_vintage(world, size.newest, _starting(families, *_PROGRAMS), folder)
    return paths + (_write_eras(world, folder) if size.has_eras else [])


def _starting(families: Iterable[str], *beginnings: str) -> list[str]:
    return [family for family in families if family.startswith(beginnings)]


def _write_pbj(world: World, folder: Path) -> list[Path]:
    """A file for each quarter asked for; others are made only for the staffing columns of a vintage."""
    newest = Quarter.parse(world.size.end)
    written = [newest.earlier(back) for back in range(world.size.quarters)]
    paths = []
    for quarter in [*written, *sorted({vintage.staffing_quarter for vintage in world.size.shown} - set(written))]:
        world.quarter(quarter)
        paths += [write_quarter(world, quarter, folder)] if quarter in written else []
    return paths


def _write_vintage(world: World, vintage: Vintage, families: Sequence[str], folder: Path) -> list[Path]:
    world.vintage(vintage)
    if _starting(families, *_PROGRAMS):
        world.programs()
    return [write_family(world, family, vintage, folder) for family in families]


def _write_eras(world: World, folder: Path) -> list[Path]:
    return [path for era in ERAS for path in _write_era(world, era, folder)] + write_neighbors(folder)


def _write_era(world: World, era: Era, folder: Path) -> list[Path]:
    paths = _write_vintage(world, era.vintage, era.families, folder)
    if era.zips:
        paths = [zip_month(paths, era.vintage, folder)]
    return [zip_year(paths[0], era.vintage)] if era.zips > 1 else paths
