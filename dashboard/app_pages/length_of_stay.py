"""Question 4: length of stay. Public files hold none; resident days and census stand in for it."""

from __future__ import annotations

import streamlit as st

import filters
import gold
import page_frame
from charts import Line
from gold import Publication, Scope
from kpi_catalogue import THROUGHPUT_KPI, Measure
from units import show_period

_SENTENCE = (
    "Length of stay is not in public files: they hold neither admission nor discharge dates. Resident days and the daily "
    "census stand in. "
    "They show how full a facility was, not how long a resident stayed."
)


def _stand_in(publication: Publication, measure: Measure, scope: Scope, place: str, period: filters.Period) -> None:
    rows = gold.trend(publication, measure, scope, period.first, period.last)
    if len(rows) == 0:
        return
    lines = [Line(place, rows)]
    heading = f"{measure.label} (stand-in for length of stay): {place}, {period.words}"
    note = "Only one month has been published, so there is no trend yet." if len(rows) == 1 else ""
    columns = page_frame.measure_columns(measure, "Month")
    name = ("length_of_stay", measure.key, place)
    table = page_frame.table(publication, rows, columns, heading, place, *name, proxy=_SENTENCE)
    page_frame.trend_figure(heading, note, lines, measure.unit, table, 300)


def _map(publication: Publication, scope: Scope, month: str) -> None:
    measure = THROUGHPUT_KPI.measure("census")
    heading = f"{measure.label} by state (stand-in), {show_period(month)}"
    rows = gold.by_state(publication, measure, scope, month)
    facts = page_frame.about(publication, heading, "all states", proxy=_SENTENCE)
    note = "Residents per day of an average facility."
    page_frame.state_map(rows, measure, heading, note, "length_of_stay_states", facts, scope.state)


def show_question() -> None:
    """Draws the page."""
    page_frame.head(
        "Length of stay: what public data can say",
        "Resident days and mean daily census, month by month, in place of length of stay.",
        badge="Stand-in",
    )
    st.warning(_SENTENCE, icon=":material/warning:")
    publication = gold.current_publication()
    first, middle, last = st.columns([2, 4, 2], vertical_alignment="bottom")
    scope = filters.choose_scope(publication, first, last)
    measures = [THROUGHPUT_KPI.measure("resident_days"), THROUGHPUT_KPI.measure("census")]
    with middle:
        period = filters.choose_period(gold.periods(publication, measures[0], scope))
    filters.show_notes()
    place = filters.describe(scope, publication)
    for measure in measures:
        with page_frame.explained():
            _stand_in(publication, measure, scope, place, period)
    with page_frame.explained():
        _map(publication, scope, period.last)
    page_frame.vintage(publication, show_period(period.options[-1]))


show_question()
