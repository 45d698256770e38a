"""Question 1: how do nurse staffing and occupancy move together, and which comes first?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts
import filters
import gold
import page_frame
from geography import state_name
from gold import Publication, Scope
from kpi_catalogue import THROUGHPUT_KPI
from page_frame import Column
from units import HPRD, PERCENT, Unit, show, show_period

_COLUMNS = {
    "period_words": Column("Month"),
    "total_nurse_hprd": Column("Total nurse HPRD", HPRD),
    "rn_hprd": Column("RN HPRD", HPRD),
    "occupancy_pct": Column("Occupancy", PERCENT),
    "contract_share_pct": Column("Contract share", PERCENT),
    "facilities": Column("Facilities"),
}
_LEAST_MONTHS = 6
_LEAST_SHIFTS = 3
_LAGS = range(-3, 4)
_CORRELATION = Unit("correlation (-1 to 1)", "", 2)


def _together(publication: Publication, rows: pd.DataFrame, place: str, words: str) -> None:
    heading = f"Nurse hours per resident day and occupancy: {place}, {words}"
    first, last = rows.iloc[0], rows.iloc[-1]
    alt = (
        f"Two lines by month. {heading}. Nurse hours from {show(first['total_nurse_hprd'], HPRD)} to "
        f"{show(last['total_nurse_hprd'], HPRD)}, "
        f"occupancy from {show(first['occupancy_pct'], PERCENT)} to {show(last['occupancy_pct'], PERCENT)}."
    )
    table = page_frame.table(publication, rows, _COLUMNS, heading, place, "staffing_occupancy", place)
    chart = charts.two_axes(rows, ("total_nurse_hprd", "hours per resident day"), ("occupancy_pct", "occupancy, percent"))
    note = (
        "Upper line: nurse hours per resident day. Lower line: occupancy of certified beds. The census is part of both: "
        "more residents lower the upper line and raise the lower one."
    )
    page_frame.figure(heading, note, chart, alt, table)


def _lag(rows: pd.DataFrame) -> pd.DataFrame:
    occupancy, staffing = rows["occupancy_pct"].astype(float), rows["total_nurse_hprd"].astype(float)
    found = []
    for lag in _LAGS:
        shifted = staffing.shift(-lag)
        months = int((occupancy.notna() & shifted.notna()).sum())
        found.append({"lag": lag, "months": months, "correlation": occupancy.corr(shifted) if months >= _LEAST_MONTHS else None})
    return pd.DataFrame(found)


def _lag_words(lag: int) -> str:
    if lag == 0:
        return "same month"
    months = f"{abs(lag)} month{'s' * (abs(lag) > 1)}"
    return f"staffing {months} later" if lag > 0 else f"staffing {months} earlier"


def _which_first(publication: Publication, rows: pd.DataFrame, place: str) -> None:
    lags = _lag(rows).dropna(subset=["correlation"])
    if len(lags) < _LEAST_SHIFTS:
        needed = _LEAST_MONTHS + 1
        page_frame.say_empty(
            f"Reading a lag needs at least {needed} months with staffing and occupancy; {len(rows)} are in view."
        )
        return
    lags = lags.assign(words=[_lag_words(int(lag)) for lag in lags["lag"]])
    heading = f"Does staffing follow occupancy? Correlation by shift of months: {place}"
    unit = _CORRELATION
    strongest = lags.loc[lags["correlation"].abs().idxmax()]
    note = (
        f"Strongest: {strongest['words']} ({strongest['correlation']:.2f}, {int(strongest['months'])} months). "
        "A correlation of a few months is a hint, not a cause: both share the season and the census."
    )
    columns = {
        "words": Column("Staffing compared with occupancy"),
        "correlation": Column("Correlation", unit),
        "months": Column("Months compared"),
    }
    table = page_frame.table(publication, lags, columns, heading, place, "lag", place)
    chart = charts.bars(lags["words"].tolist(), lags["correlation"].tolist(), unit)
    page_frame.figure(heading, note, chart, f"Bars. {heading}. {note}", table)


def _across_states(publication: Publication, month: str) -> None:
    rows = gold.states_staffing_and_occupancy(publication, month).dropna(subset=["occupancy_pct", "total_nurse_hprd"])
    if len(rows) < 2:
        return
    heading = f"States: occupancy and nurse hours, {show_period(month)}"
    names = [state_name(str(code)) for code in rows["state"]]
    columns = {"state_name": Column("State"), **{name: column for name, column in _COLUMNS.items() if name != "period_words"}}
    named = rows.assign(state_name=names)
    table = page_frame.table(publication, named, columns, heading, "all states", "staffing_occupancy_states")
    chart = charts.scatter(
        rows,
        "occupancy_pct",
        "total_nurse_hprd",
        "percent of certified beds occupied",
        "nurse hours per resident day",
        names,
        rows["state"].tolist(),
    )
    page_frame.figure(
        heading, "One point per state, named by its code.", chart, f"Scatter of {len(rows)} states. {heading}.", table
    )
    where = f"Occupancy by state, {show_period(month)}"
    tiles = rows.assign(value=rows["occupancy_pct"])
    facts = page_frame.about(publication, where, "all states")
    page_frame.state_map(tiles, THROUGHPUT_KPI.measure("occupancy"), where, "n/a: no value.", "occupancy_states", facts)


def show_question() -> None:
    """Draws the page."""
    page_frame.head(
        "How do nurse staffing and occupancy move together?",
        "Nurse hours per resident day beside occupancy of certified beds, month by month.",
    )
    publication = gold.current_publication()
    first, middle, last = st.columns([2, 4, 2], vertical_alignment="bottom")
    scope: Scope = filters.choose_scope(publication, first, last)
    with middle:
        period = filters.choose_period(gold.periods(publication, THROUGHPUT_KPI.measure("occupancy"), scope))
    filters.show_notes()
    place = filters.describe(scope, publication)
    rows = gold.staffing_and_occupancy(publication, scope, period.first, period.last)
    if len(rows) == 0:
        page_frame.say_empty(f"No month of {place} holds staffing in this period. Try fewer filters.")
    else:
        with page_frame.explained():
            _together(publication, rows, place, period.words)
        with page_frame.explained():
            _which_first(publication, rows, place)
    with page_frame.explained():
        _across_states(publication, period.last)
    page_frame.vintage(publication, show_period(period.options[-1]))


show_question()
