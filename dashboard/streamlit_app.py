"""Entry point: pages, navigation, and the sentence a visitor reads when there is nothing to show."""

from __future__ import annotations

import logging

import streamlit as st

import filters
import gold
from gold import GoldProblem
from navigation import pages

log = logging.getLogger("dashboard")


@st.fragment(run_every="60s")
def _watch_for_refresh() -> None:
    """A refresh published while someone looks is shown within a minute, without a restart and without a click."""
    try:
        version = gold.current_publication().version
    except GoldProblem:
        return
    seen = st.session_state.setdefault("seen_version", version)
    if version != seen:
        st.session_state["seen_version"] = version
        log.info("publication %s replaces %s", version, seen)
        st.rerun()


def main() -> None:
    """Runs the page that was asked for."""
    st.set_page_config(page_title="Nursing home staffing and quality", page_icon=":material/local_hospital:", layout="wide")
    page = st.navigation(pages(), expanded=True)
    filters.enter_page(page.url_path)
    try:
        page.run()
    except GoldProblem as problem:
        log.warning("page %s: %s", page.title, problem)
        filters.show_notes()
        st.info(str(problem), icon=":material/info:")
    filters.leave_page()
    with st.sidebar:
        _watch_for_refresh()


main()
