"""KPI 2: nurse hours per resident day."""

from __future__ import annotations

from kpi_catalogue.model import AVERAGES, ORACLE, PBJ, Benchmark, Kpi, Measure, Series, added_up, ratio_of_sums
from units import HPRD

HPRD_FACILITY = "kpi_hprd_by_facility_month"
_HPRD_STATE = "kpi_hprd_by_state_quarter"


def _hprd(key: str, label: str, column: str, hours: str = "", resident_days: str = "resident_days") -> Measure:
    facility = added_up(HPRD_FACILITY, "quarter", ratio_of_sums(f"f.{hours}", f"f.{resident_days}")) if hours else None
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
        _hprd("total", "Total nurse hours per resident day", "total_nurse_hprd", "total_nurse_hours"),
        _hprd("rn", "RN hours per resident day", "rn_hprd", "rn_hours"),
        _hprd("lpn", "LPN hours per resident day", "lpn_hprd", "lpn_hours"),
        _hprd("aide", "Nurse aide hours per resident day", "nurse_aide_hprd", "nurse_aide_hours"),
        _hprd("direct", "Direct care hours per resident day", "direct_care_hprd", "direct_care_hours"),
        _hprd(
            "weekend",
            "Weekend total nurse hours per resident day",
            "weekend_total_nurse_hprd",
            "weekend_total_nurse_hours",
            "weekend_resident_days",
        ),
        _hprd("mean", "Total nurse HPRD, mean of facilities", "mean_facility_total_nurse_hprd"),
        _hprd("median", "Total nurse HPRD, median of facilities", "median_facility_total_nurse_hprd"),
        _hprd("no_zero", "Total nurse HPRD without zero-census days", "total_nurse_hprd_excluding_zero_census"),
    ),
    caveats=(
        "Two averages exist: the ratio of sums (every resident day weighs the same) and the mean of facilities "
        "(every facility weighs the same). CMS's NATION row is a mean of facilities, therefore another number.",
        "3.48 hours was the minimum of a federal rule (CMS-3442-F) that was vacated and repealed: it is not in force.",
        "RN includes the director of nursing and RNs with administrative duties; direct care leaves both out.",
    ),
    exclusions="None in the main figure. A variant leaves out days with a census of zero, as CMS's PBJ specification (3b) does.",
    benchmarks=(
        Benchmark("total", "US", "2024Q2", 3.714229, ORACLE),
        Benchmark("rn", "US", "2024Q2", 0.602524, ORACLE),
        Benchmark("lpn", "US", "2024Q2", 0.873745, f"{ORACLE}: total less RN less nurse aide hours"),
        Benchmark("aide", "US", "2024Q2", 2.237960, ORACLE),
        Benchmark("mean", "US", "2024Q2", 3.83737, AVERAGES + " (a mean of facilities, near this quarter)", comparable=False),
    ),
)
