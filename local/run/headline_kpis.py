"""The nation's latest figure of each KPI, read from what is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Headline:
    kpi: str
    period: str
    value: str
    table: str


@dataclass(frozen=True)
class _Question:
    kpi: str
    table: str
    period: str
    value: str
    written: str
    where: str = "state = 'US'"


_QUESTIONS = (
    _Question(
        "1 Total nurse hours", "kpi_nurse_hours_by_state_month", "strftime(month, '%Y-%m')", "total_nurse_hours", "{:,.0f} h"
    ),
    _Question("2 Hours per resident day (HPRD)", "kpi_hprd_by_state_quarter", "quarter", "total_nurse_hprd", "{:.3f} h"),
    _Question("3 Contract staffing", "kpi_contract_staffing_by_state_quarter", "quarter", "contract_share_pct", "{:.2f} %"),
    _Question(
        "4 Overtime proxy: surge hours",
        "kpi_overtime_proxy_by_facility_month",
        "strftime(month, '%Y-%m')",
        "sum(surge_hours)",
        "{:,.0f} h",
        "true",
    ),
    _Question("5 Nursing staff turnover", "kpi_turnover_by_state", "processing_date", "total_nursing_turnover_pct", "{:.1f} %"),
    _Question("6 Staff up to date, COVID-19", "kpi_staff_vaccination_by_state", "as_of_date", "staff_up_to_date_pct", "{:.1f} %"),
    _Question(
        "7 Resident days",
        "kpi_resident_throughput_by_facility_month",
        "strftime(month, '%Y-%m')",
        "sum(resident_days)",
        "{:,.0f}",
        "true",
    ),
    _Question(
        "8 30-day readmissions (VBP)",
        "kpi_readmissions_by_state",
        "period",
        "rate",
        "{:.2f} %",
        "state = 'US' and source = 'vbp'",
    ),
    _Question("9 Overall rating, mean", "kpi_rating_trend_by_state", "processing_date", "overall_rating", "{:.2f} of 5"),
    _Question("10 Falls with major injury", "kpi_incidents_by_state", "processing_date", "falls_major_injury_pct", "{:.2f} %"),
)


def read_headlines(published: Path) -> list[Headline]:
    """One line for each KPI; `no data` where no file of its families has been loaded."""
    if not published.exists():
        return []
    with duckdb.connect() as connection:
        return [_answer(connection, published, question) for question in _QUESTIONS]


def partial_files(published: Path) -> list[str]:
    """Names of published files that are a part of what their neighbors in time hold."""
    reconciliation = published / "data_reconciliation.parquet"
    if not reconciliation.exists():
        return []
    with duckdb.connect() as connection:
        path = str(reconciliation).replace("'", "''")
        found = connection.execute(f"select file_name from read_parquet('{path}') where is_partial order by 1").fetchall()
    return [name for (name,) in found]


def _answer(connection: duckdb.DuckDBPyConnection, published: Path, question: _Question) -> Headline:
    path = str(published / f"{question.table}.parquet").replace("'", "''")
    aggregate = "group by 1" if "sum(" in question.value else ""
    row = connection.execute(
        f"select cast({question.period} as varchar), {question.value} from read_parquet('{path}')"
        f" where {question.where} {aggregate} order by 1 desc limit 1"
    ).fetchone()
    if row is None or row[1] is None:
        return Headline(question.kpi, row[0] if row else "", "no data", question.table)
    return Headline(question.kpi, row[0] or "", question.written.format(row[1]), question.table)
