"""The nation, or one state, now: the ten KPIs, the trend and map of the first of them, and what changed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

import filters
import gold
import page_frame
from charts import Line
from gold import Publication, Scope
from kpi_catalogue import HEADLINES, HPRD_KPI, Kpi, Measure
from navigation import KPI_FILES, page_file
from page_frame import Column
from plain_text import in_markdown
from units import is_missing, show, show_change, show_period, show_short

_CARDS_IN_A_ROW = 4


@dataclass(frozen=True)
class Card:
    """The current figure of a measure, from the periods that have a value."""

    kpi: Kpi
    measure: Measure
    label: str
    known: pd.DataFrame

    def period(self, back: int = 1) -> str:
        """The newest period with a value, or the one before it."""
        return str(self.known["period"].iloc[-back]) if len(self.known) >= back else ""

    def value(self, back: int = 1) -> float | None:
        """Its value."""
        return float(self.known["value"].iloc[-back]) if len(self.known) >= back else None

    @property
    def is_comparable(self) -> bool:
        """Whether the two newest values were measured by one definition."""
        definitions = self.known["definition"].iloc[-2:]
        return len(self.known) > 1 and definitions.fillna("").nunique() == 1


def _cards(publication: Publication, scope: Scope) -> list[Card]:
    found = []
    for kpi, measure, label in HEADLINES:
        with page_frame.explained():
            rows = gold.trend(publication, measure, scope)
            found.append(Card(kpi, measure, label, rows[rows["value"].notna()]))
    return found


def _show_card(card: Card) -> None:
    unit = card.measure.unit
    change = show_change(card.value(), card.value(2), unit) if card.is_comparable else None
    proxy = " (proxy)" if card.measure.is_proxy else ""
    with st.container(border=True, height="stretch"):
        st.metric(
            f"{card.label}{proxy}",
            show_short(card.value(), unit),
            change,
            delta_color="off",
            delta_arrow=page_frame.arrow(change),
            delta_description=f"since {show_period(card.period(2))}" if change else None,
            help=card.measure.label,
        )
        if len(card.known) > 2:
            page_frame.sparkline(card.known["value"].tolist(), _trend_words(card))
        when = show_period(card.period()) if card.period() else "no period with a value"
        st.caption(f"{unit.name}, {when}" if not is_missing(card.value()) else when)
        file, title, _ = KPI_FILES[card.kpi.key]
        st.page_link(
            page_file(file),
            label="Details",
            icon=":material/arrow_forward:",
            help=title,
            query_params=filters.link_parameters(measure=card.measure.key),
        )


def _trend_words(card: Card) -> str:
    first, last = card.known.iloc[0], card.known.iloc[-1]
    unit = card.measure.unit
    return (
        f"Trend of {card.measure.label}: {show(first['value'], unit)} in {show_period(str(first['period']))}, "
        f"{show(last['value'], unit)} in {show_period(str(last['period']))}"
    )


def _show_cards(cards: list[Card]) -> None:
    for start in range(0, len(cards), _CARDS_IN_A_ROW):
        for column, card in zip(st.columns(_CARDS_IN_A_ROW), cards[start : start + _CARDS_IN_A_ROW], strict=False):
            with column:
                _show_card(card)


def _trend_and_map(publication: Publication, scope: Scope, place: str) -> None:
    measure = HPRD_KPI.measure("total")
    rows = gold.trend(publication, measure, scope)
    if len(rows) == 0:
        page_frame.say_empty(f"No staffing figures for {place}: no PBJ file with these facilities has been loaded.")
        return
    lines = [Line(place, rows)]
    if not scope.is_nation:
        lines.append(Line("United States", gold.trend(publication, measure, Scope()), is_reference=True))
    heading = f"{measure.label}, {place}"
    note = (
        "Ratio of sums, every day of the quarter."
        if len(rows) > 1
        else "Only one quarter has been published, so there is no trend yet."
    )
    columns = page_frame.measure_columns(measure, "Quarter")
    table = page_frame.table(publication, rows, columns, heading, place, "overview_trend")
    page_frame.trend_figure(heading, note, lines, measure.unit, table)
    _map(publication, scope, measure, str(rows["period"].iloc[-1]))


def _map(publication: Publication, scope: Scope, measure: Measure, period: str) -> None:
    heading = f"{measure.label} by state, {show_period(period)}"
    rows = gold.by_state(publication, measure, scope, period)
    facts = page_frame.about(publication, heading, "all states")
    page_frame.state_map(rows, measure, heading, "n/a: no value in this quarter.", "overview_by_state", facts, scope.state)


def _what_changed(publication: Publication, cards: list[Card], scope: Scope, place: str) -> None:
    st.subheader(f"What changed since the period before, {in_markdown(place)}", anchor=False)
    rows = [
        {
            "measure": card.measure.label,
            "before": show(card.value(2), card.measure.unit),
            "before_period": show_period(card.period(2)),
            "now": show(card.value(), card.measure.unit),
            "now_period": show_period(card.period()),
            "change": show_change(card.value(), card.value(2), card.measure.unit) if card.is_comparable else "definition changed",
        }
        for card in cards
        if len(card.known) > 1
    ]
    if not rows:
        page_frame.say_empty("Only one period of each indicator has been published, so nothing can be compared yet.")
    else:
        columns = {
            "measure": Column("Indicator"),
            "before_period": Column("Before"),
            "before": Column("was"),
            "now_period": Column("Now"),
            "now": Column("is"),
            "change": Column("Change"),
        }
        page_frame.show_table(page_frame.table(publication, pd.DataFrame(rows), columns, "Changes", place, "overview_changes"))
    with page_frame.explained():
        _stars_moved(publication, scope)


def _stars_moved(publication: Publication, scope: Scope) -> None:
    moved = gold.rating_moves(publication, scope).iloc[0]
    if moved["now_date"] != moved["before_date"] and moved["now_date"] is not None:
        st.markdown(
            f"Overall stars, {show_period(moved['before_date'])} to {show_period(moved['now_date'])}: **{moved['up']:,}** "
            f"facilities gained, "
            f"**{moved['down']:,}** lost, {moved['same']:,} stayed."
        )


def _what_arrived(publication: Publication) -> None:
    files = gold.reconciliation(publication)
    if len(files) == 0:
        page_frame.say_empty("No file has been loaded yet.")
        return
    st.subheader(f"What the last load brought, {files['loaded_at'].max():%-d %b %Y}", anchor=False)
    last = files[files["run_id"] == files.loc[files["loaded_at"].idxmax(), "run_id"]]
    overdue = gold.freshness(publication)
    late = int(overdue["is_overdue"].fillna(False).sum())
    unbalanced = int((~files["balanced"].astype(bool)).sum())
    page_frame.metric_row(
        [
            ("Files loaded", f"{len(last):,}", None, ""),
            ("Rows in these files", f"{int(last['rows_in_file'].sum()):,}", None, ""),
            ("Files that do not balance", f"{unbalanced:,}", None, ""),
            (f"Families overdue, of {len(overdue)}", f"{late:,}", None, ""),
        ]
    )
    st.page_link(page_file("data_quality"), label="Every file, hop by hop", icon=":material/fact_check:")


def show_overview() -> None:
    """Draws the page."""
    page_frame.head(
        "Nursing home staffing and quality",
        "Ten indicators of U.S. nursing homes from public CMS files, with their sources, gaps and changes of definition. "
        "Facilities are identified by CCN (CMS Certification Number).",
    )
    publication = gold.current_publication()
    first, last, _ = st.columns([2, 2, 4], vertical_alignment="bottom")
    scope = filters.choose_scope(publication, first, last)
    filters.show_notes()
    place = filters.describe(scope, publication)
    st.markdown(f"Showing **{in_markdown(place)}**. Each figure is from its own newest period, named below it.")
    cards = _cards(publication, scope)
    _show_cards(cards)
    page_frame.let_figures_appear()
    with page_frame.explained():
        _trend_and_map(publication, scope, place)
    with page_frame.explained():
        _what_changed(publication, cards, scope, place)
    with page_frame.explained():
        _what_arrived(publication)
    page_frame.vintage(publication)


show_overview()
