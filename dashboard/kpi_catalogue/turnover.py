"""KPI 5: nurse turnover."""

from __future__ import annotations

from kpi_catalogue.model import PROVIDER, Benchmark, Kpi, Mean, Measure
from units import LEFT, PERCENT, Unit

_TURNOVER = Mean("kpi_turnover_by_state", "kpi_turnover_by_facility", "processing_date", lower_is_better=True)


def _turnover(key: str, label: str, column: str, reporting: str, footnote: str, unit: Unit = PERCENT) -> Measure:
    return _TURNOVER.measure(key, label, column, reporting, unit=unit, published=f"published_{column}", footnote=footnote)


TURNOVER_KPI = Kpi(
    number=5,
    key="turnover",
    title="Nurse turnover",
    asked_as="Nurse Turnover by State",
    definition="Share of nursing staff, of registered nurses, and number of administrators, who left within a year.",
    formula="mean of the facilities that report",
    source=PROVIDER,
    how_averaged="Mean of reporting facilities: every facility weighs the same, as in CMS's own averages.",
    measures=(
        _turnover(
            "total",
            "Total nursing staff turnover",
            "total_nursing_turnover_pct",
            "facilities_reporting",
            "total_nursing_turnover_footnote",
        ),
        _turnover("rn", "Registered nurse turnover", "rn_turnover_pct", "rn_facilities_reporting", "rn_turnover_footnote"),
        _turnover(
            "administrators",
            "Administrators who left",
            "administrators_left",
            "administrator_facilities_reporting",
            "administrator_turnover_footnote",
            LEFT,
        ),
    ),
    caveats=(
        "Facilities whose turnover CMS suppresses (footnotes 6, 26, 27) are counted beside the mean and never imputed.",
        "CMS began to publish turnover in January 2022: earlier vintages hold none.",
    ),
    exclusions="Facilities without a published value; how many is shown.",
    benchmarks=(
        Benchmark("total", "total_nursing_turnover_pct"),
        Benchmark("rn", "rn_turnover_pct"),
        Benchmark("administrators", "administrators_left"),
    ),
)
