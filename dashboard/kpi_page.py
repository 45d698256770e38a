"""The page that all ten KPIs share: current figures, trend, place, facilities, method. A KPI adds its own sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

import charts
import filters
import gold
import page_frame
from charts import Line
from downloads import Frame
from filters import Period
from geography import NATION, state_name
from gold import Publication, Scope
from kpi_catalogue import Kpi, Measure
from page_frame import Column, Table
from units import is_missing, show, show_change, show_period

_ALL_FACILITIES = 50_000


@dataclass(frozen=True)
class View:
    """What the visitor looks at: a measure, for some facilities, over some periods."""

    publication: Publication
    kpi: Kpi
    measure: Measure
    scope: Scope
    place: str
    period: Period

    @property
    def normalized(self) -> Measure:
        """The measure to compare places by: never a raw total."""
        return self.kpi.measure(self.measure.mapped_as) if self.measure.mapped_as else self.measure

    @property
    def facts(self) -> dict[str, str]:
        """What a download says about the KPI."""
        return {"definition": self.kpi.definition, "note": self.measure.note, "proxy": self.kpi.proxy_note}

    def table(self, rows: pd.DataFrame, columns: Mapping[str, Column], part: str, what: str, full: Frame | None = None) -> Table:
        """Rows of a section with their download."""
        return page_frame.table(self.publication, rows, columns, what, self.place, *self.name(part), full=full, **self.facts)

    def name(self, part: str) -> tuple[str, ...]:
        """Parts of the file name of a download."""
        return self.kpi.key, self.measure.key, part, "" if self.scope.is_nation else self.place


Section = Callable[[View], None]


def state_rows(view: View, table: str, period: str) -> pd.DataFrame:
    """The chosen periods of a gold table by state; empty when a filter needs facilities."""
    found = gold.state_rows(view.publication, table, period, view.scope)
    return found[found["period"].isin(view.period.chosen)]


def measures_together(view: View, names: Mapping[str, str], period_label: str, heading: str, note: str, part: str) -> None:
    """Several measures of the KPI as lines of one chart; `names`: measure key to the name of its line."""
    lines = [
        Line(name, gold.trend(view.publication, view.kpi.measure(key), view.scope, view.period.first, view.period.last))
        for key, name in names.items()
    ]
    values = [line.frame.set_index("period")["value"].rename(line.name) for line in lines]
    rows = pd.concat(values, axis=1).sort_index().reset_index()
    columns = {"period_words": Column(period_label), **{name: Column(name, view.measure.unit) for name in names.values()}}
    heading = f"{heading}: {view.place}, {view.period.words}"
    page_frame.trend_figure(heading, note, lines, view.measure.unit, view.table(rows, columns, part, heading))


def render(kpi: Kpi, *own_sections: Section) -> None:
    """Draws the page of one KPI."""
    page_frame.head(kpi.title, kpi.definition, badge="Proxy" if kpi.proxy_note else "")
    if kpi.proxy_note or kpi.notice:
        st.warning(kpi.proxy_note or kpi.notice, icon=":material/warning:")
    publication = gold.current_publication()
    newest = ""
    with page_frame.explained():
        view = _choose(publication, kpi)
        newest = show_period(view.period.options[-1])
        for section in (_figures_of_now, _trend, _place, *own_sections, _facilities):
            with page_frame.explained():
                section(view)
    page_frame.method(publication, kpi)
    page_frame.vintage(publication, newest)


def _choose(publication: Publication, kpi: Kpi) -> View:
    first, left, middle, last = st.columns([2, 3, 3, 2], vertical_alignment="bottom")
    labels = {measure.key: measure.label for measure in kpi.measures}
    with left:
        measure = kpi.measure(filters.choose("measure", "Measure", list(labels), lambda key: labels[key]))
    scope = filters.choose_scope(publication, first, last)
    with middle:
        period = filters.choose_period(gold.periods(publication, measure, scope))
    filters.show_notes()
    return View(publication, kpi, measure, scope, filters.describe(scope, publication), period)


def _value_at(frame: pd.DataFrame, period: str | None, column: str = "value") -> float | None:
    found = frame.loc[frame["period"] == period, column]
    return None if len(found) == 0 or is_missing(found.iloc[0]) else float(found.iloc[0])


def _figures_of_now(view: View) -> None:
    rows = gold.trend(view.publication, view.measure, view.scope)
    if rows["value"].isna().all():
        page_frame.say_empty(
            f"No value of “{view.measure.label}” for {view.place}: nothing was reported, or CMS suppressed it. Try fewer filters."
        )
        return
    now, before = view.period.last, view.period.previous
    value = _value_at(rows, now)
    against = f"since {show_period(before)}" if before else ""
    cards = [
        (
            f"{view.place}, {show_period(now)}",
            show(value, view.measure.unit),
            show_change(value, _value_at(rows, before), view.measure.unit),
            against,
        )
    ]
    if not view.scope.is_nation:
        cards.append(_nation_card(view, now, before, against))
    behind = _value_at(rows, now, "facilities")
    cards.append(("Facilities behind this figure", f"{behind or 0:,.0f}", None, ""))
    published = _value_at(rows, now, "published")
    if published is not None:
        cards.append(("CMS's own published average", show(published, view.measure.unit), None, ""))
    st.markdown(f"**{view.measure.label}** ({view.measure.unit.name})" + (" · proxy" if view.measure.is_proxy else ""))
    page_frame.metric_row(cards)
    if view.measure.note:
        st.caption(view.measure.note)


def _nation_card(view: View, now: str, before: str | None, against: str) -> tuple[str, str, str | None, str]:
    measure = view.normalized if view.measure.mapped_as else view.measure
    nation = gold.trend(view.publication, measure, Scope())
    value = _value_at(nation, now)
    label = "United States" if measure is view.measure else f"United States, {measure.unit.name}"
    return label, show(value, measure.unit), show_change(value, _value_at(nation, before), measure.unit), against


def _trend(view: View) -> None:
    rows = gold.trend(view.publication, view.measure, view.scope, view.period.first, view.period.last)
    if len(rows) == 0:
        return
    lines = [Line(view.place, rows)]
    if not view.scope.is_nation and not view.measure.mapped_as:
        nation = gold.trend(view.publication, view.measure, Scope(), view.period.first, view.period.last)
        lines.append(Line("United States", nation, is_reference=True))
    if rows["published"].notna().any():
        lines.append(Line("Published by CMS", rows.assign(value=rows["published"]), is_reference=True))
    heading = f"{view.measure.label}: {view.place}, {view.period.words}"
    note = (
        "Only one period has been published, so there is no trend yet." if len(view.period.chosen) == 1 else _change_note(lines)
    )
    page_frame.trend_figure(heading, note, lines, view.measure.unit, _trend_table(view, rows, heading))


def _change_note(lines: list[Line]) -> str:
    changes = charts.changes_of(lines)
    if not changes:
        return ""
    named = "; ".join(f"{show_period(period)}: {text}" for period, text in changes)
    return f"The line is broken where the definition changes ({named}). Do not compare across a break."


def _trend_table(view: View, rows: pd.DataFrame, heading: str) -> Table:
    columns = {
        "period_words": Column("Period"),
        "value": Column(view.measure.label, view.measure.unit),
        "published": Column("Published by CMS", view.measure.unit),
        "facilities": Column("Facilities behind the figure", None),
        "definition": Column("Definition in force"),
    }
    empty = [name for name in ("published", "definition") if rows[name].isna().all()]
    full = rows.assign(measure=view.measure.label, scope=view.place)
    return view.table(rows.drop(columns=empty), columns, "trend", heading, full=lambda: full)


def _place(view: View) -> None:
    if view.scope.state != NATION:
        _facility_map(view)
    measure = view.normalized
    rows = gold.by_state(view.publication, measure, view.scope, view.period.last)
    heading = f"{measure.label} by state, {show_period(view.period.last)}"
    notes = [f"Totals follow a state's size, so the map shows {measure.label.lower()}."] if measure is not view.measure else []
    notes.append("n/a: no value in this period. Puerto Rico (PR) and Guam (GU) stand at the bottom.")
    if view.scope.by_facility:
        notes.append("The filter by county is not applied to this map; ownership and chain are.")
    page_frame.state_map(
        rows,
        measure,
        heading,
        " ".join(notes),
        page_frame.file_name(*view.name("by_state")),
        page_frame.about(view.publication, heading, view.place, **view.facts),
        view.scope.state,
        full=lambda: rows.assign(measure=measure.label, period=view.period.last),
    )


def _facility_map(view: View) -> None:
    measure = view.normalized
    if measure.facility is None:
        return
    rows = gold.by_facility(view.publication, measure, view.scope, *_facility_span(view), limit=2_000)
    if len(rows) == 0:
        return
    heading = f"{measure.label} of each facility in {view.place}"
    missing = int(rows["latitude"].isna().sum())
    note = f"{_span_words(view)}. Crosses have no value."
    if missing:
        note += f" {missing} facilities are not on the map: CMS gives them no coordinates."
    alt = f"Map of {len(rows)} facilities in {state_name(view.scope.state)}. {heading}. Every value is in the table."
    page_frame.figure(
        heading, note, charts.facility_map(rows, measure.unit, view.scope.state), alt, _facility_table(view, measure, rows, "map")
    )


def _facility_span(view: View) -> tuple[str, str]:
    """The last period of the span, as the facility table names it: its periods may differ from the states'."""
    own = gold.facility_periods(view.publication, view.normalized, view.scope)
    inside = [period for period in own if period <= view.period.last] or own[:1]
    newest = inside[-1] if inside else view.period.last
    return newest, newest


def _span_words(view: View) -> str:
    return show_period(_facility_span(view)[1])


def _facility_table(view: View, measure: Measure, rows: pd.DataFrame, part: str) -> Table:
    columns = page_frame.facility_columns(
        *("profile", "provider_name", "ccn", "city", "county_name", "state"),
        value=Column(measure.label, measure.unit),
        reason=Column("Why there is no value"),
    )
    if rows["footnote"].isna().all():
        del columns["reason"]
    first, last = _facility_span(view)

    def everything() -> pd.DataFrame:
        found = gold.by_facility(view.publication, measure, view.scope, first, last, limit=_ALL_FACILITIES)
        return found.assign(measure=measure.label, period=last)

    return view.table(rows, columns, part, f"{measure.label}, {_span_words(view)}", everything)


def _facilities(view: View) -> None:
    measure = view.normalized
    if measure.facility is None:
        return
    st.subheader(f"Facilities ranked: {measure.label}", anchor=False)
    first, last = _facility_span(view)
    spread = gold.spread(view.publication, measure, view.scope, first, last).iloc[0]
    if not spread["facilities"]:
        page_frame.say_empty("No facility matches these filters in this period.")
        return
    order = filters.choose_by_buttons("order", "Order", ["highest", "lowest"], lambda key: f"{key.capitalize()} first")
    rows = gold.by_facility(view.publication, measure, view.scope, first, last, limit=100, highest_first=order == "highest")
    st.caption(_spread_words(spread, measure, _span_words(view)))
    page_frame.show_table(_facility_table(view, measure, rows, "facilities"), height=420)


def _spread_words(spread: pd.Series, measure: Measure, words: str) -> str:
    counted = int(spread["facilities"])
    with_value = int(spread["with_value"])
    text = f"{words}: {with_value:,} of {counted:,} facilities have a value"
    if with_value < counted:
        text += f"; {counted - with_value:,} are suppressed by CMS or not reported"
    if with_value > 1:
        text += (
            f". Half of them lie between {show(spread['p25'], measure.unit)} and {show(spread['p75'], measure.unit)}, "
            f"median {show(spread['p50'], measure.unit)}"
        )
    return text + (". The first 100 are listed; the downloads hold all." if counted > 100 else ".")
