"""The ten KPIs in one place: what each is called, means, comes from and must not be taken for, and where gold holds it.

Pages, methodology and comparisons read from here. SQL fragments are constants of this package, never a visitor's words.
"""

from __future__ import annotations

from kpi_catalogue.contract import CONTRACT_KPI
from kpi_catalogue.hours import HOURS_KPI
from kpi_catalogue.hprd import HPRD_KPI
from kpi_catalogue.incidents import INCIDENTS_KPI
from kpi_catalogue.model import Benchmark, Kpi, Measure, Series
from kpi_catalogue.overtime import OVERTIME_KPI, PROXY_SENTENCE
from kpi_catalogue.ratings import RATINGS_KPI
from kpi_catalogue.readmissions import NO_DIAGNOSIS_SENTENCE, READMISSIONS_KPI
from kpi_catalogue.throughput import THROUGHPUT_KPI
from kpi_catalogue.turnover import TURNOVER_KPI
from kpi_catalogue.vaccination import VACCINATION_KPI

__all__ = [
    "CONTRACT_KPI",
    "HEADLINES",
    "HOURS_KPI",
    "HPRD_KPI",
    "INCIDENTS_KPI",
    "KPIS",
    "NO_DIAGNOSIS_SENTENCE",
    "OVERTIME_KPI",
    "PROXY_SENTENCE",
    "RATINGS_KPI",
    "READMISSIONS_KPI",
    "THROUGHPUT_KPI",
    "TURNOVER_KPI",
    "VACCINATION_KPI",
    "Benchmark",
    "Kpi",
    "Measure",
    "Series",
]

KPIS: tuple[Kpi, ...] = (
    HOURS_KPI,
    HPRD_KPI,
    CONTRACT_KPI,
    OVERTIME_KPI,
    TURNOVER_KPI,
    VACCINATION_KPI,
    THROUGHPUT_KPI,
    READMISSIONS_KPI,
    RATINGS_KPI,
    INCIDENTS_KPI,
)

# The one figure of each KPI that a card, a profile or a comparison shows, with a short label.
HEADLINES: tuple[tuple[Kpi, Measure, str], ...] = (
    (HPRD_KPI, HPRD_KPI.measure("total"), "Nurse hours, all"),
    (HPRD_KPI, HPRD_KPI.measure("rn"), "Nurse hours, RN"),
    (HOURS_KPI, HOURS_KPI.measure("total"), "Total nurse hours"),
    (CONTRACT_KPI, CONTRACT_KPI.measure("total"), "Contract staffing"),
    (OVERTIME_KPI, OVERTIME_KPI.measure("surge"), "Surge share"),
    (TURNOVER_KPI, TURNOVER_KPI.measure("total"), "Nursing turnover"),
    (VACCINATION_KPI, VACCINATION_KPI.measure("staff"), "Staff vaccination"),
    (THROUGHPUT_KPI, THROUGHPUT_KPI.measure("occupancy"), "Occupancy"),
    (READMISSIONS_KPI, READMISSIONS_KPI.measure("claims"), "Readmissions"),
    (RATINGS_KPI, RATINGS_KPI.measure("overall"), "Overall stars"),
    (INCIDENTS_KPI, INCIDENTS_KPI.measure("falls"), "Falls, major injury"),
    (INCIDENTS_KPI, INCIDENTS_KPI.measure("serious"), "Serious citations"),
)
