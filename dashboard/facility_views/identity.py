"""Who the facility is: name, place, owner, badges, and its stars."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import page_frame
from facility_views.profile import Profile
from facility_views.ratings import STAR_LABELS
from footnotes import explain
from geography import state_name
from plain_text import in_markdown
from units import COUNT, is_missing, show


def show_identity(profile: Profile) -> None:
    """The name and all that identifies the facility."""
    card = profile.card
    place = f"{card['city']}, {state_name(card['state'])} {card['zip_code'] or ''}"
    st.title(in_markdown(card["provider_name"]), anchor=False)
    county = f" · {card['county_name']} County" if card["county_name"] else ""
    address = in_markdown(f"{card['provider_address'] or ''}, {place}{county}")
    st.markdown(f"**CCN {card['ccn']}** · {address}")
    with st.container(horizontal=True):
        _badges(card)
    owner = card["ownership_type"] or "ownership not published"
    chain = f"chain: {card['chain_name']}" if card["chain_name"] else "no chain named by CMS"
    beds = f"{show(card['certified_beds'], COUNT)} certified beds"
    legal_name = card["legal_business_name"] or "not published"
    programs = card["provider_type"] or "programs not published"
    st.caption(in_markdown(f"{owner} · {programs} · {beds} · {chain} · legal name: {legal_name}"))


def _badges(card: pd.Series) -> None:
    if not card["is_active"]:
        st.badge("Not in CMS's newest list: closed, or left the programs", icon=":material/block:", color="gray")
    if card["special_focus_status"]:
        st.badge(in_markdown(f"Special focus: {card['special_focus_status']}"), icon=":material/priority_high:", color="orange")
    if card["has_abuse_icon"] is True or card["has_abuse_icon"] == 1:
        st.badge("Cited for abuse (CMS abuse icon)", icon=":material/front_hand:", color="orange")
    if card["is_in_hospital"] is True:
        st.badge("In a hospital", icon=":material/local_hospital:", color="gray")


def show_stars(profile: Profile) -> None:
    """The four current ratings, or why there is none."""
    card = profile.card
    page_frame.metric_row([(label, _star_words(card[name]), None, "") for name, label in STAR_LABELS.items()])
    reason = explain(card["overall_rating_footnote"])
    if reason and is_missing(card["overall_rating"]):
        st.caption(f"No overall rating: {reason}")


def _star_words(value: float | None) -> str:
    return "not rated" if is_missing(value) or value is None else f"{'★' * int(value)}{'☆' * (5 - int(value))} {int(value)}"
