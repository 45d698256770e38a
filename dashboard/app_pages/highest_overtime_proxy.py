"""Question 2: which facilities have the highest overtime? Answered with two proxies, because no public file holds overtime."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts
import filters
import gold
import page_frame
from gold import Publication, Scope
from kpi_catalogue import OVERTIME_KPI, PROXY_SENTENCE
from page_frame import Column, Table
from units import COUNT, HOURS, PERCENT, show, show_period

_LEAST_HOURS = ("1000", "5000", "10000", "0")
_LISTED = 100
_COLUMNS = page_frame.facility_columns(
    *("profile", "provider_name", "ccn", "city", "state", "ownership_type"),
    contract_share_pct=Column("Proxy 1: contract share", PERCENT),
    surge_share_pct=Column("Proxy 2: surge share", PERCENT),
    contract_hours=Column("Contract hours", HOURS),
    surge_hours=Column("Surge hours", HOURS),
    total_nurse_hours=Column("Total nurse hours", HOURS),
    months=Column("Months", COUNT),
)


def _ranking(rows: pd.DataFrame, table: Table, place: str, words: str) -> None:
    top = rows.head(15)
    heading = f"Highest contract share (overtime proxy 1): {place}, {words}"
    names = [f"{row.provider_name} ({row.ccn}, {row.state})" for row in top.itertuples()]
    alt = f"Bars. {heading}. First: {names[0]}, {show(top['contract_share_pct'].iloc[0], PERCENT)}."
    note = "The first 15 facilities, each with its CCN: facilities that share a name are separate. Ratio of sums over the period."
    chart = charts.bars(
        [name if len(name) < 46 else f"{name[:26]}… {name[name.rindex('(') :]}" for name in names],
        top["contract_share_pct"].tolist(),
        PERCENT,
    )
    page_frame.figure(heading, note, chart, alt, table)


def _both(rows: pd.DataFrame, publication: Publication, place: str) -> None:
    known = rows.dropna(subset=["contract_share_pct", "surge_share_pct"])
    if len(known) < 3:
        return
    heading = f"Contract share beside surge share: the {len(known)} facilities listed, {place}"
    names = [f"{row.provider_name} ({row.ccn})" for row in known.itertuples()]
    chart = charts.scatter(
        known, "contract_share_pct", "surge_share_pct", "percent contract hours (proxy 1)", "percent surge hours (proxy 2)", names
    )
    table = page_frame.table(publication, known, _COLUMNS, heading, place, "both_proxies", place, proxy=PROXY_SENTENCE)
    page_frame.figure(heading, "Neither axis is overtime.", chart, f"Scatter of {len(known)} facilities. {heading}.", table)


def show_question() -> None:
    """Draws the page."""
    page_frame.head(
        "Which facilities have the highest overtime proxy?",
        "Facilities ranked by contract share, with surge hours beside it.",
        badge="Proxy",
    )
    st.warning(PROXY_SENTENCE, icon=":material/warning:")
    publication = gold.current_publication()
    first, left, middle, last = st.columns([2, 2, 3, 2], vertical_alignment="bottom")
    scope: Scope = filters.choose_scope(publication, first, last)
    with left:
        least = filters.choose(
            "least", "Nurse hours at least", _LEAST_HOURS, lambda hours: f"{int(hours):,} h" if hours != "0" else "no limit"
        )
    with middle:
        period = filters.choose_period(gold.periods(publication, OVERTIME_KPI.measure("contract"), scope))
    filters.show_notes()
    place = filters.describe(scope, publication)
    rows = gold.overtime_proxies(publication, scope, period.first, period.last, int(least), _LISTED)
    if len(rows) == 0:
        page_frame.say_empty(
            f"No facility of {place} has that many nurse hours in this period. Try fewer filters or a lower limit."
        )
    else:

        def everything() -> pd.DataFrame:
            return gold.overtime_proxies(publication, scope, period.first, period.last, int(least), 50_000)

        facts = {"proxy": PROXY_SENTENCE, "period": period.words}
        what, name = "Overtime proxies by facility", ("overtime_proxy", place)
        table = page_frame.table(publication, rows, _COLUMNS, what, place, *name, full=everything, **facts)
        _ranking(rows, table, place, period.words)
        _both(rows, publication, place)
        _map(publication, scope, period.last)
    page_frame.method(publication, OVERTIME_KPI)
    page_frame.vintage(publication, show_period(period.options[-1]))


def _map(publication: Publication, scope: Scope, month: str) -> None:
    measure = OVERTIME_KPI.measure("contract")
    heading = f"Overtime proxy 1 (contract share) by state, {show_period(month)}"
    rows = gold.by_state(publication, measure, scope, month)
    facts = page_frame.about(publication, heading, "all states", proxy=PROXY_SENTENCE)
    page_frame.state_map(rows, measure, heading, "A proxy, not overtime.", "overtime_proxy_states", facts, scope.state)


show_question()
