"""Entry point: pages, navigation, and the sentence a visitor reads when there is nothing to show."""

from __future__ import annotations

import logging

import streamlit as st

import filters
import gold
from gold import GoldError
from navigation import pages

log = logging.getLogger("dashboard")


@st.fragment(run_every="60s")
def _watch_for_refresh() -> None:
    """A refresh published while someone looks is shown within a minute, without a restart and without a click."""
    try:
        publication = gold.current_publication()
    except GoldError:
        return
    version, moment = publication.version, gold.published_at(publication)
    st.caption(f"Data published {moment:%-d %b %Y, %H:%M} UTC" if moment else f"Data version {version}")
    seen = st.session_state.setdefault("seen_version", version)
    if version != seen:
        st.session_state["seen_version"] = version
        log.info("publication %s replaces %s", version, seen)
        st.rerun()


def _draw_menu(menu: dict[str, list[st.Page]]) -> None:
    """Our own menu: screen readers have trouble with the headings in Streamlit's list."""
    with st.sidebar, st.container(gap="small"):
        for section, entries in menu.items():
            with st.container(gap=6):
                if section:
                    st.caption(section)
                for entry in entries:
                    st.page_link(entry, width="stretch")


def main() -> None:
    """Runs the page that was asked for."""
    st.set_page_config(page_title="Nursing home staffing and quality", page_icon="🏥", layout="wide")
    menu = pages()
    page = st.navigation(menu, position="hidden")
    _draw_menu(menu)
    filters.enter_page(page.url_path)
    try:
        page.run()
    except GoldError as problem:
        log.warning("page %s: %s", page.title, problem)
        filters.show_notes()
        st.info(str(problem), icon=":material/info:")
    # No narrower class is possible: only unexpected defects arrive here. Without this line
    # the visitor would see a bare error box, and the log would not name the page and the link that led to it.
    # Problems of the data were caught above; Streamlit's own control flow (rerun, stop) is not an Exception and passes.
    except Exception:
        log.exception("page %s with %s", page.title, dict(st.query_params))
        st.error(
            "This page could not be drawn. The problem has been logged. Other pages still work; clearing the filters may help."
        )
    filters.leave_page()
    with st.sidebar:
        _watch_for_refresh()


main()
