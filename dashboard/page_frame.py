"""What every page shares: its head, sections whose problems are explained, a table behind every chart, and the data's vintage."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

import charts
import downloads
import gold
from charts import Line
from footnotes import explain
from geography import state_name
from gold import GoldError, Publication
from kpi_catalogue import Kpi, Measure
from plain_text import in_markdown
from units import NOT_AVAILABLE, Unit, show, show_period

_TABLE_ROWS = 500
_ROW_HEIGHT = 36
_SPARK_COLOR = "#8795a1"
_HEAD_START_SECONDS = 0.5
_SELF_EVIDENT = {"number", "value"}


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and its unit if it is a number."""

    label: str
    unit: Unit | None = None
    help: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows, the columns to show, and all that a download says about itself."""

    frame: pd.DataFrame
    columns: Mapping[str, Column]
    name: str
    about: Mapping[str, str] = field(default_factory=dict)
    full: downloads.Frame | None = None


_OF_FACILITIES = {
    "profile": Column("Profile"),
    "provider_name": Column("Facility"),
    "ccn": Column("CCN"),
    "city": Column("City"),
    "county_name": Column("County"),
    "state": Column("State"),
    "zip_code": Column("ZIP"),
    "ownership_type": Column("Ownership"),
}


def facility_columns(*names: str, **more: Column) -> dict[str, Column]:
    """Columns that identify facilities, and those that a table adds."""
    return {**{name: _OF_FACILITIES[name] for name in names}, **more}


def head(title: str, lead: str, badge: str = "") -> None:
    """Title, one sentence, and a badge where a proxy must be known as one."""
    st.title(title, anchor=False)
    if badge:
        st.badge(badge, icon=":material/warning:", color="orange")
    st.markdown(lead)


@contextmanager
def explained() -> Iterator[None]:
    """A problem of one section becomes a sentence in its place; the rest of the page stands."""
    try:
        yield
    except GoldError as problem:
        st.info(str(problem), icon=":material/info:")


def let_figures_appear() -> None:
    """Before the first chart of a visit: a browser that receives a chart loads five megabytes of Plotly before it paints."""
    if not st.session_state.setdefault("has_seen_figures", False):
        st.session_state["has_seen_figures"] = True
        time.sleep(_HEAD_START_SECONDS)


def say_empty(sentence: str) -> None:
    """Nothing to show, and why."""
    st.info(sentence, icon=":material/info:")


def about(publication: Publication, what: str, scope: str, **more: str) -> dict[str, str]:
    """The facts that are part of every download."""
    return {
        "What": what,
        "Facilities": scope,
        **{name.replace("_", " ").capitalize(): text for name, text in more.items() if text},
        "Missing values": "An empty cell means not available, suppressed or not reported. It never means zero.",
        "Data version": publication.version,
        "Published at": publication.published_at,
        "Pipeline run": publication.run_id,
        "Source": "U.S. Centers for Medicare & Medicaid Services (CMS), public files",
    }


def table(
    publication: Publication,
    rows: pd.DataFrame,
    columns: Mapping[str, Column],
    what: str,
    place: str,
    *name: str,
    full: downloads.Frame | None = None,
    **facts: str,
) -> Table:
    """Rows with their download; periods in words and links to profiles where the columns ask for them."""
    worded = with_period_words(rows) if "period_words" in columns else rows
    linked = with_profile_links(worded) if "profile" in columns else worded
    return Table(linked, columns, file_name(*name), about(publication, what, place, **facts), full)


def measure_columns(measure: Measure, period: str) -> dict[str, Column]:
    """The columns of one measure over periods."""
    return {
        "period_words": Column(period),
        "value": Column(measure.label, measure.unit),
        "facilities": Column("Facilities behind the figure"),
    }


def figure(heading: str, note: str, chart: go.Figure, alt: str, table: Table) -> None:
    """A chart under a title that says what it shows, with its table and downloads behind it."""
    st.subheader(in_markdown(heading), anchor=False)
    if note:
        st.caption(note)
    st.plotly_chart(chart, config=charts.CONFIG, key=f"chart_{table.name}", alt=alt)
    with st.expander("Table and downloads", icon=":material/table:"):
        show_table(table)


def trend_figure(heading: str, note: str, lines: Sequence[Line], unit: Unit, table: Table, height: int = 340) -> None:
    """Lines over periods, also described in words."""
    figure(heading, note, charts.trend(lines, unit, height), charts.describe_trend(heading, lines, unit), table)


def table_section(heading: str, table: Table, empty: str, caption: str = "", height: int | None = None) -> None:
    """A table under its title, or the sentence that says why there is none."""
    st.subheader(heading, anchor=False)
    if len(table.frame) == 0:
        say_empty(empty)
        return
    if caption:
        st.caption(caption)
    show_table(table, height)


def state_map(
    rows: pd.DataFrame,
    measure: Measure,
    heading: str,
    note: str,
    name: str,
    facts: Mapping[str, str],
    highlight: str = "",
    full: downloads.Frame | None = None,
) -> None:
    """A tile for each state; nothing when no state has a value."""
    known = rows.dropna(subset=["value"]).sort_values("value", ascending=False)
    if len(known) == 0:
        return
    names = [state_name(str(code)) for code in known["state"]]
    highest, lowest = (show(known["value"].iloc[position], measure.unit) for position in (0, -1))
    alt = f"Tile map of states. {heading}. Highest: {names[0]}, {highest}; lowest: {names[-1]}, {lowest}."
    columns = {
        "state_name": Column("State"),
        "state": Column("Code"),
        "value": Column(measure.label, measure.unit),
        "facilities": Column("Facilities behind the figure"),
    }
    table = Table(known.assign(state_name=names), columns, name, facts, full)
    figure(heading, note, charts.tile_map(rows, measure.unit, highlight), alt, table)


def show_table(table: Table, height: int | None = None) -> None:
    """The rows, formatted, and their downloads. Numbers that are missing read “not available”."""
    shown = downloads.safe_frame(table.frame.head(_TABLE_ROWS))
    visible = [name for name in table.columns if name in shown.columns]
    st.dataframe(
        shown[visible],
        hide_index=True,
        column_config={name: _column_config(table.columns[name], shown[name]) for name in visible},
        placeholder=NOT_AVAILABLE,
        height="auto" if height is None or (len(shown) + 2) * _ROW_HEIGHT < height else height,
        alt=table.name.replace("_", " "),
        key=f"table_{table.name}",
    )
    if len(table.frame) > _TABLE_ROWS:
        st.caption(f"The first {_TABLE_ROWS} of {len(table.frame):,} rows are shown. The downloads hold all of them.")
    downloads.offer(table.full or (lambda: table.frame), table.name, table.about)


def _column_config(column: Column, values: pd.Series) -> Any:
    if column.label == "Profile":
        return st.column_config.LinkColumn("Profile", display_text="Open", help="Everything known about this facility")
    if column.unit is not None:
        plain = column.unit.name in column.label or column.unit.name in _SELF_EVIDENT
        label = column.label if plain else f"{column.label} ({column.unit.name})"
        return st.column_config.NumberColumn(label, format=_d3(column.unit), help=column.help)
    if values.dtype == bool:
        return st.column_config.CheckboxColumn(column.label, help=column.help)
    if pd.api.types.is_datetime64_any_dtype(values):
        return st.column_config.DateColumn(column.label, format="D MMM YYYY", help=column.help)
    return st.column_config.Column(column.label, help=column.help)


def _d3(unit: Unit) -> str:
    return "localized" if unit.decimals == 0 else f"%.{unit.decimals}f"


def file_name(*parts: str) -> str:
    """A safe file name from titles and codes."""
    return re.sub(r"[^a-z0-9]+", "_", "_".join(part for part in parts if part).lower()).strip("_")[:90]


def with_profile_links(frame: pd.DataFrame) -> pd.DataFrame:
    """A link to the facility's profile beside each CCN, and footnotes in words."""
    linked = frame.copy()
    linked["profile"] = [f"facility?ccn={ccn}" for ccn in linked["ccn"]]
    if "footnote" in linked:
        linked["reason"] = [explain(code) for code in linked["footnote"]]
    return linked


def with_period_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Periods as words beside the sortable ones."""
    worded = frame.copy()
    worded["period_words"] = [show_period(str(period)) for period in worded["period"]]
    return worded


def metric_row(cards: Sequence[tuple[str, str, str | None, str]]) -> None:
    """Figures side by side: label, value, change, and the period compared. All gray: arrow and sign show the direction."""
    for column, (label, value, change, against) in zip(st.columns(len(cards)), cards, strict=True):
        with column:
            st.metric(
                label,
                value,
                change,
                delta_color="off",
                delta_arrow=arrow(change),
                delta_description=against if change else None,
                border=True,
            )


def arrow(change: str | None) -> Literal["auto", "off"]:
    """An arrow for what went up or down; none for what did not move."""
    return "auto" if change and change[0] in "+-" else "off"


def sparkline(values: Sequence[float], alt: str) -> None:
    """A small line in a gray that suits both themes, with a description for those who do not see it."""
    low, high = min(values), max(values)
    room = (high - low) or 1.0
    points = " ".join(
        f"{200 * position / (len(values) - 1):.1f},{36 - 32 * (value - low) / room:.1f}" for position, value in enumerate(values)
    )
    line = f'<polyline points="{points}" fill="none" stroke="{_SPARK_COLOR}" stroke-width="2" stroke-linejoin="round"/>'
    st.image(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40">{line}</svg>', width="stretch", alt=alt)


def notes(publication: Publication, kpi: Kpi) -> None:
    """Changes of definition and corrections, as gold lists them; gold of an older pipeline has no such table."""
    changes = list(kpi.changes)
    corrections = []
    if kpi.notes_subject and "data_notes" in publication.tables:
        found = gold.notes(publication, kpi.notes_subject)
        for kind, period, title, description in found.itertuples(index=False):
            if kind == "correction":
                corrections.append(f"{show_period(period)}: {description}")
            else:
                changes.append(f"{title}. {description}")
    for heading, sentences in (("Changes of definition", changes), ("Corrections", corrections)):
        if sentences:
            st.markdown(f"**{heading}**\n" + "\n".join(f"- {sentence}" for sentence in sentences))


def method(publication: Publication, kpi: Kpi) -> None:
    """How the KPI is computed, in a folded section at the end of its page."""
    with st.expander("How this is computed, and what it does not say", icon=":material/function:"):
        st.markdown(f"**Formula.** {kpi.formula[0].upper()}{kpi.formula[1:]}.")
        st.markdown(f"**Averages.** {kpi.how_averaged}")
        st.markdown(f"**Left out.** {kpi.exclusions}")
        st.markdown(f"**Source.** {kpi.source}.")
        st.markdown("**Read with care**\n" + "\n".join(f"- {caveat}" for caveat in kpi.caveats))
        notes(publication, kpi)


def vintage(publication: Publication, newest: str = "") -> None:
    """Which data this is: newest period, publication and run."""
    moment = gold.published_at(publication)
    when = moment.strftime("%-d %b %Y, %H:%M UTC") if moment else publication.published_at or "unknown"
    parts = [f"Newest period here: {newest}" if newest else "", f"Published: {when}", f"Pipeline run: {publication.run_id}"]
    st.divider()
    st.caption(
        " · ".join(part for part in parts if part and not part.endswith(": "))
        + f" · Read from {publication.source} · Data: CMS public files. “{NOT_AVAILABLE.capitalize()}” is never zero."
    )
