"""Server time of every page of the dashboard: `python -m benchmarks.dashboard_pages`, with GOLD_DIR saying where gold lies.

Prints one line: RESULT and, for each page, seconds of the slowest cold run and of the 95th percentile of the warm ones.
"""

from __future__ import annotations

import json
import sys
import time

import streamlit as st
from streamlit.testing.v1 import AppTest

from include.settings import REPOSITORY

_DASHBOARD = REPOSITORY / "dashboard"
_WARM_RUNS = 4
_FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"state": "CA"},
    {"state": "TX", "ownership": "For profit"},
    {"ownership": "Non profit"},
)
_LINKS = {"facility": {"ccn": "015009"}, "compare": {"ids": "CA,US,015009,TX,NY"}}


def page_names() -> list[str]:
    return sorted(path.stem for path in (_DASHBOARD / "app_pages").glob("*.py"))


def _measure(page: str) -> dict[str, float]:
    """Cold: a new session, nothing cached, a new database. Warm: the same sessions run again, as after a click."""
    cold: list[float] = []
    warm: list[float] = []
    for parameters in _FILTERS:
        st.cache_data.clear()
        st.cache_resource.clear()
        session = AppTest.from_file(str(_DASHBOARD / "streamlit_app.py"), default_timeout=60).switch_page(f"app_pages/{page}.py")
        for name, value in {**_LINKS.get(page, {}), **parameters}.items():
            session.query_params[name] = value
        cold.append(_run(session))
        warm.extend(_run(session) for _ in range(_WARM_RUNS))
    return {"cold": max(cold), "warm_p95": sorted(warm)[int(0.95 * (len(warm) - 1))]}


def _run(session: AppTest) -> float:
    begun = time.perf_counter()
    session.run()
    seconds = time.perf_counter() - begun
    if session.exception or session.error:
        raise SystemExit(f"the page failed: {session.exception or session.error}")
    return seconds


if __name__ == "__main__":
    sys.path.insert(0, str(_DASHBOARD))  # its modules are imported as it does itself: it is deployed alone
    print("RESULT", json.dumps({page: _measure(page) for page in page_names()}))
