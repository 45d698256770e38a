"""docs/performance.md: what `python -m benchmarks history` has measured, and the tuning notes, which are written by hand."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import psutil

from benchmarks.consumption import Consumption
from benchmarks.figures import Figure
from include.settings import REPOSITORY

PAGE = REPOSITORY / "docs" / "performance.md"
_NOTES = "\n## Tuning notes\n"
_STAGES = ("land", "certify", "bronze", "silver", "gold", "publish")
_LIBRARIES = ("duckdb", "apache-airflow", "dbt-core", "dbt-duckdb", "pyarrow", "moto")


@dataclass(frozen=True)
class Point:
    """One length of history: what the pipeline took for it, and the floors beside it."""

    quarters: int
    csv_mb: float
    cost: Consumption
    disk_mb: float
    stages: dict[str, float]
    floor_seconds: float
    copy_seconds: float
    dbt_seconds: float

    @property
    def seconds_a_quarter(self) -> float:
        return self.cost.wall_seconds / self.quarters

    @property
    def times_the_floor(self) -> float:
        return self.cost.wall_seconds / self.floor_seconds


def write_page(points: Sequence[Point], figures: Sequence[Figure], facilities: int) -> None:
    """The tuning notes stay as they are."""
    _, heading, notes = PAGE.read_text(encoding="utf-8").partition(_NOTES)
    PAGE.write_text(_render(points, figures, facilities) + heading + notes, encoding="utf-8")


_INTRODUCTION = """# Performance

Written by `python -m benchmarks history`. Seconds differ from machine to machine, ratios hardly do. A point counts only when its
gold is the same as that of the floor.
"""
_SCALE = """
## Scale

Time, CPU and memory of the pipeline, and the disk that it keeps in use (warehouse, saved S3 objects, published gold, logs).
The last line is the history without its newest quarter, loaded at once, and then the newest quarter on top of it.
"""
_FLOORS = """
## Floors

DuckDB: one process reads the same files and writes the same gold. Copy: every whole file from Drive to disk to S3.
dbt: `dbt build --full-refresh` without Airflow. Common way: copy and rebuild everything, as public projects of this kind do for
every new file.
"""
_SCALE_COLUMNS = (
    "quarters",
    "CSV MB",
    "wall s",
    "s per quarter",
    "CPU s",
    "peak MB",
    "disk MB",
    *(f"{stage} s" for stage in _STAGES),
)
_FLOOR_COLUMNS = ("quarters", "pipeline s", "DuckDB s", "ratio", "copy s", "dbt s", "common way s")


def _render(points: Sequence[Point], figures: Sequence[Figure], facilities: int) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    memory = psutil.virtual_memory().total / 1024**3
    measured = [(f.name, f"{f.value:.2f} {f.unit}", f"{f.target:g}", "met" if f.is_met else "missed", f.how) for f in figures]
    return "\n".join([
        _INTRODUCTION,
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB; Python {platform.python_version()}, {libraries};",
        f"PBJ quarters of {facilities:,} facilities (a genuine one has 14,564).\n",
        "## Targets\n",
        _row(("what", "measured", "target", "", "how")),
        _row(("---", "---:", "---:", "---", "---")),
        *map(_row, measured),
        _SCALE,
        _row(_SCALE_COLUMNS),
        _row(("---:",) * len(_SCALE_COLUMNS)),
        *map(_scale_row, points),
        _FLOORS,
        _row(_FLOOR_COLUMNS),
        _row(("---:",) * len(_FLOOR_COLUMNS)),
        *map(_floor_row, points),
        "",
    ])  # fmt: skip


def _scale_row(point: Point) -> str:
    stages = [f"{point.stages.get(stage, 0):.1f}" for stage in _STAGES]
    cost = point.cost
    numbers = (point.csv_mb, cost.wall_seconds, point.seconds_a_quarter, cost.cpu_seconds, cost.peak_mb, point.disk_mb)
    return _row([str(point.quarters), *(f"{number:,.0f}" for number in numbers), *stages])


def _floor_row(point: Point) -> str:
    wall, floor, copied, dbt = point.cost.wall_seconds, point.floor_seconds, point.copy_seconds, point.dbt_seconds
    ratio = f"{point.times_the_floor:.2f}"
    return _row([str(point.quarters), f"{wall:.0f}", f"{floor:.0f}", ratio, f"{copied:.0f}", f"{dbt:.0f}", f"{copied + dbt:.0f}"])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
