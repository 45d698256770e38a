"""The pages in the order a reader needs them, and the file behind each KPI's page for links."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent / "app_pages"

KPI_FILES: dict[str, tuple[str, str, str]] = {
    "hours": ("hours", "1 Nurse hours", "schedule"),
    "nurse-hours-per-resident-day": ("hprd", "2 Hours per resident day", "groups"),
    "contract-staffing": ("contract", "3 Contract staffing", "badge"),
    "overtime-proxy": ("overtime", "4 Overtime proxies", "more_time"),
    "turnover": ("turnover", "5 Turnover", "sync_alt"),
    "vaccination": ("vaccination", "6 Vaccination", "vaccines"),
    "resident-throughput": ("throughput", "7 Census and occupancy", "bed"),
    "readmissions": ("readmissions", "8 Readmissions", "local_hospital"),
    "ratings": ("ratings", "9 Star ratings", "star"),
    "incidents": ("incidents", "10 Incidents", "report"),
}


def _page(file: str, title: str, icon: str, *, default: bool = False) -> st.Page:
    return st.Page(_FOLDER / f"{file}.py", title=title, icon=f":material/{icon}:", default=default)


def page_file(file: str) -> str:
    """What `st.page_link` wants, whatever folder the server was started in."""
    return str(_FOLDER / f"{file}.py")


def pages() -> dict[str, list[st.Page]]:
    """Created at every run: Streamlit writes into these objects, so sessions must not share them."""
    return {
        "": [_page("overview", "Overview", "home", default=True)],
        "One facility, or a few": [
            _page("facility", "Facility profile", "apartment"),
            _page("compare", "Compare", "compare_arrows"),
        ],
        "Ten indicators": [_page(*entry) for entry in KPI_FILES.values()],
        "Four questions": [
            _page("staffing_and_occupancy", "Staffing and occupancy", "stacked_line_chart"),
            _page("highest_overtime_proxy", "Highest overtime proxy", "leaderboard"),
            _page("staffing_by_type", "Staffing by state and type", "category"),
            _page("length_of_stay", "Length of stay stand-in", "hotel"),
        ],
        "Trust": [
            _page("data_quality", "Data quality", "fact_check"),
            _page("methodology", "Methodology", "menu_book"),
        ],
    }
