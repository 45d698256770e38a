"""KPI 2: nurse hours per resident day."""

from __future__ import annotations

from kpi_catalogue.model import PBJ, Benchmark, Kpi, Measure, Series, added_up
from units import HPRD

HPRD_FACILITY = "kpi_hprd_by_facility_month"
_HPRD_STATE = "kpi_hprd_by_state_quarter"


def _hprd(key: str, label: str, column: str, *, of_facilities: bool = True) -> Measure:
    facility = added_up(HPRD_FACILITY, "quarter", ratio=column) if of_facilities else None
    return Measure(key, label, HPRD, state=Series(_HPRD_STATE, "quarter", column), facility=facility, lower_is_better=False)


HPRD_KPI = Kpi(
    number=2,
    key="nurse-hours-per-resident-day",
    title="Nurse hours per resident day",
    asked_as="Average Nurse-to-Patient Ratio (HPPD)",
    definition="Nurse hours divided by resident days (HPRD: hours per resident day; also written HPPD, hours per patient day).",
    formula="sum of nurse hours / sum of resident census, over every day of the period",
    source=PBJ,
    how_averaged="Ratio of sums: a large facility weighs more. The mean and the median of facilities stand beside it, named so.",
    measures=(
        _hprd("total", "Total nurse hours per resident day", "total_nurse_hprd"),
        _hprd("rn", "RN hours per resident day", "rn_hprd"),
        _hprd("lpn", "LPN hours per resident day", "lpn_hprd"),
        _hprd("aide", "Nurse aide hours per resident day", "nurse_aide_hprd"),
        _hprd("direct", "Direct care hours per resident day", "direct_care_hprd"),
        _hprd("weekend", "Weekend total nurse hours per resident day", "weekend_total_nurse_hprd"),
        _hprd("mean", "Total nurse HPRD, mean of facilities", "mean_facility_total_nurse_hprd", of_facilities=False),
        _hprd("median", "Total nurse HPRD, median of facilities", "median_facility_total_nurse_hprd", of_facilities=False),
        _hprd(
            "no_zero",
            "Total nurse HPRD without zero-census days",
            "total_nurse_hprd_excluding_zero_census",
            of_facilities=False,
        ),
    ),
    caveats=(
        "Two averages exist: the ratio of sums (every resident day weighs the same) and the mean of facilities "
        "(every facility weighs the same). CMS's NATION row is a mean of facilities, therefore another number.",
        "3.48 hours was the minimum of a federal rule (CMS-3442-F) that was vacated and repealed: it is not in force.",
        "RN includes the director of nursing and RNs with administrative duties; direct care leaves both out.",
    ),
    exclusions="None in the main figure. A variant leaves out days with a census of zero, as CMS's PBJ specification (3b) does.",
    benchmarks=(
        Benchmark("total", "total_nurse_hprd"),
        Benchmark("rn", "rn_hprd"),
        Benchmark("lpn", "lpn_hprd"),
        Benchmark("aide", "nurse_aide_hprd"),
        # A mean of facilities, published for a quarter near this one.
        Benchmark("mean", "mean_facility_total_nurse_hprd", at="2024Q2", is_comparable=False),
    ),
)
