"""One facility: found by name, CCN, city or ZIP, with everything that gold knows about it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import facility_views
import filters
import gold
import page_frame
from facility_views import VIEWS, Profile
from gold import Publication
from page_frame import Column
from units import COUNT


def _search(publication: Publication) -> None:
    left, first, last = st.columns([5, 2, 2], vertical_alignment="bottom")
    with left:
        st.session_state["filter_q"] = st.query_params.get("q", "")
        words = st.text_input(
            "Name, CCN, city or ZIP",
            key="filter_q",
            placeholder="Burns Nursing Home, 015009, Providence, 02903",
            on_change=_remember_words,
            max_chars=120,
        )
    scope = filters.choose_scope(publication, first, last)
    filters.show_notes()
    if not words.strip():
        st.caption("Type at least one word; every word must occur. The list below shows facilities that match the filters.")
    found = gold.search_facilities(publication, words, scope)
    if len(found) == 0:
        asked = f"“{words[:60]}” with these filters" if words.strip() else "these filters"
        page_frame.say_empty(f"No facility matches {asked}. Try part of the name, the city, the ZIP or the CCN alone.")
        return
    _choose_from(found, publication)


def _remember_words() -> None:
    words = st.session_state["filter_q"].strip()
    st.query_params.pop("ccn", None)
    if words:
        st.query_params["q"] = words
    else:
        st.query_params.pop("q", None)


def _choose_from(found: pd.DataFrame, publication: Publication) -> None:
    st.markdown(f"**{len(found)}{' or more' if len(found) == 50 else ''} facilities**")
    labels = {
        str(row.ccn): f"{row.provider_name} · {row.city}, {row.state} {row.zip_code} · CCN {row.ccn}"
        for row in found.itertuples()
    }
    st.selectbox(
        "Open the profile of",
        list(labels),
        index=None,
        key="chosen_facility",
        format_func=lambda ccn: labels[ccn],
        on_change=_open_chosen,
        placeholder="Choose a facility",
    )
    columns = page_frame.facility_columns(
        *("profile", "provider_name", "ccn", "city", "state", "zip_code", "ownership_type"),
        certified_beds=Column("Beds", COUNT),
        overall_rating=Column("Overall stars", COUNT),
    )
    place = "facilities that match the words and filters"
    page_frame.show_table(page_frame.table(publication, found, columns, "Search result", place, "facility_search"))


def _open_chosen() -> None:
    chosen = st.session_state.get("chosen_facility")
    if chosen:
        st.query_params["ccn"] = chosen


def _back() -> None:
    st.query_params.pop("ccn", None)


def _profile(profile: Profile) -> None:
    st.button("Back to the search", on_click=_back, icon=":material/arrow_back:")
    facility_views.show_identity(profile)
    facility_views.show_stars(profile)
    with page_frame.explained():
        facility_views.show_beside_peers(profile)
    _, draw = VIEWS[filters.choose("view", "Show", list(VIEWS), lambda key: VIEWS[key][0])]
    filters.show_notes()
    with page_frame.explained():
        draw(profile)


def show_facility() -> None:
    """Draws the page: the search, or the profile that the URL names."""
    publication = gold.current_publication()
    ccn = st.query_params.get("ccn", "").strip().upper()
    found = gold.of_facility(publication, "facilities", ccn) if ccn else pd.DataFrame()
    if len(found):
        _profile(Profile(publication, found.iloc[0].where(found.iloc[0].notna(), None)))
    else:
        page_frame.head(
            "Facility profile",
            "Everything known about one nursing home. The CCN identifies a facility: several may share a name.",
        )
        if ccn:
            st.warning(
                f"No facility has the CCN “{ccn[:20]}” in the data that is published. A CCN has six characters, such as 015009.",
                icon=":material/search_off:",
            )
        _search(publication)
    page_frame.vintage(publication)


show_facility()
