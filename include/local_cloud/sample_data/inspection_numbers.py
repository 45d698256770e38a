"""The inspection columns of ProviderInfo, counted from the same deficiencies and visits that the other files show."""

from __future__ import annotations

import numpy as np

from include.local_cloud.sample_data.calendars import Days, Vintage
from include.local_cloud.sample_data.citations import POINTS, Deficiencies, Shown, count_by_cycle
from include.local_cloud.sample_data.facilities import Floats, Ints
from include.local_cloud.sample_data.inspections import KEPT, cycle_dates, shown, standard_cycle, visit_cycle
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.reported_staffing import Numbers
from include.local_cloud.sample_data.vintage_view import VintageView

#: Share of the deficiency score that the second, third and fourth revisit add.
_REVISIT_POINTS = np.array([0.0, 0.0, 0.50, 0.70, 0.85])
_CYCLE_WEIGHTS = np.array([1 / 2, 1 / 3, 1 / 6])
_TWO_CYCLE_WEIGHTS = np.array([0.6, 0.4, 0.0])
#: From July 2025 the rating looks at the newest survey, and at the one before it with the complaints of two years.
_POOLED_SINCE = Vintage.parse("2025-07")


def _revisits(view: VintageView, cycle: Ints) -> Ints:
    rng = stream(view.world.size.seed, "revisits")
    drawn = rng.choice(5, cycle.shape, p=[0.075, 0.870, 0.039, 0.012, 0.004])
    return np.column_stack([shown(drawn, cycle, number)[view.rows] for number in range(1, KEPT + 1)])


def _visits(view: VintageView, facility: Ints, date: Days) -> Ints:
    inside = visit_cycle(date, view.vintage) > 0
    return np.bincount(facility[inside], minlength=view.world.count)[view.rows]


def survey_dates_of(view: VintageView, surveys: Days) -> list[Days]:
    cycle = standard_cycle(surveys, view.vintage)
    return [cycle_dates(surveys, cycle, number)[view.rows] for number in range(1, KEPT + 1)]


def _pooled(view: VintageView, known: Deficiencies, health: Shown, numbers: Numbers) -> Numbers:
    """Cycle 2 and what complaints and infection-control visits found in cycle 3."""
    cited = known.health
    visits, points = cited.survey < 0, POINTS[cited.severity]
    added = {
        "deficiencies": count_by_cycle(view.world, health, cited.facility, visits),
        "complaint_deficiencies": count_by_cycle(view.world, health, cited.facility, visits & cited.is_complaint),
        "deficiency_score": count_by_cycle(view.world, health, cited.facility, visits, points),
    }
    pooled = {name: numbers[f"cycle_2_{name}"] + counts[view.rows, 2] for name, counts in added.items()}
    pooled |= {name: numbers[f"cycle_2_{name}"] for name in ("revisits", "revisit_score")}
    pooled["total_score"] = pooled["deficiency_score"] + pooled["revisit_score"]
    return {f"cycle_2_3_{name}": values for name, values in pooled.items()}


def _pooled_score(numbers: Numbers) -> Floats:
    newest, before = numbers["cycle_1_total_score"], numbers["cycle_2_3_total_score"]
    return np.asarray(np.round(np.where(np.isnan(before), newest, 0.75 * newest + 0.25 * before), 3), dtype=np.float64)


def _cycle_numbers(view: VintageView, known: Deficiencies, health: Shown) -> tuple[Numbers, Floats]:
    citations = known.health
    cycle = standard_cycle(known.inspections.health, view.vintage)
    counts = {
        "deficiencies": count_by_cycle(view.world, health, citations.facility),
        "standard_deficiencies": count_by_cycle(view.world, health, citations.facility, citations.survey >= 0),
        "complaint_deficiencies": count_by_cycle(view.world, health, citations.facility, citations.is_complaint),
        "deficiency_score": count_by_cycle(view.world, health, citations.facility, points=POINTS[citations.severity]),
    }
    by_view = {name: values[view.rows].astype(np.float64) for name, values in counts.items()}
    by_view["revisits"] = _revisits(view, cycle).astype(np.float64)
    by_view["revisit_score"] = np.rint(
        by_view["deficiency_score"] * _REVISIT_POINTS[np.maximum(by_view["revisits"], 0).astype(np.int64)]
    )
    by_view["total_score"] = by_view["deficiency_score"] + by_view["revisit_score"]
    has_cycle = np.column_stack([shown(cycle, cycle, number)[view.rows] > 0 for number in range(1, KEPT + 1)])
    has_cycle &= ~view.new[:, None]
    numbers = {
        f"cycle_{number}_{name}": np.where(has_cycle[:, number - 1], values[:, number - 1], np.nan)
        for number in range(1, KEPT + 1)
        for name, values in by_view.items()
    }
    weights = np.where(has_cycle[:, 2:], _CYCLE_WEIGHTS, _TWO_CYCLE_WEIGHTS)
    score = np.round(np.where(has_cycle, by_view["total_score"] * weights, 0.0).sum(axis=1), 3)
    return numbers, np.where(has_cycle[:, 0], score, np.nan)


def inspection_numbers(view: VintageView, known: Deficiencies, health: Shown) -> Numbers:
    numbers, score = _cycle_numbers(view, known, health)
    numbers |= _pooled(view, known, health, numbers)
    if view.vintage >= _POOLED_SINCE:
        score = _pooled_score(numbers)
    visits = known.inspections
    complaints = _visits(view, visits.complaint.facility, visits.complaint.date)
    infection = _visits(view, visits.infection.facility, visits.infection.date)
    cited = count_by_cycle(view.world, health, known.health.facility, known.health.is_infection)
    return {
        **numbers,
        "total_weighted_health_survey_score": score,
        "facility_reported_incidents": np.rint(complaints * 1.03 * view.draw("incidents")),
        "substantiated_complaints": np.rint(complaints * 3.5 * view.draw("complaints")),
        "infection_control_inspection_citations": np.where(
            infection > 0, cited[view.rows].sum(axis=1).astype(np.float64), np.nan
        ),
    }
