"""Citations, penalties and incidents of one facility."""

from __future__ import annotations

import streamlit as st

import page_frame
from facility_views.profile import Profile
from page_frame import Column
from units import COUNT, PERCENT, Unit

_USD = Unit("US dollars", "", 0)


def show_inspections(profile: Profile) -> None:
    """The view `inspections`."""
    _citations(profile)
    with page_frame.explained():
        _penalties(profile)
    with page_frame.explained():
        _incidents(profile)


def _citations(profile: Profile) -> None:
    rows = profile.rows("facility_citations")
    serious = int(rows["is_serious"].fillna(False).sum())
    st.subheader(f"Citations: {len(rows):,}, of these {serious:,} serious (G or worse)", anchor=False)
    st.caption(
        "Health and fire safety, about the last three inspection cycles. A to L: D to F potential harm, G to I actual harm, "
        "J to L immediate jeopardy."
    )
    if len(rows) == 0:
        page_frame.say_empty("No citation is listed for this facility in the files that were loaded.")
        return
    columns = {
        "survey_date": Column("Inspection"),
        "survey_type": Column("Kind"),
        "deficiency_tag": Column("Tag"),
        "scope_severity_code": Column("Severity"),
        "deficiency_description": Column("What was found"),
        "deficiency_category": Column("Category"),
        "is_infection_control": Column("Infection control"),
        "is_complaint_deficiency": Column("From a complaint"),
        "deficiency_corrected": Column("Corrected"),
        "correction_date": Column("Corrected on"),
    }
    page_frame.show_table(profile.table(rows, columns, "citations"), height=420)


def _penalties(profile: Profile) -> None:
    rows = profile.rows("facility_penalties")
    fines = rows["fine_amount_usd"].astype(float).sum()
    columns = {
        "penalty_date": Column("Date"),
        "penalty_type": Column("Kind"),
        "fine_amount_usd": Column("Fine", _USD),
        "payment_denial_start_date": Column("Payment denied from"),
        "payment_denial_length_days": Column("Days denied", COUNT),
    }
    page_frame.table_section(
        f"Penalties: {len(rows):,}, fines of ${fines:,.0f}" if len(rows) else "Penalties",
        profile.table(rows, columns, "penalties"),
        "No fine or payment denial is listed for this facility in about the last three years.",
        "A payment denial has no amount, and a fine has no days.",
    )


def _incidents(profile: Profile) -> None:
    rows = profile.rows("kpi_incidents_by_facility")
    if len(rows) == 0:
        return
    st.subheader("Incidents, vintage by vintage", anchor=False)
    st.caption("Rates are percent of long-stay residents; the others are counts. They are never added.")
    columns = {
        "processing_date": Column("Vintage"),
        "falls_major_injury_pct": Column("Falls with major injury", PERCENT),
        "uti_pct": Column("Urinary infections", PERCENT),
        "pressure_ulcer_pct": Column("Pressure ulcers", PERCENT),
        "infection_control_citations": Column("Infection-control citations", COUNT),
        "serious_citations": Column("Serious citations", COUNT),
        "immediate_jeopardy_citations": Column("Immediate jeopardy", COUNT),
        "facility_reported_incidents": Column("Reported incidents", COUNT),
        "substantiated_complaints": Column("Substantiated complaints", COUNT),
    }
    page_frame.show_table(profile.table(rows, columns, "incidents"))
