"""KPI 9: stars over the vintages, how they are spread, and how many facilities moved."""

import streamlit as st

import charts
import gold
import page_frame
from kpi_catalogue import RATINGS_KPI
from kpi_page import View, render
from page_frame import Column
from units import COUNT, PERCENT, show_period


def _spread_of_stars(view: View) -> None:
    rows = gold.state_rows(view.publication, "kpi_rating_trend_by_state", "processing_date", view.scope)
    found = rows[rows["period"] == view.period.last]
    if len(found) == 0:
        return
    shares = [float(found.iloc[0][f"overall_{number}_star_share_pct"]) for number in range(1, 6)]
    heading = f"Distribution of overall stars: {view.place}, {show_period(view.period.last)}"
    without = f"{found.iloc[0]['facilities_without_rating']:,.0f} facilities have no overall rating"
    special = (
        f"{found.iloc[0]['special_focus_facilities_not_rated']:,.0f} of them because they are special focus facilities "
        f"(footnote 18)"
    )
    columns = {
        "period_words": Column("Vintage"),
        **{f"overall_{number}_star_share_pct": Column(f"{number} star{'s' * (number > 1)}", PERCENT) for number in range(1, 6)},
        "facilities_rated": Column("Rated", COUNT),
        "facilities_without_rating": Column("Without rating", COUNT),
        "special_focus_facilities_not_rated": Column("Special focus, not rated", COUNT),
    }
    table = view.table(rows, columns, "spread", heading)
    alt = f"Bars. {heading}. " + ", ".join(f"{number}: {share:.1f}%" for number, share in enumerate(shares, start=1))
    page_frame.figure(heading, f"{without}, {special}.", charts.stars(shares), alt, table)


def _moves(view: View) -> None:
    moved = gold.rating_moves(view.publication, view.scope).iloc[0]
    if moved["before_date"] == moved["now_date"]:
        return
    st.subheader(
        f"Overall stars gained and lost, {show_period(moved['before_date'])} to {show_period(moved['now_date'])}", anchor=False
    )
    page_frame.metric_row(
        [
            ("Facilities that gained stars", f"{moved['up']:,}", None, ""),
            ("lost stars", f"{moved['down']:,}", None, ""),
            ("stayed", f"{moved['same']:,}", None, ""),
        ]
    )


render(RATINGS_KPI, _spread_of_stars, _moves)
