"""Health and fire-safety deficiencies cited at the inspections, drawn once for the world and shown by vintage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Days, Vintage
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints, World
from include.local_cloud.sample_data.inspections import KEPT, Inspections, Visits, standard_cycle, visit_cycle
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.repeats import repeated_positions
from include.local_cloud.sample_data.sizes import GENUINE_ROWS
from include.local_cloud.sample_data.tags import citable

SEVERITIES = tuple("ABCDEFGHIJKL")
#: CMS's points of the health inspection score.
POINTS = np.array([0, 0, 0, 4, 8, 16, 20, 35, 45, 50, 100, 150])
_HEALTH_SEVERITY = np.array([0, 0.020, 0.018, 0.618, 0.215, 0.062, 0.042, 0.001, 0.0005, 0.0125, 0.008, 0.003])
_FIRE_SEVERITY = np.array([0, 0.025, 0.070, 0.250, 0.285, 0.363, 0.001, 0, 0, 0.0005, 0.001, 0.0045])
#: Genuine rows: cited at a standard survey, at both, at infection-control visits; fire: at a standard survey.
_STANDARD, _STANDARD_AND_COMPLAINT, _INFECTION = 306_669, 35_846, 7_079
_FIRE_STANDARD, _FIRE_STANDARD_AND_COMPLAINT = 198_991, 137

HEALTH_CORRECTED = (
    "Deficient, Provider has date of correction", "Past Non-Compliance", "Deficient, Provider has plan of correction",
    "Deficient, Provider has no plan of correction", "No revisit needed to correct this deficiency",
)  # fmt: skip
FIRE_CORRECTED = (*HEALTH_CORRECTED[:4], "Waiver has been granted", HEALTH_CORRECTED[4])
_HEALTH_CORRECTED_SHARES = np.array([0.9740, 0.0200, 0.0020, 0.0030, 0.0010])
_FIRE_CORRECTED_SHARES = np.array([0.9646, 0.0005, 0.0020, 0.0050, 0.0274, 0.0005])
_NO_DATE = (2, 3)


@dataclass(frozen=True)
class Citations:
    """One element a deficiency; `survey` is the position of the standard survey, -1 for other visits."""

    facility: Ints
    date: Days
    survey: Ints
    is_complaint: Bools
    is_infection: Bools
    tag: Ints
    severity: Ints
    corrected: Ints
    correction_date: Days
    is_idr: Bools
    is_iidr: Bools


@dataclass(frozen=True)
class Shown:
    """The deficiencies that one vintage publishes, in file order: rows of the citations, and their cycle."""

    rows: Ints
    cycle: Ints


@dataclass(frozen=True)
class Mix:
    """What distinguishes health from fire-safety citations."""

    label: str
    total: int
    standard: int
    both: int
    infection: int
    spread: float
    prefixes: str
    severity: NDArray[np.float64]
    corrected: NDArray[np.float64]


HEALTH = Mix(
    "health", GENUINE_ROWS["nh_health_citations"], _STANDARD, _STANDARD_AND_COMPLAINT, _INFECTION, 0.22, "F",
    _HEALTH_SEVERITY, _HEALTH_CORRECTED_SHARES,
)  # fmt: skip
FIRE = Mix(
    "fire", GENUINE_ROWS["nh_fire_safety_citations"], _FIRE_STANDARD, _FIRE_STANDARD_AND_COMPLAINT, 0, 0.55, "KE",
    _FIRE_SEVERITY, _FIRE_CORRECTED_SHARES,
)  # fmt: skip


def _multinomial(rng: np.random.Generator, total: int, weights: Floats) -> Ints:
    return np.asarray(rng.multinomial(total, weights / weights.sum()), dtype=np.int64)


def _standard_counts(world: World, surveys: Days, mix: Mix) -> Ints:
    """(facility, survey) deficiencies; those of the last vintage come to exactly the wanted number."""
    rng = stream(world.size.seed, "standard citations", mix.label)
    cycle = standard_cycle(surveys, world.horizon)
    counted = (cycle > 0) & world.active(np.datetime64(world.horizon.processing_date))[:, None]
    state = np.exp(0.30 * rng.standard_normal(len(world.places.states)))[world.places.state]
    facility = rng.gamma(4.5, 1.0, world.count) * state * np.exp(-0.25 * world.quality)
    weights = facility[:, None] * rng.gamma(1 / mix.spread, mix.spread, surveys.shape)
    weights *= np.append([1.10, 1.0, 0.92], np.full(surveys.shape[1] - KEPT, 0.9)) * ~np.isnat(surveys)
    total = world.size.share_of(mix.standard)
    counts = np.zeros(surveys.shape, dtype=np.int64)
    counts[counted] = _multinomial(rng, total, weights[counted])
    counts[~counted] = rng.poisson(weights[~counted] * total / weights[counted].sum())
    return counts


def _visit_counts(world: World, visits: Visits, total: int, label: str, at_least: int) -> Ints:
    rng = stream(world.size.seed, "visit citations", label)
    counted = world.active(np.datetime64(world.horizon.processing_date))[visits.facility]
    counted &= visit_cycle(visits.date, world.horizon) > 0
    weights = rng.gamma(0.8, 1.25, len(visits.facility)) + 1e-6
    counts = np.full(len(visits.facility), at_least, dtype=np.int64)
    spare = max(0, total - at_least * int(counted.sum()))
    counts[counted] += _multinomial(rng, spare, weights[counted])
    counts[~counted] += rng.poisson(weights[~counted] * spare / max(1.0, float(weights[counted].sum())))
    return counts


def build_citations(world: World, surveys: Days, complaint: Visits, infection: Visits | None, mix: Mix) -> Citations:
    standard, cycles = _standard_counts(world, surveys, mix).reshape(-1), surveys.shape[1]
    infection_total = world.size.share_of(mix.infection) if infection else 0
    complaint_total = world.size.share_of(mix.total) - world.size.share_of(mix.standard) - infection_total
    by_complaint = _visit_counts(world, complaint, complaint_total, f"{mix.label} complaint", at_least=1)
    cells = np.repeat(np.arange(len(standard)), standard)
    facility, date = [cells // cycles, np.repeat(complaint.facility, by_complaint)], [surveys.reshape(-1)[cells]]
    date.append(np.repeat(complaint.date, by_complaint))
    if infection:
        by_infection = _visit_counts(world, infection, infection_total, f"{mix.label} infection", at_least=0)
        facility.append(np.repeat(infection.facility, by_infection))
        date.append(np.repeat(infection.date, by_infection))
    kind = np.repeat(np.arange(len(date)), [len(part) for part in date])
    survey = np.concatenate([cells % cycles, np.full(len(kind) - len(cells), -1)])
    return _described(world, np.concatenate(facility), np.concatenate(date), survey, kind, mix)


def _tags_once_a_survey(rng: np.random.Generator, survey: Ints, prefixes: str) -> Ints:
    """A survey cites a tag once, so that no two rows of the file are the same: repeats are drawn again."""
    positions, weights = citable(prefixes)
    tag = positions[rng.choice(len(positions), len(survey), p=weights)]
    repeats = repeated_positions(survey * 1_000 + tag)
    while len(repeats):
        tag[repeats] = positions[rng.choice(len(positions), len(repeats), p=weights)]
        repeats = repeated_positions(survey * 1_000 + tag)
    return tag


def _described(world: World, facility: Ints, date: Days, survey: Ints, kind: Ints, mix: Mix) -> Citations:
    rng = stream(world.size.seed, "citations", mix.label)
    count = len(facility)
    tag = _tags_once_a_survey(rng, facility * 100_000 + date.astype(np.int64), mix.prefixes)
    corrected = rng.choice(len(mix.corrected), count, p=mix.corrected / mix.corrected.sum())
    lag = np.where(corrected == 1, -rng.integers(5, 60, count), rng.integers(1, 62, count))
    correction = np.minimum(date + lag.astype("timedelta64[D]"), np.datetime64(world.horizon.processing_date) - 1)
    correction[np.isin(corrected, _NO_DATE)] = np.datetime64("NaT", "D")
    return Citations(
        facility=facility,
        date=date,
        survey=survey,
        is_complaint=(kind == 1) | ((kind == 0) & (rng.random(count) < mix.both / mix.standard)),
        is_infection=kind == 2,
        tag=tag,
        severity=rng.choice(len(SEVERITIES), count, p=mix.severity / mix.severity.sum()),
        corrected=corrected,
        correction_date=correction,
        is_idr=rng.random(count) < 657 / 402_424,
        is_iidr=rng.random(count) < 109 / 402_424,
    )


def shown_in(world: World, citations: Citations, surveys: Days, vintage: Vintage) -> Shown:
    """Three cycles of the facilities that exist, newest inspection first in each facility."""
    standard = standard_cycle(surveys, vintage)[citations.facility, citations.survey]
    cycle = np.where(citations.survey >= 0, standard, visit_cycle(citations.date, vintage))
    active = world.active(np.datetime64(vintage.processing_date))[citations.facility]
    rows = np.flatnonzero((cycle > 0) & active)
    age = -citations.date[rows].astype(np.int64)
    order = np.lexsort((citations.tag[rows], age, citations.facility[rows]))
    return Shown(rows[order], cycle[rows][order])


def count_by_cycle(world: World, shown: Shown, facility: Ints, chosen: Bools | None = None, points: Ints | None = None) -> Ints:
    """(facility, cycle 1 to 3) counts, or sums of points, of the chosen deficiencies."""
    rows = np.ones(len(shown.rows), dtype=np.bool_) if chosen is None else chosen[shown.rows]
    key = facility[shown.rows][rows] * KEPT + shown.cycle[rows] - 1
    weights = None if points is None else points[shown.rows][rows]
    return np.rint(np.bincount(key, weights, world.count * KEPT)).astype(np.int64).reshape(-1, KEPT)


@dataclass(frozen=True)
class Deficiencies:
    """All deficiencies of the world."""

    inspections: Inspections
    health: Citations
    fire: Citations


def build_deficiencies(world: World, inspections: Inspections) -> Deficiencies:
    return Deficiencies(
        inspections,
        build_citations(world, inspections.health, inspections.complaint, inspections.infection, HEALTH),
        build_citations(world, inspections.fire, inspections.fire_complaint, None, FIRE),
    )
