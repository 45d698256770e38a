"""The staffing columns of ProviderInfo, from the PBJ sums of the quarter: reported, case-mix, adjusted, turnover."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.facilities import Bools, Floats
from include.local_cloud.sample_data.pbj import QuarterStaffing
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.staffing import JOBS
from include.local_cloud.sample_data.vintage_view import VintageView

_RN = [JOBS.index(job) for job in ("rn_don", "rn_admin", "rn")]
_LPN = [JOBS.index(job) for job in ("lpn_admin", "lpn")]
_AIDE = [JOBS.index(job) for job in ("cna", "na_training", "med_aide")]
#: CMS withholds facilities outside of these totals.
_LOWEST_HPRD, _HIGHEST_HPRD = 1.5, 12.0
_WITHHELD, _NOT_ADJUSTED = 386, 28
_MEAN_INDEX, _MEAN_CASE_MIX = 1.356, {"nurse_aide": 2.292, "lpn": 0.877, "rn": 0.668, "total_nurse": 3.837}
_MEAN_WEEKEND_CASE_MIX = 3.353
Numbers = dict[str, Floats]


def _in_view(view: VintageView, staffing: QuarterStaffing, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values by facility of PBJ → rows of the view; NaN where PBJ has nothing."""
    everywhere = np.full((view.world.count, *values.shape[1:]), np.nan)
    everywhere[staffing.facilities] = values
    return everywhere[view.rows]


def _ratio(hours: Floats, resident_days: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.round(np.where(resident_days > 0, hours / resident_days, np.nan), 5), dtype=np.float64)


def _reported(view: VintageView, staffing: QuarterStaffing) -> tuple[Numbers, Bools]:
    hours = _in_view(view, staffing, staffing.hours)
    weekend_hours = _in_view(view, staffing, staffing.weekend_hours)
    days, weekend_days = (_in_view(view, staffing, v) for v in (staffing.resident_days, staffing.weekend_resident_days))
    total = hours.sum(axis=1) / np.where(days > 0, days, np.nan)
    implausible = np.isnan(total) | (total < _LOWEST_HPRD) | (total > _HIGHEST_HPRD) | view.new
    missing = _with_more(view, implausible, _WITHHELD)
    numbers = {
        "reported_nurse_aide_hprd": _ratio(hours[:, _AIDE].sum(axis=1), days),
        "reported_lpn_hprd": _ratio(hours[:, _LPN].sum(axis=1), days),
        "reported_rn_hprd": _ratio(hours[:, _RN].sum(axis=1), days),
        "weekend_total_nurse_hprd": _ratio(weekend_hours.sum(axis=1), weekend_days),
        "weekend_rn_hprd": _ratio(weekend_hours[:, _RN].sum(axis=1), weekend_days),
        "reported_physical_therapist_hprd": np.round(0.0138 * (-np.log1p(-view.draw("therapy"))) * 5, 5),
    }
    numbers["reported_licensed_hprd"] = np.round(numbers["reported_lpn_hprd"] + numbers["reported_rn_hprd"], 5)
    numbers["reported_total_nurse_hprd"] = np.round(numbers["reported_licensed_hprd"] + numbers["reported_nurse_aide_hprd"], 5)
    return {name: np.where(missing, np.nan, values) for name, values in numbers.items()}, missing


def _with_more(view: VintageView, marks: Bools, genuine: int) -> Bools:
    """Adds facilities to `marks` until they are as many as in the genuine file."""
    more = max(0, view.world.size.share_of(genuine) - int(marks.sum()))
    order = np.argsort(np.where(marks, 2.0, view.draw("withheld staffing")), kind="stable")
    result = marks.copy()
    result[order[:more]] = True
    return result


def _case_mix(view: VintageView, reported: Numbers, missing: Bools) -> Numbers:
    rng = stream(view.world.size.seed, "case mix")
    level = np.exp(0.15 * rng.standard_normal(view.world.count))[view.rows]
    index = np.round(np.where(missing, np.nan, 1.334 * level), 5)
    ratio = np.round(index / _MEAN_INDEX, 5)
    numbers = {"nursing_case_mix_index": index, "nursing_case_mix_index_ratio": ratio}
    unadjusted = view.some("not adjusted", _NOT_ADJUSTED, ~missing)
    for job, mean in _MEAN_CASE_MIX.items():
        numbers[f"case_mix_{job}_hprd"] = np.round(ratio * mean, 5)
        adjusted = reported[f"reported_{job}_hprd"] / np.sqrt(ratio * 0.98)
        numbers[f"adjusted_{job}_hprd"] = np.round(np.where(unadjusted, np.nan, adjusted), 5)
    numbers["case_mix_weekend_total_nurse_hprd"] = np.round(ratio * _MEAN_WEEKEND_CASE_MIX, 5)
    weekend = reported["weekend_total_nurse_hprd"] / np.sqrt(ratio * 0.98)
    numbers["adjusted_weekend_total_nurse_hprd"] = np.round(np.where(unadjusted, np.nan, weekend), 5)
    return numbers


def _turnover(view: VintageView) -> Numbers:
    """Not for new facilities, nor where CMS has too few quarters of data (footnote 6)."""
    seed, count = view.world.size.seed, view.world.count
    steady = stream(seed, "turnover").standard_normal((count, 2))[view.rows]
    recent = stream(seed, "turnover", str(view.vintage.staffing_quarter)).standard_normal((count, 2))[view.rows]
    quality = view.world.quality[view.rows]
    nursing = np.clip(48.8 + 14 * (0.9 * steady[:, 0] + 0.2 * recent[:, 0] - 0.35 * quality), 0, 100)
    rn = np.clip(45.5 + 21 * (0.6 * steady[:, 1] + 0.4 * steady[:, 0] + 0.25 * recent[:, 1] - 0.3 * quality), 0, 100)
    left = np.minimum(np.floor(-np.log1p(-view.draw("administrators")) * 1.0), 7)
    unknown = view.some("turnover", 1_473 - 56, ~view.new) | view.new
    rn_unknown = view.some("rn turnover", 2_467 - 1_473, ~unknown) | unknown
    administrators_unknown = view.some("administrator turnover", 2_384 - 1_473, ~unknown) | unknown
    return {
        "total_nursing_turnover_pct": np.where(unknown, np.nan, np.round(nursing, 1)),
        "rn_turnover_pct": np.where(rn_unknown, np.nan, np.round(rn, 1)),
        "administrators_left": np.where(administrators_unknown, np.nan, left),
    }


def staffing_numbers(view: VintageView, staffing: QuarterStaffing) -> Numbers:
    """Every staffing column of ProviderInfo, by contract name, rounded as published."""
    reported, missing = _reported(view, staffing)
    days = _in_view(view, staffing, staffing.resident_days)
    residents = np.round(days / len(staffing.quarter.days), 1)
    fallback = np.round(view.world.beds[view.rows] * 0.76, 1)
    residents = np.where((residents > 0) & ~view.some("census", 48), residents, fallback)
    residents = np.where(view.some("census", 48), np.nan, np.maximum(residents, 1.0))
    return {
        "average_residents_per_day": residents,
        **reported,
        **_case_mix(view, reported, missing),
        **_turnover(view),
    }
