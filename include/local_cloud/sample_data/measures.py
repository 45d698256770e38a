"""Quality measures from the MDS (18 rows a facility) and from Medicare claims (4 rows a facility)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from include.cms_contracts.contract import load_contract
from include.local_cloud.sample_data.calendars import Quarter
from include.local_cloud.sample_data.citation_files import IDENTITY_QUOTED, processing_date
from include.local_cloud.sample_data.csv_text import Cells, CsvFile, FileStyle, Fixed, choice
from include.local_cloud.sample_data.facilities import Floats, Ints
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.vintage_view import VintageView

PLACES = 6
#: Measures that the MDS change of October 2023 froze for a year.
_FROZEN_UNTIL = Quarter.parse("2023Q3")


@dataclass(frozen=True)
class Measure:
    code: str
    average: str  # column of StateUSAverages
    description: str
    mean: float
    spread: float  # of the log odds between facilities
    in_five_star: bool = False
    frozen: bool = False
    higher_is_better: bool = False

    @property
    def is_short_stay(self) -> bool:
        return "short-stay" in self.description


MDS_MEASURES = (
    Measure("401", "long_stay_increased_help_with_daily_activities_pct", "Percentage of long-stay residents whose need for help with daily activities has increased", 14.13, 0.45, True, True),
    Measure("404", "long_stay_lose_too_much_weight_pct", "Percentage of long-stay residents who lose too much weight", 5.81, 0.45),
    Measure("405", "low_risk_long_stay_incontinence_pct", "Percentage of low risk long-stay residents who lose control of their bowels or bladder", 48.55, 0.8, False, True),
    Measure("406", "long_stay_catheter_pct", "Percentage of long-stay residents with a catheter inserted and left in their bladder", 1.29, 0.7, True),
    Measure("407", "long_stay_urinary_tract_infection_pct", "Percentage of long-stay residents with a urinary tract infection", 2.00, 0.9, True),
    Measure("408", "long_stay_depressive_symptoms_pct", "Percentage of long-stay residents who have depressive symptoms", 9.14, 1.5),
    Measure("409", "long_stay_physically_restrained_pct", "Percentage of long-stay residents who were physically restrained", 0.137, 1.3),
    Measure("410", "long_stay_falls_major_injury_pct", "Percentage of long-stay residents experiencing one or more falls with major injury", 3.34, 0.5, True),
    Measure("415", "long_stay_pneumococcal_vaccine_pct", "Percentage of long-stay residents assessed and appropriately given the pneumococcal vaccine", 92.98, 1.3, higher_is_better=True),
    Measure("419", "long_stay_antipsychotic_medication_pct", "Percentage of long-stay residents who received an antipsychotic medication", 14.69, 0.55, True),
    Measure("430", "short_stay_pneumococcal_vaccine_pct", "Percentage of short-stay residents assessed and appropriately given the pneumococcal vaccine", 81.07, 1.2, higher_is_better=True),
    Measure("434", "short_stay_newly_antipsychotic_medication_pct", "Percentage of short-stay residents who newly received an antipsychotic medication", 1.70, 0.6, True),
    Measure("451", "long_stay_move_worsened_pct", "Percentage of long-stay residents whose ability to move independently worsened", 15.33, 0.45, True, True),
    Measure("452", "long_stay_antianxiety_or_hypnotic_medication_pct", "Percentage of long-stay residents who received an antianxiety or hypnotic medication", 19.83, 0.5),
    Measure("453", "high_risk_long_stay_pressure_ulcers_pct", "Percentage of high risk long-stay residents with pressure ulcers", 7.85, 0.4, True, True),
    Measure("454", "long_stay_influenza_vaccine_pct", "Percentage of long-stay residents assessed and appropriately given the seasonal influenza vaccine", 94.95, 1.1, higher_is_better=True),
    Measure("471", "short_stay_made_improvements_in_function_pct", "Percentage of short-stay residents who made improvements in function", 76.76, 0.6, True, True, True),
    Measure("472", "short_stay_influenza_vaccine_pct", "Percentage of short-stay residents who were assessed and appropriately given the seasonal influenza vaccine", 77.32, 1.1, higher_is_better=True),
)  # fmt: skip  # noqa: E501
CLAIMS_MEASURES = (
    Measure("521", "short_stay_rehospitalized_pct", "Percentage of short-stay residents who were rehospitalized after a nursing home admission", 23.151, 0.22, True),
    Measure("522", "short_stay_emergency_visit_pct", "Percentage of short-stay residents who had an outpatient emergency department visit", 12.214, 0.40, True, higher_is_better=False),
    Measure("551", "hospitalizations_per_1000_resident_days", "Number of hospitalizations per 1000 long-stay resident days", 1.720, 0.38, True),
    Measure("552", "emergency_visits_per_1000_resident_days", "Number of outpatient emergency department visits per 1000 long-stay resident days", 1.653, 0.55, True),
)  # fmt: skip  # noqa: E501


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
    last = _FROZEN_UNTIL if measure.frozen else view.vintage.measure_quarter
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
    share = (0.22 + 0.5 * view.draw("short stays")) if measure.is_short_stay else 0.78
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
    return np.round(quarterly, PLACES), np.round(average, PLACES)


def score_mds(view: VintageView) -> MdsScores:
    residents = _residents(view)
    scored = [_mds_measure(view, measure, residents) for measure in MDS_MEASURES]
    quarterly = np.stack([quarters for quarters, _ in scored], axis=1)
    average = np.stack([mean for _, mean in scored], axis=1)
    quarterly[view.new], average[view.new] = np.nan, np.nan
    audited = view.some("audited, withheld", 59, ~view.unrated)
    antipsychotics = [position for position, measure in enumerate(MDS_MEASURES) if measure.code in ("419", "434")]
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
    at, which = _grid(view, MDS_MEASURES)
    periods = ["{}-{}".format(*measure_quarters(view, measure)) for measure in MDS_MEASURES]
    columns = _about(view, MDS_MEASURES, at, which, periods)
    footnote = scores.footnote.reshape(-1)
    for position in range(4):
        quarter = scores.quarterly[:, :, position].reshape(-1)
        columns[f"q{position + 1}_score"] = Fixed(quarter, PLACES)
        columns[f"q{position + 1}_footnote"] = _footnote(quarter, footnote)
    average = scores.average.reshape(-1)
    columns["four_quarter_average_score"] = Fixed(average, PLACES)
    columns["four_quarter_average_footnote"] = _footnote(average, footnote)
    path = folder / f"NH_QualityMsr_MDS_{view.vintage.label}.csv"
    with CsvFile(path, load_contract("nh_quality_msr_mds"), _STYLE) as file:
        file.write(columns)
    return path


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
        "expected_score": Fixed(scores.expected.reshape(-1), PLACES),
        "footnote": _footnote(adjusted, scores.footnote.reshape(-1)),
    }
    path = folder / f"NH_QualityMsr_Claims_{view.vintage.label}.csv"
    with CsvFile(path, load_contract("nh_quality_msr_claims"), _STYLE) as file:
        file.write(columns)
    return path
