"""Quality measures from the MDS (17 or 18 rows per facility) and from Medicare claims (4 rows per facility)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Quarter
from include.local_cloud.sample_data.citation_files import IDENTITY_QUOTED, processing_date
from include.local_cloud.sample_data.csv_text import Cells, FileStyle, Fixed, choice, write_file
from include.local_cloud.sample_data.facilities import Floats, Ints
from include.local_cloud.sample_data.measure_list import CLAIMS_MEASURES, Measure, mds_measures
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.vintage_view import VintageView

PLACES = 6
#: The MDS change of October 2023 froze some measures until CMS had replaced them.
_FROZEN_AT, _THAWED = Quarter.parse("2023Q3"), "2025-02"


@dataclass(frozen=True)
class MdsScores:
    """(facility of the view, measure, quarter) scores, the four-quarter averages, and the footnote of each; NaN = blank."""

    quarterly: NDArray[np.float64]
    average: NDArray[np.float64]
    footnote: Ints  # of blank cells


@dataclass(frozen=True)
class ClaimsScores:
    """(facility of the view, measure)."""

    adjusted: NDArray[np.float64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    footnote: Ints


def measure_quarters(view: VintageView, measure: Measure) -> tuple[Quarter, Quarter]:
    last = view.vintage.measure_quarter
    if measure.is_frozen and view.vintage.month_text < _THAWED:
        last = min(last, _FROZEN_AT)
    return last.earlier(3), last


def _residents(view: VintageView) -> Floats:
    return view.world.beds[view.rows] * (0.6 + 0.35 * view.draw("measure census"))


def _mds_measure(view: VintageView, measure: Measure, residents: Floats) -> tuple[NDArray[np.float64], Floats]:
    """Counts of residents over counts at risk, quarter by quarter."""
    seed, count = view.world.size.seed, view.world.count
    last = measure_quarters(view, measure)[1]
    level = stream(seed, "mds level", measure.code).standard_normal(count)[view.rows]
    better = 1.0 if measure.higher_is_better else -1.0
    odds = np.log(measure.mean / (100 - measure.mean)) - measure.spread**2 * 0.35 * np.sign(50 - measure.mean)
    odds = odds + measure.spread * level + 0.12 * better * view.world.quality[view.rows]
    rate = 1 / (1 + np.exp(-odds))
    share = (0.03 + 0.66 * view.draw("short stays")) if measure.is_short_stay else 0.78
    cases, at_risk = np.empty((view.count, 4)), np.empty((view.count, 4))
    for position in range(4):
        rng = stream(seed, "mds", measure.code, str(last.earlier(3 - position)))
        jitter = rng.uniform(0.85, 1.15, count)[view.rows]
        at_risk[:, position] = np.maximum(1, np.rint(residents * share * jitter))
        drawn = rng.random((count, 2))[view.rows]
        expected = at_risk[:, position] * rate
        deviation = np.sqrt(expected * (1 - rate)) * np.sqrt(-2 * np.log(1 - drawn[:, 0])) * np.cos(2 * np.pi * drawn[:, 1])
        cases[:, position] = np.clip(np.rint(expected + deviation), 0, at_risk[:, position])
    quarterly = np.where(at_risk < 20, np.nan, 100 * cases / at_risk)
    average = np.where(at_risk.sum(axis=1) < 30, np.nan, 100 * cases.sum(axis=1) / at_risk.sum(axis=1))
    return np.asarray(np.round(quarterly, PLACES), np.float64), np.asarray(np.round(average, PLACES), np.float64)


def score_mds(view: VintageView) -> MdsScores:
    residents, measures = _residents(view), mds_measures(view.vintage)
    scored = [_mds_measure(view, measure, residents) for measure in measures]
    quarterly = np.stack([quarters for quarters, _ in scored], axis=1)
    average = np.stack([mean for _, mean in scored], axis=1)
    quarterly[view.new], average[view.new] = np.nan, np.nan
    audited = view.some("audited, withheld", 59, ~view.unrated)
    antipsychotics = [position for position, measure in enumerate(measures) if measure.code in ("419", "434", "481")]
    for position in antipsychotics:
        quarterly[audited, position], average[audited, position] = np.nan, np.nan
    footnote = np.full(average.shape, 9)
    footnote[audited] = 21
    return MdsScores(quarterly, average, footnote)


def _grid(view: VintageView, measures: tuple[Measure, ...]) -> tuple[Ints, Ints]:
    return np.repeat(np.arange(view.count), len(measures)), np.tile(np.arange(len(measures)), view.count)


def _footnote(values: Floats, code: Ints) -> Cells:
    pool = ("9", "10", "20", "21")
    positions = np.searchsorted([9, 10, 20, 21], code)
    return choice(pool, np.where(np.isnan(values), positions, -1))


def _about(view: VintageView, measures: tuple[Measure, ...], at: Ints, which: Ints, periods: list[str]) -> dict[str, Cells]:
    return {
        **view.identity(at),
        "measure_code": choice([measure.code for measure in measures], which),
        "measure_description": choice([measure.description for measure in measures], which),
        "resident_type": choice(["Short Stay" if measure.is_short_stay else "Long Stay" for measure in measures], which),
        "is_used_in_five_star_rating": choice(["Y" if measure.in_five_star else "N" for measure in measures], which),
        "measure_period": choice(periods, which),
        "location": view.column("spaced_location", at),
        "processing_date": processing_date(view, len(at)),
    }


_STYLE = FileStyle(quoted=IDENTITY_QUOTED | {"measure_code", "measure_description", "resident_type", "measure_period"})


def write_mds(view: VintageView, scores: MdsScores, folder: Path) -> Path:
    measures = mds_measures(view.vintage)
    at, which = _grid(view, measures)
    periods = ["{}-{}".format(*measure_quarters(view, measure)) for measure in measures]
    columns = _about(view, measures, at, which, periods)
    footnote = scores.footnote.reshape(-1)
    for position in range(4):
        quarter = scores.quarterly[:, :, position].reshape(-1)
        columns[f"q{position + 1}_score"] = Fixed(quarter, PLACES)
        columns[f"q{position + 1}_footnote"] = _footnote(quarter, footnote)
    average = scores.average.reshape(-1)
    columns["four_quarter_average_score"] = Fixed(average, PLACES)
    columns["four_quarter_average_footnote"] = _footnote(average, footnote)
    return write_file(folder, "nh_quality_msr_mds", view.vintage, _STYLE, columns)


def score_claims(view: VintageView) -> ClaimsScores:
    """Adjusted = observed / expected × national rate; a year of claims that ends a quarter before the MDS year."""
    seed, count = view.world.size.seed, view.world.count
    shape = count, len(CLAIMS_MEASURES)
    means = np.array([measure.mean for measure in CLAIMS_MEASURES])
    spread = np.array([measure.spread for measure in CLAIMS_MEASURES])
    steady = stream(seed, "claims").standard_normal(shape)
    recent = stream(seed, "claims", str(view.vintage.measure_quarter)).standard_normal(shape)
    risk = np.exp(0.16 * stream(seed, "claims risk").standard_normal(shape))
    level = spread * (0.85 * steady + 0.3 * recent) - spread**2 / 2 - 0.06 * view.world.quality[:, None]
    expected = np.round((means * 0.985 * risk)[view.rows], PLACES)
    observed = np.round(expected * np.exp(level)[view.rows], PLACES)
    few_short, few_long = view.some("few short claims", 3_700), view.some("few long claims", 2_362)
    few = np.column_stack([few_short, few_short, few_long, few_long]) | view.new[:, None]
    adjusted = np.round(observed / expected * means, PLACES)
    footnote = np.where(view.some("no claims", 420)[:, None], 10, np.full(few.shape, 9))
    blank = np.where(few, np.nan, 1.0)
    return ClaimsScores(adjusted * blank, observed * blank, expected * blank, footnote)


def claims_period(view: VintageView) -> tuple[str, str]:
    last = view.vintage.measure_quarter.earlier(1)
    return last.earlier(3).first_day.strftime("%Y%m%d"), last.last_day.strftime("%Y%m%d")


def write_claims(view: VintageView, scores: ClaimsScores, folder: Path) -> Path:
    at, which = _grid(view, CLAIMS_MEASURES)
    columns = _about(view, CLAIMS_MEASURES, at, which, ["{}-{}".format(*claims_period(view))] * len(CLAIMS_MEASURES))
    adjusted = scores.adjusted.reshape(-1)
    columns |= {
        "adjusted_score": Fixed(adjusted, PLACES),
        "observed_score": Fixed(scores.observed.reshape(-1), PLACES),
        # The "." of SAS for a missing value has slipped into some releases; the newest is clean.
        "expected_score": Fixed(scores.expected.reshape(-1), PLACES, "." if view.vintage < view.world.newest else None),
        "footnote": _footnote(adjusted, scores.footnote.reshape(-1)),
    }
    return write_file(folder, "nh_quality_msr_claims", view.vintage, _STYLE, columns)
