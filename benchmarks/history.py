"""All of history: 1, 4, 12 and 37 PBJ quarters from Drive to gold, and the newest on top of 36; writes docs/performance.md.

Each point is held against floors that are measured in the same run: one DuckDB process that reads the same files and writes the
same gold, a plain download-and-upload of the same bytes, and `dbt build` without Airflow. `HISTORY_FACILITIES` makes the quarters
smaller (a genuine one has 14,564 facilities).
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.consumption import Consumption, consumption_of, disk_mb
from benchmarks.figures import Figure, run_python, stop_home
from benchmarks.floors import copy_seconds, dbt_build_seconds, floor_seconds
from benchmarks.performance_page import Point, write_page
from local.emulators.lifecycle import start
from local.run.airflow_home import describe_home, prepare
from local.run.stages import RunEvents
from local.sample.sizes import GENUINE_FACILITIES

_QUARTERS = 37
_POINTS = (1, 4, 12)
_NEWEST = "2026Q1"
_LOOKS = 40


@dataclass(frozen=True)
class _Floors:
    """Seconds, measured beside the point that they belong to."""

    duckdb: float
    copy: float
    dbt: float


@dataclass(frozen=True)
class _Measured:
    cost: Consumption
    stages: dict[str, float]


def measure(folder: Path) -> list[Figure]:
    facilities = int(os.environ.get("HISTORY_FACILITIES", GENUINE_FACILITIES))
    quarters = _write_quarters(folder / f"quarters-{facilities}", facilities)
    points = [_measure_point(folder, quarters[-count:]) for count in _POINTS]
    longest, added, idle = _measure_history(folder, quarters)
    points.append(longest)
    lookups = _dashboard_seconds(folder / "history-home" / "published" / "current")
    figures = _figures(points, added, idle, lookups)
    write_page(points, figures, facilities)
    return figures


def _write_quarters(folder: Path, facilities: int) -> list[Path]:
    """Oldest first, one file a quarter; the families beside PBJ weigh little and are measured by `full_run`."""
    if not folder.exists():
        size = f"--size full --facilities {facilities} --quarters {_QUARTERS} --vintages 1 --end {_NEWEST}"
        run_python("-m", "local.sample", str(folder), *size.split())
    files = [path for path in folder.glob("*.csv") if path.name.startswith(("PBJ", "Payroll"))]
    return sorted(files, key=_quarter_of)


def _quarter_of(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        names = [name.strip('"').lower() for name in next(file).strip().split(",")]
        return next(file).split(",")[names.index("cy_qtr")]


def _rawdata(folder: Path, files: list[Path]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in files:
        os.link(path, folder / path.name)
    return folder


def _measure_point(folder: Path, files: list[Path]) -> Point:
    rawdata, home = _rawdata(folder / "history-rawdata", files), folder / "history-home"
    shutil.rmtree(home, ignore_errors=True)
    run = _run(home, rawdata)
    stop_home(home)
    return _point(files, home, run.cost, run.stages, _floors(folder, home, rawdata, len(files)))


def _measure_history(folder: Path, files: list[Path]) -> tuple[Point, Consumption, Consumption]:
    """36 quarters at once, then the 37th, then a run with nothing new."""
    home, rawdata = folder / "history-home", _rawdata(folder / "history-rawdata", files)
    shutil.rmtree(home, ignore_errors=True)
    newest = rawdata / files[-1].name
    newest.unlink()
    history = _run(home, rawdata)
    os.link(files[-1], newest)
    added = _run(home, rawdata).cost
    idle = _run(home, rawdata).cost
    stop_home(home)
    whole = Consumption(
        history.cost.wall_seconds + added.wall_seconds,
        history.cost.cpu_seconds + added.cpu_seconds,
        max(history.cost.peak_mb, added.peak_mb),
    )
    return _point(files, home, whole, history.stages, _floors(folder, home, rawdata, len(files))), added, idle


def _floors(folder: Path, home: Path, rawdata: Path, quarters: int) -> _Floors:
    """Beside them: that the pipeline's gold is the floor's."""
    duckdb_seconds = floor_seconds(folder / "floor-home", rawdata)
    _check(home, folder / "floor-home", quarters)
    shutil.rmtree(folder / "floor-home")
    copied = copy_seconds(folder / "copy-home", rawdata)
    return _Floors(duckdb_seconds, copied, dbt_build_seconds(home, folder / "dbt-home"))


def _run(home: Path, rawdata: Path) -> _Measured:
    prepare(describe_home(home, start(home, rawdata)))  # installing and migrating are not part of a run
    with consumption_of(home) as cost:
        run_python("-m", "local.run.run", "--home", str(home), "--rawdata", str(rawdata))
    return _Measured(cost, {stage.stage: stage.seconds for stage in RunEvents(home).stages(is_run_over=True)})


def _point(files: list[Path], home: Path, cost: Consumption, stages: dict[str, float], floors: _Floors) -> Point:
    point = Point(
        quarters=len(files),
        csv_mb=sum(path.stat().st_size for path in files) / 1e6,
        cost=cost,
        disk_mb=disk_mb(home),
        stages=stages,
        floor_seconds=floors.duckdb,
        copy_seconds=floors.copy,
        dbt_seconds=floors.dbt,
    )
    print(point, flush=True)  # an hour's work: what is known is told at once
    return point


def _check(home: Path, floor_home: Path, quarters: int) -> None:
    """The figures count only when the gold is the right one: that of the floor, to the cent."""
    with duckdb.connect() as connection:
        found, expected = (
            connection.execute(
                "select count(distinct quarter), sum(facilities), sum(resident_days), round(sum(total_nurse_hours), 2)"
                f" from read_parquet('{gold}/kpi_nurse_hours_by_state_month.parquet')"
            ).fetchone()
            for gold in (home / "published" / "current", floor_home / "gold")
        )
    if found != expected or not found or found[0] != quarters:
        raise SystemExit(f"gold of {quarters} quarters: {found}, the floor's: {expected}")


def _dashboard_seconds(gold: Path) -> float:
    """95th percentile of what the dashboard asks of the whole history: a state's months, and one facility's."""
    seconds = []
    with duckdb.connect(config={"threads": 2, "memory_limit": "512MB"}) as connection:
        months = f"read_parquet('{gold}/kpi_hprd_by_facility_month.parquet')"
        ccns = [ccn for (ccn,) in connection.execute(f"select distinct ccn from {months} order by 1 limit {_LOOKS}").fetchall()]
        for ccn in ccns:
            for query, value in (
                (f"select * from {months} where ccn = ? order by month", ccn),
                (
                    "select month, sum(total_nurse_hours) / nullif(sum(resident_days), 0), count(distinct ccn)"
                    f" from {months} where state = ? group by month order by month",
                    "CA",
                ),
            ):
                begun = time.perf_counter()
                connection.execute(query, [value]).fetchall()
                seconds.append(time.perf_counter() - begun)
    return statistics.quantiles(seconds, n=20)[-1]


def _figures(points: list[Point], added: Consumption, idle: Consumption, lookups: float) -> list[Figure]:
    single, longest = points[0], points[-1]
    four = next(point for point in points if point.quarters == 4)
    wall = f"{longest.cost.wall_seconds:.0f} s against {longest.floor_seconds:.0f} s"
    return [
        Figure(f"{_QUARTERS} quarters, Drive to gold", longest.times_the_floor, "x the floor", 2.5, wall),
        Figure(
            f"cost of a quarter at {_QUARTERS}", longest.seconds_a_quarter / four.seconds_a_quarter, "x that at 4", 1.15,
            f"{longest.seconds_a_quarter:.1f} s against {four.seconds_a_quarter:.1f} s",
        ),
        Figure(
            f"quarter {_QUARTERS} on top of {_QUARTERS - 1}", added.wall_seconds / single.cost.wall_seconds,
            "x one on an empty warehouse", 1.2, f"{added.wall_seconds:.0f} s against {single.cost.wall_seconds:.0f} s",
        ),
        Figure("run with nothing new", idle.cpu_seconds, "s of CPU", 10.0, f"{idle.wall_seconds:.1f} s of wall time"),
        Figure("peak memory of all processes", longest.cost.peak_mb / 1024, "GB", 4.0, "proportional, local services included"),
        Figure(
            "disk of the whole history", longest.disk_mb / longest.csv_mb, "x the CSV files", 1.2,
            f"{longest.disk_mb:,.0f} MB against {longest.csv_mb:,.0f} MB",
        ),
        Figure("dashboard query on the whole history", 1000 * lookups, "ms", 200.0, "95th percentile, a state, a facility"),
    ]  # fmt: skip
