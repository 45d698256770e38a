"""Hours, weekends, contract staff, occupancy and turnover of one facility."""

from __future__ import annotations

import pandas as pd

import gold
import page_frame
from charts import Line, lines_of
from facility_views.profile import Profile, one_vintage, with_periods, with_reasons
from kpi_catalogue import OVERTIME_KPI
from page_frame import Column
from units import COUNT, HPRD, PERCENT

_PROFESSIONS = {"total_nurse_hprd": "Total nurse", "rn_hprd": "RN", "lpn_hprd": "LPN", "nurse_aide_hprd": "Nurse aide"}
_DAYS = {"weekday_total_nurse_hprd": "Monday to Friday", "weekend_total_nurse_hprd": "Saturdays and Sundays"}
_WHO_LEFT = {"total_nursing_turnover_pct": "All nursing staff", "rn_turnover_pct": "Registered nurses"}


def show_staffing(profile: Profile) -> None:
    """The view `staffing`."""
    rows = profile.rows("kpi_hprd_by_facility_month")
    if len(rows) == 0:
        page_frame.say_empty("No PBJ file that was loaded names this facility, so its staffing hours are not known.")
        return
    rows = with_periods(rows, "month")
    _hours(profile, rows)
    _weekday_and_weekend(profile, rows)
    with page_frame.explained():
        _contract_and_occupancy(profile)
    with page_frame.explained():
        _turnover(profile)


def _hours(profile: Profile, rows: pd.DataFrame) -> None:
    columns = {
        "period_words": Column("Month"),
        **{column: Column(f"{name} HPRD", HPRD) for column, name in _PROFESSIONS.items()},
        "resident_days": Column("Resident days", COUNT),
        "total_nurse_hours": Column("Total nurse hours", COUNT),
        "zero_census_days": Column("Days without residents", COUNT),
        "no_nurse_days": Column("Days without nurse hours", COUNT),
        "outlier_days": Column("Days with impossible hours", COUNT),
    }
    note = "Only one month has been published." if len(rows) == 1 else ""
    table = profile.table(rows, columns, "hours_per_resident_day")
    page_frame.trend_figure("Nurse hours per resident day, month by month", note, lines_of(rows, _PROFESSIONS), HPRD, table)


def _weekday_and_weekend(profile: Profile, rows: pd.DataFrame) -> None:
    columns = {
        "period_words": Column("Month"),
        **{column: Column(f"{name}, total nurse HPRD", HPRD) for column, name in _DAYS.items()},
    }
    table = profile.table(rows, columns, "weekend")
    note = "Total nurse hours per resident day."
    page_frame.trend_figure("Weekdays and weekends", note, lines_of(rows, _DAYS), HPRD, table, 300)


def _contract_and_occupancy(profile: Profile) -> None:
    contract, surge = (gold.trend(profile.publication, measure, profile.scope) for measure in OVERTIME_KPI.measures)
    census = with_periods(profile.rows("kpi_resident_throughput_by_facility_month"), "month")
    lines = [
        Line("Contract share (overtime proxy 1)", contract),
        Line("Surge share (overtime proxy 2)", surge),
        Line("Occupancy", census.assign(value=census["occupancy_pct"])),
    ]
    merged = contract[["period"]].assign(contract=contract["value"], surge=surge["value"]).merge(census, on="period", how="outer")
    columns = {
        "period_words": Column("Month"),
        "contract": Column("Contract share (proxy 1)", PERCENT),
        "surge": Column("Surge share (proxy 2)", PERCENT),
        "average_daily_census": Column("Mean daily census", COUNT),
        "certified_beds": Column("Certified beds", COUNT),
        "occupancy_pct": Column("Occupancy", PERCENT),
    }
    note = "The two shares are proxies for overtime, not overtime. Occupancy is resident days in percent of bed days."
    table = profile.table(page_frame.with_period_words(merged), columns, "contract_and_occupancy")
    page_frame.trend_figure("Contract share, surge share and occupancy", note, lines, PERCENT, table, 320)


def _turnover(profile: Profile) -> None:
    rows = profile.rows("kpi_turnover_by_facility")
    if len(rows) == 0:
        return
    rows = with_reasons(with_periods(rows, "processing_date"), "total_nursing_turnover_footnote")
    columns = {
        "period_words": Column("Vintage"),
        **{column: Column(name, PERCENT) for column, name in _WHO_LEFT.items()},
        "administrators_left": Column("Administrators who left", COUNT),
        "reason": Column("Why there is no figure"),
    }
    table = profile.table(rows, columns, "turnover")
    heading = "Turnover: who left within a year, vintage by vintage"
    page_frame.trend_figure(heading, one_vintage(rows), lines_of(rows, _WHO_LEFT), PERCENT, table, 300)
