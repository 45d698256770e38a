"""One very large PBJ file for benchmarks: the nation over and over, under invented CCNs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from include.local_cloud.sample_data.calendars import Quarter
from include.local_cloud.sample_data.csv_text import CsvFile, FileStyle, choice
from include.local_cloud.sample_data.facilities import build_world
from include.local_cloud.sample_data.layouts import layout_of
from include.local_cloud.sample_data.pbj import FACILITIES_AT_ONCE, FAMILY, facility_columns, pbj_columns, simulate_block
from include.local_cloud.sample_data.sizes import GENUINE_FACILITIES, SampleSize
from include.local_cloud.sample_data.staffing import build_staffing


def _base36(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(digits[number // 36**power % 36] for power in (3, 2, 1, 0))


def write_large_pbj(path: Path, gib: float, seed: int = 1, end: str = "2024Q2") -> int:
    """One PBJ file of about `gib` GiB for benchmarks: the nation over and over under invented CCNs. Returns the rows."""
    world = build_world(SampleSize(facilities=GENUINE_FACILITIES, quarters=1, vintages=1, seed=seed, end=end))
    staffing, quarter = build_staffing(world), Quarter.parse(end)
    facilities, known = world.in_pbj(quarter), facility_columns(world, quarter, "cp1252")
    with CsvFile(path, layout_of(FAMILY, world.newest), FileStyle(header_quoted=False, line_end="\n")) as file:
        written = 0
        while path.stat().st_size < gib * 2**30:
            first = written % len(facilities)
            rows = facilities[first : first + FACILITIES_AT_ONCE]
            block = simulate_block(world, staffing, quarter, rows, f"large/{written}")
            invented = [world.ccn[row][:2] + _base36(written + position) for position, row in enumerate(rows)]
            columns = pbj_columns(block, quarter, known)
            columns["ccn"] = choice(invented, np.repeat(np.arange(len(rows)), len(quarter.days)))
            file.write(columns)
            written += len(rows)
    return file.rows
