"""Question 3: average staffing by state and by kind of facility."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

import charts
import filters
import gold
import page_frame
from geography import state_name
from gold import Publication, Scope
from kpi_catalogue import HPRD_KPI, Measure
from page_frame import Column, Table
from units import COUNT, HPRD, PERCENT, show, show_period

_DIMENSIONS = {
    "ownership_group": "Ownership group",
    "ownership_type": "Ownership type",
    "provider_type": "Medicare or Medicaid",
    "in_hospital": "In a hospital or not",
    "urban": "Urban or rural",
}
_MEASURES = {
    "total_nurse_hprd": "Total nurse HPRD",
    "rn_hprd": "RN HPRD",
    "lpn_hprd": "LPN HPRD",
    "nurse_aide_hprd": "Nurse aide HPRD",
    "weekend_total_nurse_hprd": "Weekend total nurse HPRD",
}


def _by_type(publication: Publication, scope: Scope, dimension: str, column: str, quarter: str) -> None:
    rows = gold.staffing_by_type(publication, scope, dimension, quarter)
    rows = rows.dropna(subset=[column]).sort_values(column, ascending=False)
    place = filters.describe(scope, publication)
    if len(rows) == 0:
        page_frame.say_empty(f"No facility of {place} has staffing in {show_period(quarter)}.")
        return
    heading = f"{_MEASURES[column]} by {_DIMENSIONS[dimension].lower()}: {place}, {show_period(quarter)}"
    names = [f"{row.value} ({row.facilities:,})" for row in rows.itertuples()]
    alt = f"Bars. {heading}. " + "; ".join(
        f"{name}: {show(value, HPRD)}" for name, value in zip(names, rows[column], strict=True)
    )
    columns = {
        "value": Column(_DIMENSIONS[dimension]),
        "facilities": Column("Facilities", COUNT),
        **{name: Column(label, HPRD) for name, label in _MEASURES.items()},
        "contract_share_pct": Column("Contract share", PERCENT),
        "occupancy_pct": Column("Occupancy", PERCENT),
    }
    name = ("staffing_by", dimension, "" if scope.is_nation else place)
    table = page_frame.table(publication, rows, columns, heading, place, *name)
    note = (
        "Ratio of sums within each group; how many facilities stand behind a bar is in brackets. A group of few "
        "facilities says little."
    )
    if scope.by_facility:
        note += " Each facility is counted as what it is in the newest ProviderInfo."
    page_frame.figure(heading, note, charts.bars(names, rows[column].tolist(), HPRD), alt, table)


def _by_state(publication: Publication, scope: Scope, column: str, quarter: str) -> None:
    measure = next(measure for measure in HPRD_KPI.measures if measure.state and measure.state.value == column)
    heading = f"{_MEASURES[column]} by state, {show_period(quarter)}"
    facts = page_frame.about(publication, heading, "all states")
    note = "The filter by county is not applied to this map; ownership and chain are." if scope.by_facility else ""
    rows = gold.by_state(publication, measure, scope, quarter)
    page_frame.state_map(rows, measure, heading, note, "staffing_by_state", facts, scope.state)
    _states_ranked(publication, rows.dropna(subset=["value"]), measure, quarter, scope, facts)


def _states_ranked(
    publication: Publication, rows: pd.DataFrame, measure: Measure, quarter: str, scope: Scope, facts: Mapping[str, str]
) -> None:
    if len(rows) == 0:
        return
    rows = rows.sort_values("value", ascending=False)
    names = [state_name(str(code)) for code in rows["state"]]
    nation = gold.trend(publication, measure, Scope(), quarter, quarter)["value"].dropna()
    reference = ("United States", float(nation.iloc[0])) if len(nation) else None
    columns = {"state_name": Column("State"), "value": Column(measure.label, HPRD), "facilities": Column("Facilities", COUNT)}
    table = Table(rows.assign(state_name=names), columns, "staffing_by_state_ranked", facts)
    chart = charts.bars(names, rows["value"].tolist(), HPRD, state_name(scope.state), reference)
    alt = f"Bars. {measure.label} of {len(names)} states, highest first: {names[0]}, {show(rows['value'].iloc[0], HPRD)}."
    page_frame.figure("The same, ranked", "", chart, alt, table)


def show_question() -> None:
    """Draws the page."""
    page_frame.head(
        "How does staffing differ by state and by kind of facility?",
        "Nurse hours per resident day by ownership, program and setting, and by state.",
    )
    publication = gold.current_publication()
    first, second, third, fourth, last = st.columns([2, 2, 2, 3, 2], vertical_alignment="bottom")
    scope = filters.choose_scope(publication, first, last)
    with second:
        dimension = filters.choose("type", "Kind of facility", list(_DIMENSIONS), lambda key: _DIMENSIONS[key])
    with third:
        column = filters.choose("measure", "Measure", list(_MEASURES), lambda key: _MEASURES[key])
    with fourth:
        period = filters.choose_period(gold.periods(publication, HPRD_KPI.measure("total"), scope))
    filters.show_notes()
    st.caption(f"Shown: {show_period(period.last)}, the last quarter of the chosen period.")
    with page_frame.explained():
        _by_type(publication, scope, dimension, column, period.last)
    with page_frame.explained():
        _by_state(publication, scope, column, period.last)
    page_frame.vintage(publication, show_period(period.options[-1]))


show_question()
