"""The Value-Based Purchasing program: measures, scores, multipliers and rank of each SNF, and the nation's line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from include.local_cloud.sample_data.calendars import Vintage
from include.local_cloud.sample_data.csv_text import Cells, FileStyle, Fixed, choice, text, whole, write_file
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints
from include.local_cloud.sample_data.hospitals import Hospitals
from include.local_cloud.sample_data.names import Texts
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.sizes import GENUINE_ROWS
from include.local_cloud.sample_data.vintage_view import VintageView

#: Rates are inverted (higher is better) before they are scored.
_THRESHOLD, _BENCHMARK = 0.79271, 0.83033
_LOWEST, _HIGHEST = 0.9802538758, 1.0176785153
_PENDING = "To be added after the end of FY {year}"
_TOO_FEW_STAYS = (
    "This facility had fewer than 25 eligible stays during the baseline period. Therefore, this facility did not have "
    "sufficient data to calculate a baseline period risk-standardized readmission rate or improvement score."
)
_TOO_FEW_CASES = (
    "This facility did not meet this measure's case minimum policy requirement and therefore no measure data is publicly "
    "reported."
)
_NO_BASELINE_SHARE, _HOSPITAL_SHARE, _TOO_FEW_SHARE = 517 / 10_858, 0.022, 0.06
#: From fiscal year 2026 on, as published in February 2026.
_FOUR_MEASURES_SINCE, _MOST_POINTS = 2026, 10.0


@dataclass(frozen=True)
class Measure:
    """One of the four; `is_low_good`: one minus the rate is what is scored."""

    name: str
    baseline: str
    performance: str
    mean: float
    spread: float
    threshold: float
    benchmark: float
    is_low_good: bool
    is_of_staff: bool


_MEASURES = (
    Measure("readmission", "baseline_readmission_rate", "performance_readmission_rate", 0.2, 0.1, 0.78800, 0.82971, True, False),
    Measure("hai", "hai_baseline_rate", "hai_performance_rate", 0.07, 0.25, 0.92315, 0.95004, True, False),
    Measure("turnover", "turnover_baseline_rate", "turnover_performance_rate", 0.47, 0.3, 0.35912, 0.72343, True, True),
    Measure(
        "nurse_staffing",
        "nurse_staffing_baseline_hprd",
        "nurse_staffing_performance_hprd",
        3.9,
        0.17,
        3.18523,
        5.70680,
        False,
        True,
    ),
)


@dataclass(frozen=True)
class Program:
    """One element a participant, in the order of the CCN."""

    identity: dict[str, Texts]
    baseline: Floats  # NaN: too few stays
    performance: Floats
    achievement: Floats
    improvement: Floats
    score: Floats
    multiplier: Floats
    rank: Ints


def _published(rates: Floats) -> Floats:
    return np.asarray(np.round(np.clip(rates, 0.13, 0.33), 5), dtype=np.float64)


def _achievement(after: Floats, threshold: float, benchmark: float) -> Floats:
    points = 9 * (after - threshold) / (benchmark - threshold) + 0.5
    scored = np.where(after >= benchmark, _MOST_POINTS, np.where(after < threshold, 0.0, points))
    return np.where(np.isnan(after), np.nan, scored)


def _improvement(before: Floats, after: Floats, benchmark: float) -> Floats:
    room = np.maximum(benchmark - before, 1e-5)
    points = np.clip(10 * (after - before) / room - 0.5, 0.0, 9.0)
    improved = (after > before) & (before < benchmark)
    return np.where(np.isnan(before), np.nan, np.where(improved, points, 0.0))


def _multipliers(score: Floats) -> Floats:
    """CMS's logistic exchange of points for payment, from the lowest to the highest multiplier."""
    curve = 1 / (1 + np.exp(-0.1 * (score - 50)))
    ends = 1 / (1 + np.exp(-0.1 * (np.array([0.0, 100.0]) - 50)))
    return np.asarray(_LOWEST + (_HIGHEST - _LOWEST) * (curve - ends[0]) / (ends[1] - ends[0]))


def _participants(view: VintageView, hospitals: Hospitals) -> tuple[dict[str, Texts], Floats]:
    rng = stream(view.world.size.seed, "vbp participants")
    total = min(view.world.size.share_of(GENUINE_ROWS["snf_vbp_facility_performance"]), view.count)
    of_hospitals = max(2, round(total * _HOSPITAL_SHARE))
    chosen = np.sort(rng.choice(len(hospitals.ccn), min(of_hospitals, len(hospitals.ccn)), replace=False))
    # Those with the most beds have the stays that the program asks for.
    size = view.world.beds[view.rows] * (0.5 + view.draw("vbp stays")) * ~view.new
    snfs = view.rows[np.sort(np.argsort(-size, kind="stable")[: total - len(chosen)])]
    world = view.world
    fields = {
        "ccn": (hospitals.ccn, world.ccn),
        "provider_name": (hospitals.name, world.names_on(view.today)),
        "provider_address": (hospitals.address, world.address),
        "city": (hospitals.city, world.city),
        "state": (hospitals.places.codes(), world.places.codes()),
        "zip_code": (hospitals.zip_code, world.zip_code),
    }
    joined = {name: np.concatenate([ours[chosen], theirs[snfs]]) for name, (ours, theirs) in fields.items()}
    order = np.argsort(joined["ccn"], kind="stable")
    quality = np.concatenate([np.zeros(len(chosen)), world.quality[snfs]])[order]
    return {name: values[order] for name, values in joined.items()}, quality


def _program(view: VintageView, hospitals: Hospitals) -> Program:
    identity, quality = _participants(view, hospitals)
    rng = stream(view.world.size.seed, "vbp")
    count = len(quality)
    steady = rng.standard_normal(count)
    performance = 0.2020 + 0.0180 * steady + 0.0105 * rng.standard_normal(count) - 0.004 * quality
    performance = _published(performance + 0.004 * (rng.standard_gamma(1.0, count) - 1.0))
    baseline = _published(0.1982 + 0.0130 * steady + 0.0150 * rng.standard_normal(count))
    baseline[rng.random(count) < _NO_BASELINE_SHARE] = np.nan
    achievement = np.round(10 * _achievement(1 - performance, _THRESHOLD, _BENCHMARK), 5)
    improvement = np.round(10 * _improvement(1 - baseline, 1 - performance, _BENCHMARK), 5)
    score = np.fmax(achievement, improvement)
    return Program(identity, baseline, performance, achievement, improvement, score, _multipliers(score), _rank(score))


def _rank(score: Floats) -> Ints:
    return np.asarray(1 + np.searchsorted(np.sort(-score), -score, side="left"))


def _explained(missing: Bools) -> Cells:
    return choice((_TOO_FEW_STAYS,), np.where(missing, 0, -1))


def _write_facilities(program: Program, vintage: Vintage, folder: Path) -> Path:
    nothing = np.full(len(program.rank), -1)
    missing = np.isnan(program.baseline)
    columns: dict[str, Cells] = {name: text(list(values)) for name, values in program.identity.items()}
    columns |= {
        "program_ranking": whole(program.rank),
        "baseline_readmission_rate": Fixed(program.baseline, 5, "---"),
        "baseline_readmission_rate_footnote": _explained(missing),
        "performance_readmission_rate": Fixed(program.performance, 5),
        "achievement_score": Fixed(program.achievement, 5),
        "improvement_score": Fixed(program.improvement, 5, "---"),
        "improvement_score_footnote": _explained(missing),
        "performance_score": Fixed(program.score, 5),
        "incentive_payment_multiplier": Fixed(program.multiplier, 10),
    }
    unused = ("program_ranking", "performance_readmission_rate", "achievement_score", "performance_score")
    columns |= {f"{name}_footnote": choice(("",), nothing) for name in (*unused, "incentive_payment_multiplier")}
    return write_file(folder, "snf_vbp_facility_performance", vintage, FileStyle(line_end="\n"), columns)


def _measured(view: VintageView, measure: Measure, quality: Floats, has_cases: Bools) -> tuple[Floats, Floats]:
    """Baseline and performance; higher quality lowers a rate that is good when low."""
    rng = stream(view.world.size.seed, "vbp", measure.name)
    steady, *recent = rng.standard_normal((3, len(quality)))
    better = (-1.0 if measure.is_low_good else 1.0) * 0.25 * quality
    too_few = ~has_cases | (rng.random(len(quality)) < _TOO_FEW_SHARE)
    known = np.where(too_few & measure.is_of_staff, np.nan, 1.0)
    before, after = (known * measure.mean * np.exp(measure.spread * (0.7 * steady + 0.5 * now + better)) for now in recent)
    return np.round(before, 5), np.round(after, 5)


def _measure_columns(measure: Measure, before: Floats, after: Floats) -> tuple[dict[str, Cells], Floats]:
    scored = (1 - before, 1 - after) if measure.is_low_good else (before, after)
    achievement = np.round(_achievement(scored[1], measure.threshold, measure.benchmark), 5)
    improvement = np.round(_improvement(*scored, measure.benchmark), 5)
    points = np.fmax(achievement, improvement)
    shown = {
        measure.baseline: before,
        measure.performance: after,
        f"{measure.name}_achievement_score": achievement,
        f"{measure.name}_improvement_score": improvement,
        f"{measure.name}_measure_score": points,
    }
    columns: dict[str, Cells] = {name: Fixed(values, 5, "---") for name, values in shown.items()}
    columns |= {f"{name}_footnote": choice(("---", _TOO_FEW_CASES), np.isnan(points)) for name in shown}
    return columns, points


def _write_four_measures(view: VintageView, hospitals: Hospitals, folder: Path) -> Path:
    identity, quality = _participants(view, hospitals)
    is_hospital = np.array([ccn[2] < "5" for ccn in identity["ccn"]])
    columns: dict[str, Cells] = {name: text(view.encoded(values)) for name, values in identity.items()}
    points = []
    for measure in _MEASURES:
        measured = _measured(view, measure, quality, ~is_hospital)
        of_measure, scored = _measure_columns(measure, *measured)
        columns |= of_measure
        points.append(scored)
    score = np.round(100 * np.nanmean(points, axis=0) / _MOST_POINTS, 5)
    columns["program_ranking"] = whole(_rank(score))
    columns["performance_score"] = Fixed(score, 5)
    columns["incentive_payment_multiplier"] = Fixed(_multipliers(score), 10)
    return write_file(folder, "snf_vbp_facility_performance", view.vintage, FileStyle(line_end="\n"), columns)


def _range(values: Floats, places: int) -> str:
    return f"{values.min():.{places}f}-{values.max():.{places}f}"


def _write_nation(program: Program, vintage: Vintage, folder: Path) -> Path:
    pending = text([_PENDING.format(year=vintage.year)])
    columns: dict[str, Cells] = {
        "baseline_national_readmission_rate": Fixed(np.array([np.nanmean(program.baseline)]), 5),
        "performance_national_readmission_rate": Fixed(np.array([program.performance.mean()]), 5),
        "achievement_threshold": Fixed(np.array([_THRESHOLD]), 5),
        "benchmark": Fixed(np.array([_BENCHMARK]), 5),
        "performance_score_range": text([_range(program.score, 5)]),
        "snfs_receiving_payments": whole(np.array([len(program.rank)])),
        "incentive_payment_multiplier_range": text([_range(program.multiplier, 10)]),
        "incentive_payment_range_usd": pending,
        "total_incentive_payments_usd": pending,
    }
    return write_file(folder, "snf_vbp_aggregate_performance", vintage, FileStyle(header_quoted=False), columns)


def write_vbp(view: VintageView, hospitals: Hospitals, folder: Path) -> list[Path]:
    if view.vintage.year >= _FOUR_MEASURES_SINCE:
        return [_write_four_measures(view, hospitals, folder)]
    program = _program(view, hospitals)
    return [_write_facilities(program, view.vintage, folder), _write_nation(program, view.vintage, folder)]
