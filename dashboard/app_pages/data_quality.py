"""Every file, hop by hop: what was in it, certified, rejected, loaded, and left out on purpose. What is new in it, what
CMS changed afterwards, which days it marked as incomplete, and how fresh each family is.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

import filters
import gold
import page_frame
from gold import Publication
from page_frame import Column
from units import COUNT, show_period

_LISTED = 500
_ALL_RESTATEMENTS = 200_000

_HOPS = {
    "rows_in_file": Column("Rows in file", COUNT),
    "rows_certified": Column("Certified", COUNT),
    "rows_rejected": Column("Rejected", COUNT),
    "rows_in_bronze": Column("In bronze", COUNT),
    "rows_in_silver": Column("In silver", COUNT),
    "rows_excluded": Column("Left out on purpose", COUNT),
}


def _reason(is_superseded: bool, excluded: int, rejected: int) -> str:
    reasons = []
    if is_superseded:
        reasons.append("a later version of this file is used instead")
    elif excluded:
        reasons.append("exact repeats of other rows")
    if rejected:
        reasons.append("rejected rows do not fit the contract; see bronze.rejected_rows")
    return "; ".join(reasons)


def _files(publication: Publication) -> None:
    rows = gold.reconciliation(publication)
    if len(rows) == 0:
        page_frame.say_empty("No file has been loaded yet.")
        return
    families = ["", *sorted(rows["family"].unique())]
    family = filters.choose("family", "File family", families, lambda name: name or "All families")
    rows = rows[rows["family"] == family] if family else rows
    unbalanced = int((~rows["balanced"].astype(bool)).sum())
    page_frame.metric_row(
        [
            ("File versions loaded", f"{len(rows):,}", None, ""),
            ("Rows in these files", f"{int(rows['rows_in_file'].sum()):,}", None, ""),
            ("Rows rejected", f"{int(rows['rows_rejected'].sum()):,}", None, ""),
            ("Files that do not balance", f"{unbalanced:,}", None, ""),
        ]
    )
    st.subheader("Every file, hop by hop", anchor=False)
    st.caption(
        "Balanced: rows in the file = certified + rejected, certified = in bronze, in bronze = in silver + left out on purpose."
    )
    reasons = [
        _reason(bool(late), int(excluded or 0), int(rejected or 0))
        for late, excluded, rejected in zip(
            rows["is_superseded"], rows["rows_excluded"].fillna(0), rows["rows_rejected"].fillna(0), strict=True
        )
    ]
    shown = rows.assign(balanced_words=["yes" if balanced else "NO" for balanced in rows["balanced"]], why=reasons)
    columns = {
        "balanced_words": Column("Balanced"),
        "family": Column("Family"),
        "period": Column("Vintage"),
        "file_name": Column("File"),
        **_HOPS,
        "why": Column("Why rows are left out or rejected"),
        "loaded_at": Column("Loaded"),
        "file_md5": Column("md5"),
    }
    table = page_frame.table(publication, shown, columns, "Reconciliation of every file", "all", "data_quality_files")
    page_frame.show_table(table, height=520)


def _freshness(publication: Publication) -> None:
    rows = gold.freshness(publication)
    late = int(rows["is_overdue"].fillna(False).sum())
    never = int(rows["latest_period"].isna().sum())
    st.subheader(f"Freshness: {late} of {len(rows)} families are overdue, {never} of them were never loaded", anchor=False)
    st.caption("Overdue: the newest period is older than CMS's usual pace of release allows, or the family was never loaded.")
    words = [
        "never loaded" if is_unknown else "overdue" if is_late else "fresh"
        for is_unknown, is_late in zip(rows["latest_period"].isna(), rows["is_overdue"], strict=True)
    ]
    columns = {
        "state_words": Column("State"),
        "family": Column("Family"),
        "latest_period": Column("Newest period"),
        "files": Column("Files in use", COUNT),
        "rows_loaded": Column("Rows", COUNT),
        "last_loaded_at": Column("Last loaded"),
        "age_days": Column("Age in days", COUNT),
        "max_age_days": Column("Overdue after days", COUNT),
    }
    shown = rows.assign(state_words=words)
    table = page_frame.table(publication, shown, columns, "Freshness", "all families", "data_quality_freshness")
    page_frame.show_table(table, height=520)


def _restatements(publication: Publication) -> None:
    periods = gold.restated_periods(publication)
    st.subheader("What was published again, and what that changed", anchor=False)
    if len(periods) == 0:
        page_frame.say_empty("No period that is loaded has been published twice with other figures.")
        return
    st.caption(
        "Every figure of this dashboard is from the later publication. Both files are kept: earlier figures can be rebuilt."
    )
    columns = {
        "period_words": Column("Period"),
        "family": Column("Family"),
        "facilities": Column("Facilities with a changed figure", COUNT),
        "figures": Column("Changed figures", COUNT),
        "old_file_name": Column("Earlier file"),
        "old_published_at": Column("Earlier file modified"),
        "new_file_name": Column("Later file"),
        "new_published_at": Column("Later file modified"),
        "new_loaded_at": Column("Known here since"),
    }
    page_frame.show_table(page_frame.table(publication, periods, columns, "Restated periods", "all", "restated_periods"))
    _restated_figures(publication)


def _restated_figures(publication: Publication) -> None:
    state = filters.choose_state(publication)
    rows = gold.restatements(publication, state, _LISTED)
    if len(rows) == 0:
        page_frame.say_empty("No figure of this state's facilities was restated.")
        return
    columns = {
        "period_words": Column("Period"),
        "ccn": Column("CCN"),
        "provider_name": Column("Facility"),
        "state": Column("State"),
        "figure": Column("Figure"),
        "old_value": Column("Before"),
        "new_value": Column("After"),
        "change": Column("Change"),
        "new_loaded_at": Column("Known here since"),
    }
    if len(rows) == _LISTED:
        st.caption(f"The newest {_LISTED} are listed; the downloads hold all.")

    def everything() -> pd.DataFrame:
        return _with_figure_words(gold.restatements(publication, state, _ALL_RESTATEMENTS))

    shown = _with_figure_words(rows)
    table = page_frame.table(publication, shown, columns, "Restated figures", state, "restated_figures", full=everything)
    page_frame.show_table(table, height=420)


def _with_figure_words(rows: pd.DataFrame) -> pd.DataFrame:
    """`total_nurse_hprd` → "Total nurse HPRD"."""
    words = rows["kpi"].str.replace("_pct", " (percent)").str.replace("_", " ").str.capitalize()
    for name in ("HPRD", "RN", "LPN", "QM"):
        words = words.str.replace(rf"\b{name}\b", name, case=False, regex=True)
    return rows.assign(figure=words)


def _incomplete_days(publication: Publication) -> None:
    rows = gold.incomplete_days(publication)
    if len(rows) == 0:
        return
    st.subheader("Days that CMS marked as incompletely submitted", anchor=False)
    quarters = ", ".join(show_period(str(quarter)) for quarter in rows["quarter"].unique())
    st.caption(f"Only the file of {quarters} marks them. The days count in all figures, as CMS publishes them.")
    columns = {"quarter": Column("Quarter"), "state": Column("State"), "incomplete_days": Column("Facility-days", COUNT)}
    table = page_frame.table(publication, rows, columns, "Days marked incomplete", "all states", "incomplete_days")
    page_frame.show_table(table, height=300)


def _layout_notices(publication: Publication) -> None:
    columns = {
        "family": Column("Family"),
        "column_name": Column("Column"),
        "kind": Column("What it is"),
        "first_file_name": Column("First seen in"),
        "first_seen": Column("Loaded"),
        "files": Column("Files", COUNT),
        "latest_period": Column("Newest vintage"),
    }
    rows = gold.layout_notices(publication)
    page_frame.table_section(
        "Columns that CMS has added, withdrawn or renamed",
        page_frame.table(publication, rows, columns, "Columns that differ", "all families", "layout_notices"),
        "Every file has the columns that are known for its period.",
        "These files are loaded, with every cell. The cells of a new column are kept until the column has a name here.",
        height=300,
    )


def _unknown_codes(publication: Publication) -> None:
    columns = {
        "family": Column("Family"),
        "column_name": Column("Column"),
        "kind": Column("What it is"),
        "value": Column("As CMS writes it"),
        "rows_found": Column("Rows", COUNT),
        "first_period": Column("First vintage"),
        "last_period": Column("Last vintage"),
    }
    rows = gold.unknown_codes(publication)
    page_frame.table_section(
        "Codes and words that are not explained here",
        page_frame.table(publication, rows, columns, "Unknown codes", "all families", "unknown_codes"),
        "Every measure code, footnote and category that CMS writes is known.",
        "Their rows are kept. Somebody who knows what CMS means must decide whether a figure depends on them.",
        height=300,
    )


def show_data_quality() -> None:
    """Draws the page."""
    page_frame.head(
        "Data quality",
        "Every CMS file that was loaded, counted at each hop; what is new in it; what CMS changed afterwards; and how fresh each "
        "file family is.",
    )
    publication = gold.current_publication()
    notes = st.container()
    for section in (_files, _layout_notices, _unknown_codes, _restatements, _incomplete_days, _freshness):
        with page_frame.explained():
            section(publication)
    with notes:
        filters.show_notes()
    page_frame.vintage(publication)


show_data_quality()
