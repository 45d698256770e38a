"""How each facility staffs: census, hours per resident day by job, contract share; calibrated on PBJ 2024Q2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Days, Quarter
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints, World
from include.local_cloud.sample_data.random_streams import stream

JOBS = ("rn_don", "rn_admin", "rn", "lpn_admin", "lpn", "cna", "na_training", "med_aide")
#: Mean hours a day and facility of the genuine quarter, share of facilities that have the job, weekend over weekday,
#: contract share relative to all jobs.
_MEAN_HOURS = np.array([5.196, 10.263, 34.802, 6.712, 66.172, 173.791, 4.314, 8.578])
_HAS_JOB = np.array([0.97, 0.80, 1.0, 0.48, 0.99, 1.0, 0.22, 0.36])
WEEKEND = np.array([0.02, 0.14, 0.94, 0.25, 0.93, 0.93, 0.55, 0.95])
_CONTRACT = np.array([0.27, 0.35, 1.15, 0.14, 1.32, 1.0, 0.17, 0.36])
_SPREAD = np.array([0.25, 0.55, 0.48, 0.6, 0.36, 0.20, 0.7, 0.5])
_MEAN_CENSUS, _MEAN_HPRD = 83.4167, 3.56
#: Among facilities with every job the parts must sum to the mean again.
_SHARE = _MEAN_HOURS / _HAS_JOB / _MEAN_HOURS.sum()


@dataclass(frozen=True)
class Staffing:
    """One element a facility; `hprd` and `contract` have one column a job."""

    census: Floats
    hprd: NDArray[np.float64]
    contract: NDArray[np.float64]
    contract_days: Floats  # share of days with agency staff
    rounding_cents: Ints
    noise: Floats


def _contract_shares(rng: np.random.Generator, world: World) -> Floats:
    factor = world.places.of_state("contract_factor").astype(np.float64)
    share = rng.lognormal(np.log(0.072), 1.0, world.count) * factor * np.exp(-0.1 * world.quality)
    return np.asarray(np.where(rng.random(world.count) < 0.42, 0.0, np.clip(share, 0.001, 0.7)))


def build_staffing(world: World) -> Staffing:
    rng = stream(world.size.seed, "staffing")
    occupancy = np.clip(rng.beta(6.2, 1.75, world.count) + 0.02 * world.quality, 0.2, 1.0)
    census = np.maximum(world.beds * occupancy, 2.0)
    state_factor = world.places.of_state("hprd_factor").astype(np.float64)
    level = _MEAN_HPRD * state_factor * (census / 100.0) ** -0.055
    level *= np.exp(0.13 * rng.standard_normal(world.count) + 0.06 * world.quality)
    level *= np.where(world.in_hospital, 1.25, 1.0)
    has_job = rng.random((world.count, len(JOBS))) < _HAS_JOB
    spread = np.exp(_SPREAD * rng.standard_normal((world.count, len(JOBS))) - _SPREAD**2 / 2)
    hprd = level[:, None] * _SHARE * spread * has_job
    # One director of nursing works about the same hours in a small home and a large one.
    hprd[:, 0] *= 0.9 * _MEAN_CENSUS / census
    contract = np.clip(_contract_shares(rng, world)[:, None] * _CONTRACT, 0, 0.9)
    return Staffing(
        census=census,
        hprd=hprd,
        contract=contract,
        contract_days=np.clip(contract[:, 4] * 7, 0.12, 1.0),
        rounding_cents=rng.choice(np.array([1, 1, 1, 25, 50]), world.count),
        noise=rng.uniform(0.05, 0.16, world.count),
    )


def is_weekend(days: Days) -> Bools:
    return np.asarray((days.astype(np.int64) + 3) % 7 >= 5)


def _is_holiday(days: Days) -> Bools:
    month_day = [day.strftime("%m%d") for day in days.tolist()]
    return np.isin(month_day, ["0101", "0704", "1128", "1224", "1225"])


def day_factors(days: Days) -> NDArray[np.float64]:
    """(days, jobs): weekends, holidays and a little season; the mean of an ordinary week is one."""
    week_mean = (5 + 2 * WEEKEND) / 7
    factors = np.where(is_weekend(days)[:, None], WEEKEND, 1.0) / week_mean
    factors *= np.where(_is_holiday(days), 0.93, 1.0)[:, None]
    day_of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    season = 1 + 0.012 * np.cos(2 * np.pi * (day_of_year - 120) / 365)
    return np.asarray(factors * season[:, None])


def census_season(quarter: Quarter, newest: Quarter) -> float:
    """Fuller in winter, and slowly recovering from quarter to quarter."""
    winter = (0.006, 0.0, -0.004, 0.002)[quarter.number - 1]
    return (1 + winter) * 1.004 ** (quarter.index - newest.index)


def contract_growth(quarter: Quarter, newest: Quarter) -> float:
    """Agency work grows from quarter to quarter, so that trends have something to show."""
    return float(1.05 ** (quarter.index - newest.index))
