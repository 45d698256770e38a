"""The Payroll-Based Journal: paid nurse hours of each facility and day, in blocks of facilities so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Quarter
from include.local_cloud.sample_data.csv_text import Cells, CsvFile, FileStyle, Pooled, constant, dates, hours, text, whole
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints, World
from include.local_cloud.sample_data.layouts import layout_of
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.staffing import (
    JOBS,
    Staffing,
    census_season,
    contract_growth,
    day_factors,
    is_weekend,
)

FAMILY = "pbj_daily_nurse_staffing"
FACILITIES_AT_ONCE = 512
#: Of the 1,325,324 genuine rows: days without residents, days without nurse hours.
_ZERO_CENSUS, _ZERO_HOURS, _GENUINE_ROWS = 320, 3_108, 1_325_324
#: The famous Illinois day, all but 144.75 hours of it agency hours.
_OUTLIER_CENTS, _OUTLIER_CONTRACT_CENTS = 1_394_625, 1_380_150
_LPN = JOBS.index("lpn")


@dataclass(frozen=True)
class Block:
    """Some facilities, every day of the quarter: census (facility, day); hundredths of hours (facility, day, job)."""

    facilities: Ints
    census: Ints
    total: Ints
    contract: Ints


@dataclass(frozen=True)
class QuarterStaffing:
    """Sums of a quarter by facility, in the order of `facilities`; hours have one column a job."""

    quarter: Quarter
    facilities: Ints
    resident_days: Floats
    weekend_resident_days: Floats
    hours: NDArray[np.float64]
    weekend_hours: NDArray[np.float64]
    contract_hours: Floats


@dataclass(frozen=True)
class OddDays:
    """Which (facility, day) of the quarter has no residents or no nurse hours, and which is the outlier."""

    zero_census: Bools
    zero_hours: Bools
    outlier: tuple[int, int] | None


def _runs(rng: np.random.Generator, marks: Bools, facilities: Ints, count: int) -> None:
    """Marks `count` cells in runs of days, a facility each: such days come in runs, and facilities do not mix."""
    days = marks.shape[1]
    for facility in facilities:
        length = min(count, int(rng.integers(3, days + 1)))
        start = int(rng.integers(0, days - length + 1))
        marks[facility, start : start + length] = True
        count -= length
        if count <= 0:
            return


def _odd_days(world: World, quarter: Quarter, facilities: Ints) -> OddDays:
    rng = stream(world.size.seed, "odd days", str(quarter))
    shape = len(facilities), len(quarter.days)
    rows = shape[0] * shape[1]
    shuffled = rng.permutation(shape[0])
    half = shape[0] // 2
    zero_census, zero_hours = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    _runs(rng, zero_census, shuffled[:half], max(2, round(rows * _ZERO_CENSUS / _GENUINE_ROWS)))
    _runs(rng, zero_hours, shuffled[half:-1], max(2, round(rows * _ZERO_HOURS / _GENUINE_ROWS)))
    outlier = None
    if str(quarter) == world.size.end:
        usual = ~(zero_census | zero_hours).any(axis=1)
        illinois = np.flatnonzero((world.places.codes()[facilities] == "IL") & usual)
        outlier = (int(rng.choice(illinois)), int(rng.integers(shape[1]))) if len(illinois) else None
    return OddDays(zero_census, zero_hours, outlier)


def _census(rng: np.random.Generator, mean: Floats, beds: Ints, days: int) -> Ints:
    """A slow random walk about the facility's mean, never above the beds by more than a few."""
    steps = rng.standard_normal((len(mean), days), dtype=np.float32).cumsum(axis=1)
    steps -= steps.mean(axis=1, keepdims=True)
    census = np.rint(mean[:, None] + steps * np.sqrt(mean)[:, None] * 0.10)
    return np.asarray(np.clip(census, 1, (beds + 2)[:, None]), dtype=np.int64)


def _contract_cents(rng: np.random.Generator, total: Ints, share: NDArray[np.float64], used: Floats) -> Ints:
    shape = total.shape
    works = rng.random(shape[:2], dtype=np.float32)[:, :, None] < used[:, None, None]
    varied = share[:, None, :] / used[:, None, None] * rng.uniform(0.4, 1.6, shape)
    cents = np.rint(total * np.clip(np.where(works, varied, 0.0), 0.0, 1.0))
    return np.asarray(cents, dtype=np.int64)


def simulate_block(world: World, staffing: Staffing, quarter: Quarter, rows: Ints, label: str) -> Block:
    rng = stream(world.size.seed, "pbj", str(quarter), label)
    newest = Quarter.parse(world.size.end)
    days = quarter.days
    mean = np.minimum(staffing.census[rows] * census_season(quarter, newest), world.beds[rows])
    census = _census(rng, mean, world.beds[rows], len(days))
    # Staff follows the usual census more than the census of the day.
    served = 0.7 * mean[:, None] + 0.3 * census
    shape = len(rows), len(days), len(JOBS)
    noise = 1 + staffing.noise[rows][:, None, None] * rng.standard_normal(shape, dtype=np.float32)
    hours_worked = served[:, :, None] * staffing.hprd[rows][:, None, :] * day_factors(days) * np.clip(noise, 0.3, 2.0)
    unit = staffing.rounding_cents[rows][:, None, None]
    total = (np.rint(hours_worked * 100 / unit) * unit).astype(np.int64)
    total[:, :, 0] = np.where(total[:, :, 0] > 300, np.maximum(800, total[:, :, 0] // 100 * 100), 0)
    total[:, :, 5] = np.maximum(total[:, :, 5], 100)
    share = np.clip(staffing.contract[rows] * contract_growth(quarter, newest), 0.0, 0.95)
    return Block(rows, census, total, _contract_cents(rng, total, share, staffing.contract_days[rows]))


def _apply_odd_days(block: Block, odd: OddDays, first: int) -> None:
    here = slice(first, first + len(block.facilities))
    block.census[odd.zero_census[here]] = 0
    block.total[odd.zero_hours[here]] = 0
    block.contract[odd.zero_hours[here]] = 0
    if odd.outlier and first <= odd.outlier[0] < first + len(block.facilities):
        cell = odd.outlier[0] - first, odd.outlier[1], _LPN
        block.total[cell], block.contract[cell] = _OUTLIER_CENTS, _OUTLIER_CONTRACT_CENTS


def simulate(world: World, staffing: Staffing, quarter: Quarter) -> Iterator[Block]:
    facilities = world.in_pbj(quarter)
    odd = _odd_days(world, quarter, facilities)
    for first in range(0, len(facilities), FACILITIES_AT_ONCE):
        rows = facilities[first : first + FACILITIES_AT_ONCE]
        block = simulate_block(world, staffing, quarter, rows, str(first))
        _apply_odd_days(block, odd, first)
        yield block


def _summary_of(block: Block, weekend: Bools) -> tuple[NDArray[np.float64], ...]:
    return (
        block.census.sum(axis=1).astype(np.float64),
        block.census[:, weekend].sum(axis=1).astype(np.float64),
        block.total.sum(axis=1) / 100,
        block.total[:, weekend].sum(axis=1) / 100,
        block.contract.sum(axis=(1, 2)) / 100,
    )


def facility_columns(world: World, quarter: Quarter, encoding: str) -> dict[str, Pooled]:
    """What PBJ says of a facility, one row a facility; names as of the end of the quarter."""
    names = world.names_on(np.datetime64(quarter.last_day))
    return {
        "ccn": text(list(world.ccn)),
        "provider_name": text([name.encode(encoding) for name in names]),
        "city": text(list(world.city)),
        "state": text(list(world.places.codes())),
        "county_name": text(list(world.places.of_county("name"))),
        "county_fips": text(list(world.places.of_county("fips"))),
    }


def pbj_columns(block: Block, quarter: Quarter, known: dict[str, Pooled]) -> dict[str, Cells]:
    day_count = len(quarter.days)
    rows = np.repeat(block.facilities, day_count)
    columns: dict[str, Cells] = {name: column.at(rows) for name, column in known.items()}
    columns |= {
        "quarter": constant(str(quarter), len(rows)),
        "work_date": dates(quarter.days, "%Y%m%d").at(np.tile(np.arange(day_count), len(block.facilities))),
        "resident_census": whole(block.census.reshape(-1)),
    }
    for position, job in enumerate(JOBS):
        total, contract = block.total[:, :, position].reshape(-1), block.contract[:, :, position].reshape(-1)
        columns[f"{job}_hours"] = hours(total)
        columns[f"{job}_employee_hours"] = hours(total - contract)
        columns[f"{job}_contract_hours"] = hours(contract)
    return columns


@dataclass(frozen=True)
class PbjFileForm:
    """CMS has named and written its PBJ files in several ways."""

    name: str
    encoding: str = "cp1252"
    bom: bool = False
    header_lower: bool = False


#: Newest quarter first, then in turn; a byte order mark promises UTF-8, so that file is UTF-8.
_FORMS = (
    PbjFileForm("PBJ_Daily_Nurse_Staffing_Q{number}_{year}.csv"),
    PbjFileForm("PBJ_Daily_Nurse_Staffing_CY_{year}Q{number}.csv", encoding="utf-8", bom=True),
    PbjFileForm("Payroll_Based_Journal_Daily_Nurse_Staffing_{year}_Q{number}.csv"),
    PbjFileForm("PBJ_dailynursestaffing_CY{year}Q{number}.csv", header_lower=True),
)


def file_form(world: World, quarter: Quarter) -> PbjFileForm:
    return _FORMS[(Quarter.parse(world.size.end).index - quarter.index) % len(_FORMS)]


def write_quarter(world: World, staffing: Staffing, quarter: Quarter, folder: Path) -> tuple[Path, QuarterStaffing]:
    form = file_form(world, quarter)
    path = folder / form.name.format(year=quarter.year, number=quarter.number)
    known = facility_columns(world, quarter, form.encoding)
    style = FileStyle(header_quoted=False, line_end="\n", bom=form.bom, header_lower=form.header_lower)
    weekend, sums = is_weekend(quarter.days), []
    with CsvFile(path, layout_of(FAMILY, world.newest), style) as file:
        for block in simulate(world, staffing, quarter):
            file.write(pbj_columns(block, quarter, known))
            sums.append(_summary_of(block, weekend))
    return path, _summed(world, quarter, sums)


def sum_quarter(world: World, staffing: Staffing, quarter: Quarter) -> QuarterStaffing:
    """The sums without the file: ProviderInfo of an earlier vintage needs them."""
    weekend = is_weekend(quarter.days)
    return _summed(world, quarter, [_summary_of(block, weekend) for block in simulate(world, staffing, quarter)])


def _summed(world: World, quarter: Quarter, sums: list[tuple[NDArray[np.float64], ...]]) -> QuarterStaffing:
    parts = [np.concatenate(part) for part in zip(*sums, strict=True)]
    return QuarterStaffing(quarter, world.in_pbj(quarter), *parts)
