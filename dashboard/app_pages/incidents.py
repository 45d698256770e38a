"""KPI 10: rates of residents and counts of citations and incidents, never added to one another."""

import streamlit as st

import gold
import page_frame
from kpi_catalogue import INCIDENTS_KPI
from kpi_page import View, render
from page_frame import Column
from plain_text import in_markdown
from units import COUNT, PERCENT

_RATES = {
    "falls_major_injury_pct": "Falls with major injury",
    "uti_pct": "Urinary tract infections",
    "pressure_ulcer_pct": "Pressure ulcers",
}
_COUNTS = {
    "health_citations": "Health citations",
    "infection_control_citations": "of these infection control",
    "serious_citations": "of these G or worse",
    "immediate_jeopardy_citations": "of these J, K, L",
    "facility_reported_incidents": "Facility-reported incidents",
    "substantiated_complaints": "Substantiated complaints",
}


def _rates_and_counts(view: View) -> None:
    rows = gold.state_rows(view.publication, "kpi_incidents_by_state", "processing_date", view.scope)
    if len(rows) == 0:
        return
    st.subheader(f"Rates and raw counts, vintage by vintage: {in_markdown(view.place)}", anchor=False)
    st.caption(
        "Rates are percent of long-stay residents over four quarters; counts cover about three years or three inspection cycles."
    )
    columns = {
        "period_words": Column("Vintage"),
        "facilities": Column("Facilities", COUNT),
        **{name: Column(label, PERCENT) for name, label in _RATES.items()},
        "falls_major_injury_measure_period": Column("Falls measured over"),
        "pressure_ulcer_measure_period": Column("Ulcers measured over"),
        "pressure_ulcer_measure_code": Column("Ulcer measure"),
        **{name: Column(label, COUNT) for name, label in _COUNTS.items()},
    }
    page_frame.show_table(view.table(rows, columns, "rates_and_counts", "Rates and counts"))


render(INCIDENTS_KPI, _rates_and_counts)
