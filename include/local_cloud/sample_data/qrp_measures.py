"""The measures of the SNF Quality Reporting Program: their parts, periods, national figures, and scores of facilities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Vintage
from include.local_cloud.sample_data.csv_text import Cells, Fixed, choice
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints

NOT_AVAILABLE = "Not Available"
NO_FOOTNOTE = "-"
#: Stays below these are too few to report (footnote 9).
_FEW_CLAIMS, _FEW_ASSESSMENTS = 25, 20
_CATEGORIES = (
    "No Different than the National Rate", "Better than the National Rate", "Worse than the National Rate", NOT_AVAILABLE,
)  # fmt: skip


@dataclass(frozen=True)
class ProgramMeasure:
    """`kind`: claims (compared with the nation), spending, assessment (a share of stays) or staff."""

    code: str
    kind: str
    national: float
    spread: float
    stays: float  # a year, relative to the facility's Medicare stays
    places: int
    names: tuple[str, ...]
    description: str

    @property
    def interval_code(self) -> str:
        return self.code.split("_")[1]

    @property
    def parts(self) -> tuple[str, ...]:
        """Measure codes in file order."""
        return tuple(f"{self.code}_{part}" for part in self.names)


_SHARE = ("DENOMINATOR", "NUMERATOR", "OBS_RATE")
_PPR = ("COMP_PERF", "OBS", "OBS_READM", "RSRR", "RSRR_2_5", "RSRR_97_5", "VOLUME")
_COMPARED = ("COMP_PERF", "NUMBER", "OBS_RATE", "RS_RATE", "RS_RATE_2_5", "RS_RATE_97_5", "VOLUME")
_EXPECTED = "ability expected for their condition at discharge"
#: code; kind; national figure; spread of the log odds; stays a year relative to Medicare stays; decimals; parts; wording.
_TABLE: tuple[tuple[str, str, float, float, float, int, tuple[str, ...], str], ...] = (
    ("S_004_01", "claims", 10.51, 0.24, 1.7, 2, tuple(f"PPR_PD_{part}" for part in _PPR),
     "Rate of potentially preventable hospital readmissions 30 days after discharge from a SNF"),
    ("S_005_02", "claims", 49.90, 0.50, 2.0, 2, tuple(f"DTC_{part}" for part in _COMPARED),
     "Rate of successful return to home or community from a SNF"),
    ("S_006_01", "spending", 1.03, 0.17, 2.1, 2, ("MSPB_NUMB", "MSPB_SCORE"),
     "Medicare spending per beneficiary (MSPB) for residents in SNFs"),
    ("S_007_02", "assessment", 94.1, 1.0, 1.6, 1, _SHARE,
     "Percentage of SNF residents whose medications were reviewed and who received follow-up care when medication issues were "
     "identified"),
    ("S_013_02", "assessment", 0.8, 0.6, 1.6, 1, _SHARE,
     "Percentage of SNF residents who experience one or more falls with major injury during their SNF stay"),
    ("S_024_05", "assessment", 52.8, 0.7, 1.4, 1, _SHARE,
     f"Percentage of SNF residents who achieve or exceed a self-care {_EXPECTED}"),
    ("S_025_05", "assessment", 50.5, 0.7, 1.4, 1, _SHARE,
     "Percentage of SNF residents who achieve or exceed the level of movement expected for their condition at discharge"),
    ("S_038_02", "adjusted", 2.4, 0.6, 1.6, 1, ("ADJ_RATE", *_SHARE),
     "Percentage of residents with pressure ulcers/injuries that are new or worsened"),
    ("S_039_01", "claims", 7.05, 0.30, 1.0, 2, tuple(f"HAI_{part}" for part in _COMPARED),
     "Rate of healthcare associated infections acquired during the SNF stay that resulted in hospitalization"),
    ("S_040_02", "staff", 5.9, 0.9, 1.2, 1, _SHARE, "Percentage of healthcare workers vaccinated for COVID-19"),
    ("S_041_01", "staff", 45.0, 1.0, 1.5, 1, _SHARE,
     "Percentage of healthcare personnel who got a flu short for the current season"),
    ("S_042_01", "assessment", 52.16, 0.6, 1.4, 2, _SHARE,
     "Percentage of SNF residents who are at or above an expected ability to care for themselves and move around at discharge"),
)  # fmt: skip
PROGRAM_MEASURES = tuple(ProgramMeasure(*row) for row in _TABLE)


def program_period(vintage: Vintage, measure: ProgramMeasure) -> tuple[date, date]:
    """Claims and flu years are refreshed each October, the others each quarter."""
    october = vintage.year if vintage.month >= 10 else vintage.year - 1
    last = vintage.measure_quarter.earlier(2)
    match measure.interval_code:
        case "004" | "005" | "006":
            return date(october - 3, 10, 1), date(october - 1, 9, 30)
        case "039":
            return date(october - 2, 10, 1), date(october - 1, 9, 30)
        case "040":
            return last.first_day, last.last_day
        case "041":
            return date(october - 1, 10, 1), date(october, 3, 31)
        case _:
            return last.earlier(3).first_day, last.last_day


@dataclass(frozen=True)
class Reporters:
    """Who reports to the program: Medicare stays a year, latent quality, and a footnote that blanks everything ('' = none)."""

    stays: Floats
    quality: Floats
    footnote: NDArray[np.object_]


@dataclass(frozen=True)
class Scores:
    """One element a reporter; `cells` has one column a part of the measure, in file order."""

    cells: tuple[Cells, ...]
    footnote: NDArray[np.object_]
    cases: Floats
    volume: Floats
    category: Ints
    reported: Bools


def _cases(rng: np.random.Generator, volume: Floats, rate: Floats) -> Floats:
    spread = np.sqrt(volume * rate * (1 - rate)) * rng.standard_normal(len(volume))
    return np.asarray(np.clip(np.rint(volume * rate + spread), 0, volume))


def score(rng: np.random.Generator, reporters: Reporters, measure: ProgramMeasure) -> Scores:
    count = len(reporters.stays)
    varied = reporters.stays * measure.stays * rng.uniform(0.8, 1.2, count)
    volume = np.maximum(1.0, np.rint(varied))
    few = _FEW_CLAIMS if measure.kind == "claims" else 0 if measure.kind == "staff" else _FEW_ASSESSMENTS
    footnote = np.where(reporters.footnote != "", reporters.footnote, np.where(volume < few, "9", ""))
    short = (footnote == "") & (rng.random(count) < 0.11) & (measure.kind == "assessment")
    reported = footnote == ""
    shown = np.where(reported, np.where(short, "13", NO_FOOTNOTE), footnote).astype(object)
    if measure.kind == "spending":
        return _spending(rng, measure, volume, shown, reported)
    better = -1.0 if measure.national < 11 and measure.kind != "staff" else 1.0
    odds = np.log(measure.national / (100 - measure.national)) + 0.06 * better * reporters.quality
    rate = 1 / (1 + np.exp(-(odds + measure.spread * rng.standard_normal(count))))
    cases = _cases(rng, volume, rate)
    blank = np.where(reported, 1.0, np.nan)
    if measure.kind == "claims":
        return _compared(measure, volume, cases, rate * 100, shown, reported)
    observed = np.round(100 * cases / volume, measure.places)
    parts = [volume * blank, cases * blank, observed * blank]
    cells: list[Cells] = [Fixed(parts[0], 0, NOT_AVAILABLE), Fixed(parts[1], 0, NOT_AVAILABLE)]
    cells.append(Fixed(parts[2], measure.places, NOT_AVAILABLE))
    if measure.kind == "adjusted":
        cells.insert(0, Fixed(np.round(observed * rng.uniform(0.8, 1.2, count), 1) * blank, 1, NOT_AVAILABLE))
    return Scores(tuple(cells), shown, cases, volume, np.zeros(count, np.int64), reported)


def _spending(
    rng: np.random.Generator, measure: ProgramMeasure, volume: Floats, footnote: NDArray[np.object_], reported: Bools
) -> Scores:
    blank = np.where(reported, 1.0, np.nan)
    ratio = np.round(measure.national * np.exp(measure.spread * rng.standard_normal(len(volume))), 2)
    cells = (Fixed(volume * blank, 0, NOT_AVAILABLE), Fixed(ratio * blank, 2, NOT_AVAILABLE))
    return Scores(cells, footnote, ratio * volume, volume, np.zeros(len(volume), np.int64), reported)


def _compared(
    measure: ProgramMeasure, volume: Floats, cases: Floats, rate: Floats, footnote: NDArray[np.object_], reported: Bools
) -> Scores:
    """Risk-standardized rate with its interval, and the category that the interval gives."""
    share = volume / (volume + 120.0)
    standardized = np.round(measure.national * (1 - share) + rate * share, 2)
    width = 1.96 * np.sqrt(standardized * (100 - standardized) / (volume + 120.0))
    low, high = np.round(np.maximum(standardized - width, 0), 2), np.round(standardized + width, 2)
    lower_is_better = measure.national < 11
    below, above = high < measure.national, low > measure.national
    better, worse = (below, above) if lower_is_better else (above, below)
    category = np.select([~reported, better, worse], [3, 1, 2], 0)
    blank = np.where(reported, 1.0, np.nan)
    by_name: dict[str, Cells] = {
        "COMP_PERF": choice(_CATEGORIES, category),
        "OBS": Fixed(np.round(100 * cases / volume, 2) * blank, 2, NOT_AVAILABLE),
        "COUNT": Fixed(cases * blank, 0, NOT_AVAILABLE),
        "RATE": Fixed(standardized * blank, 2, NOT_AVAILABLE),
        "LOW": Fixed(low * blank, 2, NOT_AVAILABLE),
        "HIGH": Fixed(high * blank, 2, NOT_AVAILABLE),
        "VOLUME": Fixed(volume * blank, 0, NOT_AVAILABLE),
    }
    ends = (
        ("_2_5", "LOW"), ("_97_5", "HIGH"), ("COMP_PERF", "COMP_PERF"), ("VOLUME", "VOLUME"), ("READM", "COUNT"),
        ("NUMBER", "COUNT"), ("OBS_RATE", "OBS"), ("OBS", "OBS"), ("RSRR", "RATE"), ("RS_RATE", "RATE"),
    )  # fmt: skip
    cells = tuple(by_name[next(key for end, key in ends if name.endswith(end))] for name in measure.names)
    return Scores(cells, footnote, cases, volume, category, reported)
