"""Inspections of every facility over four cycles and more than three years: standard, fire, complaint, infection control."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Days, Vintage
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints, World
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.sizes import GENUINE_ROWS

#: Three cycles are published; the fourth comes into sight in the vintages of the year before, and more in those before that.
_CYCLES, KEPT = 4, 3
_DAYS_BETWEEN_SURVEYS = 430
_COMPLAINT_SURVEYS, _FIRE_COMPLAINT_SURVEYS = 54_640, 630
_TWO_CYCLES_ONLY, _NO_FIRE_SURVEY = 87, 33
_NAT = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Visits:
    """Inspections outside the standard cycle: one element each."""

    facility: Ints
    date: Days


@dataclass(frozen=True)
class Inspections:
    """`health` and `fire`: dates of the standard surveys, newest first, (facility, cycle); NaT where there was none."""

    health: Days
    fire: Days
    complaint: Visits
    infection: Visits
    fire_complaint: Visits


def months_before(day: np.datetime64, months: int) -> np.datetime64:
    month = day.astype("datetime64[M]") - np.timedelta64(months, "M")
    return np.datetime64(month, "D")


def visit_cycle(visited: Days, vintage: Vintage) -> Ints:
    """Complaint and infection-control citations count by twelve-month windows; 0 = outside of the three."""
    today = np.datetime64(vintage.processing_date)
    cycle = np.zeros(len(visited), dtype=np.int64)
    for number in range(KEPT, 0, -1):
        inside = (visited >= months_before(today, 12 * number)) & (visited < months_before(today, 12 * (number - 1)))
        cycle[inside] = number
    return cycle


def standard_cycle(surveys: Days, vintage: Vintage) -> Ints:
    """(facility, survey) → 1 for the newest that the vintage can know, 2, 3; 0 where not published."""
    known = (surveys < np.datetime64(vintage.processing_date)) & ~np.isnat(surveys)
    cycle = np.cumsum(known, axis=1) * known
    return np.where(cycle > KEPT, 0, cycle)


def is_new(world: World, vintage: Vintage) -> Bools:
    """Too new to be rated: footnote 1."""
    return np.asarray(world.events.opened > months_before(np.datetime64(vintage.processing_date), 15))


def _older_gaps(world: World) -> Floats:
    """Days between the surveys that only vintages of more than a year ago show."""
    rng = stream(world.size.seed, "older standard surveys")
    days = 30.5 * max(0, world.months - 12)
    surveys = math.ceil(days / _DAYS_BETWEEN_SURVEYS)
    return np.asarray(np.clip(rng.normal(_DAYS_BETWEEN_SURVEYS, 90, (world.count, surveys)), 200, 1500))


def _health_dates(world: World) -> Days:
    rng = stream(world.size.seed, "standard surveys")
    count, newest = world.count, np.datetime64(world.horizon.processing_date)
    since_first = np.clip(rng.gamma(2.5, 160, count), 12, 1100)
    gaps = np.clip(rng.normal([_DAYS_BETWEEN_SURVEYS, 620, 430], [90, 230, 70], (count, _CYCLES - 1)), 200, 1500)
    gaps = np.column_stack([gaps, _older_gaps(world)])
    ages = np.column_stack([since_first, since_first[:, None] + gaps.cumsum(axis=1)])
    dates: Days = newest - ages.astype("timedelta64[D]")
    new = is_new(world, world.horizon)
    dates[new, 0] = world.events.opened[new] - np.timedelta64(30, "D")
    dates[new, 1:] = _NAT
    _begin_at_opening(world, dates)
    settled = np.flatnonzero(~new & world.active(newest))
    two_cycles = rng.choice(settled, world.size.share_of(_TWO_CYCLES_ONLY), replace=False)
    if dates.shape[1] == _CYCLES:  # without them an older vintage would show a facility that was never inspected
        dates[two_cycles, 2:] = _NAT
    return dates


def _begin_at_opening(world: World, dates: Days) -> None:
    """The oldest survey of a facility that has opened is the one that let it open."""
    opened = world.events.opened
    for facility in np.flatnonzero((opened > opened.min()) & (dates[:, -1] <= opened)):
        first = int(np.argmax(dates[facility] <= opened[facility]))
        dates[facility, first], dates[facility, first + 1 :] = opened[facility] - np.timedelta64(30, "D"), _NAT


def _fire_dates(world: World, health: Days) -> Days:
    rng = stream(world.size.seed, "fire surveys")
    fire = health + rng.integers(-10, 11, health.shape).astype("timedelta64[D]")
    fire = np.minimum(fire, np.datetime64(world.horizon.processing_date) - 1)
    settled = np.flatnonzero(world.active(np.datetime64(world.horizon.processing_date)) & ~np.isnat(health[:, 2]))
    missing = rng.choice(settled, world.size.share_of(_NO_FIRE_SURVEY), replace=False)
    fire[missing, 2:] = _NAT
    return np.asarray(fire)


def _visit_weights(world: World, label: str, spread: float) -> Floats:
    rng = stream(world.size.seed, "visit weights", label)
    weights = rng.gamma(1 / spread, spread, world.count) * np.sqrt(world.beds) * np.exp(-0.35 * world.quality)
    weights[world.events.opened > np.datetime64("2017-01-01")] = 0.0
    return np.asarray(weights)


def _draw_visits(world: World, label: str, count: int, spread: float) -> Visits:
    """Exactly `count` visits in the last vintage's three years, and as many per month before that and elsewhere."""
    rng = stream(world.size.seed, "visits", label)
    newest = np.datetime64(world.horizon.processing_date)
    window_start = months_before(newest, 36)
    older_start = months_before(newest, 37 + world.months)
    span, window = int((newest - older_start).astype(int)), int((newest - window_start).astype(int))
    weights = _visit_weights(world, label, spread)
    draws = int(count * 1.6 * span / window) + 60
    facility = rng.choice(world.count, draws, p=weights / weights.sum())
    # A date twice in one facility would be one inspection.
    keys = np.unique(facility * span + rng.integers(0, span, draws))
    rng.shuffle(keys)
    facility, date = keys // span, older_start + (keys % span).astype("timedelta64[D]")
    counted = (date >= window_start) & world.active(newest)[facility]
    kept = np.flatnonzero(counted)[:count]
    others = np.flatnonzero(~counted)
    kept = np.concatenate([kept, others[: len(others) * count // max(1, counted.sum())]])
    return Visits(facility[kept], date[kept])


def _infection_surveys(world: World, health: Days, fire: Days, complaints: int, fire_complaints: int) -> int:
    """What is left of CMS's count of inspections."""
    active = world.active(np.datetime64(world.horizon.processing_date))
    standard = int((~np.isnat(health[active, :KEPT])).sum() + (~np.isnat(fire[active, :KEPT])).sum())
    return max(10, world.size.share_of(GENUINE_ROWS["nh_survey_dates"]) - standard - complaints - fire_complaints)


def build_inspections(world: World) -> Inspections:
    health = _health_dates(world)
    fire = _fire_dates(world, health)
    complaints = world.size.share_of(_COMPLAINT_SURVEYS)
    fire_complaints = world.size.share_of(_FIRE_COMPLAINT_SURVEYS, at_least=4)
    infections = _infection_surveys(world, health, fire, complaints, fire_complaints)
    return Inspections(
        health=health,
        fire=fire,
        complaint=_draw_visits(world, "complaint", complaints, 1.1),
        infection=_draw_visits(world, "infection", infections, 1.0),
        fire_complaint=_draw_visits(world, "fire complaint", fire_complaints, 1.0),
    )


def shown(values: NDArray[np.int64], cycle: Ints, number: int) -> Ints:
    """The value of the survey that is cycle `number` in a vintage; -1 where there is none."""
    here = cycle == number
    return np.where(here.any(axis=1), np.where(here, values, 0).sum(axis=1), -1)


def cycle_dates(surveys: Days, cycle: Ints, number: int) -> Days:
    days = shown(np.where(np.isnat(surveys), 0, surveys.astype(np.int64)), cycle, number)
    return np.where(days == -1, _NAT, days.astype("datetime64[D]"))
