"""One facility: found by name, CCN, city or ZIP, with everything that gold knows about it."""

from __future__ import annotations

import charts
import filters
import gold
import page_frame
import pandas as pd
import streamlit as st
from charts import Line
from footnotes import explain
from geography import state_name
from gold import Publication, Scope
from kpi_catalogue import HEADLINES, HPRD_KPI, OVERTIME_KPI, RATINGS_KPI, Measure
from page_frame import Column, Table
from units import COUNT, HPRD, PERCENT, STARS, Unit, is_missing, show, show_change, show_period

_VIEWS = {
    "staffing": "Staffing",
    "ratings": "Ratings and vaccination",
    "inspections": "Inspections and penalties",
    "measures": "Quality measures",
    "peers": "Peers in the state",
}
_CARDS = ("Nurse hours, all", "Contract staffing", "Nursing turnover", "Occupancy")
_USD = Unit("US dollars", "", 0)
_MEASURE_UNIT = Unit("value", "", 2)


# ----------------------------------------------------------------------------------------------------- searching


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
    columns = {
        "profile": Column("Profile"),
        "provider_name": Column("Facility"),
        "ccn": Column("CCN"),
        "city": Column("City"),
        "state": Column("State"),
        "zip_code": Column("ZIP"),
        "ownership_type": Column("Ownership"),
        "certified_beds": Column("Beds", COUNT),
        "overall_rating": Column("Overall stars", COUNT),
    }
    about = page_frame.about(publication, "Search result", "facilities that match the words and filters")
    page_frame.show_table(Table(page_frame.with_profile_links(found), columns, "facility_search", about))


def _open_chosen() -> None:
    chosen = st.session_state.get("chosen_facility")
    if chosen:
        st.query_params["ccn"] = chosen


def _back() -> None:
    st.query_params.pop("ccn", None)


# ------------------------------------------------------------------------------------------------------- identity


def _identity(card: pd.Series) -> None:
    ccn, place = card["ccn"], f"{card['city']}, {state_name(card['state'])} {card['zip_code'] or ''}"
    st.title(str(card["provider_name"]), anchor=False)
    county = f" · {card['county_name']} County" if card["county_name"] else ""
    st.markdown(f"**CCN {ccn}** · {card['provider_address'] or ''}, {place}{county}")
    with st.container(horizontal=True):
        _badges(card)
    owner = card["ownership_type"] or "ownership not published"
    chain = f"chain: {card['chain_name']}" if card["chain_name"] else "no chain named by CMS"
    beds = f"{show(card['certified_beds'], COUNT)} certified beds"
    st.caption(
        f"{owner} · {card['provider_type'] or 'programmes not published'} · {beds} · {chain} · legal name: "
        f"{card['legal_business_name'] or 'not published'}"
    )


def _badges(card: pd.Series) -> None:
    if not card["is_active"]:
        st.badge("Not in CMS's newest list: closed, or left the programmes", icon=":material/block:", color="gray")
    if card["special_focus_status"]:
        st.badge(f"Special focus: {card['special_focus_status']}", icon=":material/priority_high:", color="orange")
    if card["has_abuse_icon"] is True or card["has_abuse_icon"] == 1:
        st.badge("Cited for abuse (CMS abuse icon)", icon=":material/front_hand:", color="orange")
    if card["is_in_hospital"] is True:
        st.badge("In a hospital", icon=":material/local_hospital:", color="gray")


def _stars(card: pd.Series) -> None:
    names = {
        "overall_rating": "Overall",
        "health_inspection_rating": "Health inspection",
        "staffing_rating": "Staffing",
        "qm_rating": "Quality measures",
    }
    page_frame.metric_row([(label, _star_words(card[name]), None, "") for name, label in names.items()])
    reason = explain(card["overall_rating_footnote"])
    if reason and is_missing(card["overall_rating"]):
        st.caption(f"No overall rating: {reason}")


def _beside_peers(publication: Publication, card: pd.Series) -> None:
    cards = []
    for _, measure, label in HEADLINES:
        if label in _CARDS and measure.facility is not None and measure.facility.table in publication.tables:
            cards.append(_peer_card(publication, measure, label, card))
    if cards:
        page_frame.metric_row(cards)


def _peer_card(publication: Publication, measure: Measure, label: str, card: pd.Series) -> tuple[str, str, str | None, str]:
    own = gold.trend(publication, measure, Scope(ccn=str(card["ccn"]))).dropna(subset=["value"])
    if len(own) == 0:
        return label, "not available", None, ""
    period = str(own["period"].iloc[-1])
    standing = gold.peers(publication, measure, str(card["ccn"]), str(card["state"]), period).iloc[0]
    median = show(standing["median"], measure.unit)
    change = show_change(own["value"].iloc[-1], standing["median"], measure.unit)
    return (
        f"{label}, {show_period(period)}",
        show(own["value"].iloc[-1], measure.unit),
        change,
        f"{card['state']} median {median}",
    )


def _star_words(value: float | None) -> str:
    return "not rated" if is_missing(value) or value is None else f"{'★' * int(value)}{'☆' * (5 - int(value))} {int(value)}"


# ---------------------------------------------------------------------------------------------------------- views


def _staffing(publication: Publication, card: pd.Series) -> None:
    rows = gold.of_facility(publication, "kpi_hprd_by_facility_month", card["ccn"])
    if len(rows) == 0:
        page_frame.say_empty("No PBJ file that was loaded names this facility, so its staffing hours are not known.")
        return
    rows = rows.assign(period=rows["month"].astype(str).str[:10])
    _hours_lines(publication, card, rows)
    _weekday_and_weekend(publication, card, rows)
    with page_frame.explained():
        _contract_and_occupancy(publication, card)
    with page_frame.explained():
        _turnover(publication, card)


def _turnover(publication: Publication, card: pd.Series) -> None:
    rows = gold.of_facility(publication, "kpi_turnover_by_facility", card["ccn"])
    if len(rows) == 0:
        return
    rows = rows.assign(
        period=rows["processing_date"].astype(str).str[:10],
        reason=[explain(code) for code in rows["total_nursing_turnover_footnote"]],
    )
    names = {"total_nursing_turnover_pct": "All nursing staff", "rn_turnover_pct": "Registered nurses"}
    lines = [Line(name, rows.assign(value=rows[column])) for column, name in names.items()]
    heading = "Turnover: who left within a year, vintage by vintage"
    columns = {
        "period_words": Column("Vintage"),
        **{column: Column(name, PERCENT) for column, name in names.items()},
        "administrators_left": Column("Administrators who left", COUNT),
        "reason": Column("Why there is no figure"),
    }
    note = "Only one vintage has been published, so there is no trend yet." if len(rows) == 1 else ""
    table = _table(publication, card, page_frame.with_period_words(rows), columns, "turnover")
    page_frame.figure(heading, note, charts.trend(lines, PERCENT, 300), charts.describe_trend(heading, lines, PERCENT), table)


def _hours_lines(publication: Publication, card: pd.Series, rows: pd.DataFrame) -> None:
    names = {"total_nurse_hprd": "Total nurse", "rn_hprd": "RN", "lpn_hprd": "LPN", "nurse_aide_hprd": "Nurse aide"}
    lines = [Line(name, rows.assign(value=rows[column])) for column, name in names.items()]
    heading = "Nurse hours per resident day, month by month"
    columns = {
        "period_words": Column("Month"),
        **{column: Column(f"{name} HPRD", HPRD) for column, name in names.items()},
        "resident_days": Column("Resident days", COUNT),
        "total_nurse_hours": Column("Total nurse hours", COUNT),
        "zero_census_days": Column("Days without residents", COUNT),
        "no_nurse_days": Column("Days without nurse hours", COUNT),
        "outlier_days": Column("Days with impossible hours", COUNT),
    }
    note = "Only one month has been published." if len(rows) == 1 else ""
    table = _table(publication, card, page_frame.with_period_words(rows), columns, "hours_per_resident_day")
    page_frame.figure(heading, note, charts.trend(lines, HPRD), charts.describe_trend(heading, lines, HPRD), table)


def _weekday_and_weekend(publication: Publication, card: pd.Series, rows: pd.DataFrame) -> None:
    names = {
        "weekday_total_nurse_hprd": "Monday to Friday",
        "weekend_total_nurse_hprd": "Saturdays and Sundays",
    }
    lines = [Line(name, rows.assign(value=rows[column])) for column, name in names.items()]
    heading = "Weekdays and weekends"
    columns = {
        "period_words": Column("Month"),
        **{column: Column(f"{name}, total nurse HPRD", HPRD) for column, name in names.items()},
    }
    table = _table(publication, card, page_frame.with_period_words(rows), columns, "weekend")
    page_frame.figure(
        heading,
        "Total nurse hours per resident day.",
        charts.trend(lines, HPRD, 300),
        charts.describe_trend(heading, lines, HPRD),
        table,
    )


def _contract_and_occupancy(publication: Publication, card: pd.Series) -> None:
    scope = Scope(ccn=str(card["ccn"]))
    contract, surge = (gold.trend(publication, measure, scope) for measure in OVERTIME_KPI.measures)
    census = gold.of_facility(publication, "kpi_resident_throughput_by_facility_month", card["ccn"])
    lines = [Line("Contract share (overtime proxy 1)", contract), Line("Surge share (overtime proxy 2)", surge)]
    lines.append(Line("Occupancy", census.assign(period=census["month"].astype(str).str[:10], value=census["occupancy_pct"])))
    heading = "Contract share, surge share and occupancy"
    merged = (
        contract[["period"]]
        .assign(contract=contract["value"], surge=surge["value"])
        .merge(census.assign(period=census["month"].astype(str).str[:10]), on="period", how="outer")
    )
    columns = {
        "period_words": Column("Month"),
        "contract": Column("Contract share (proxy 1)", PERCENT),
        "surge": Column("Surge share (proxy 2)", PERCENT),
        "average_daily_census": Column("Mean daily census", COUNT),
        "certified_beds": Column("Certified beds", COUNT),
        "occupancy_pct": Column("Occupancy", PERCENT),
    }
    note = "The two shares are proxies for overtime, not overtime. Occupancy is resident days in percent of bed days."
    table = _table(publication, card, page_frame.with_period_words(merged), columns, "contract_and_occupancy")
    page_frame.figure(heading, note, charts.trend(lines, PERCENT, 320), charts.describe_trend(heading, lines, PERCENT), table)


def _ratings(publication: Publication, card: pd.Series) -> None:
    scope = Scope(ccn=str(card["ccn"]))
    lines = [Line(measure.label, gold.trend(publication, measure, scope)) for measure in RATINGS_KPI.measures]
    history = gold.of_facility(publication, "kpi_ratings_by_facility", card["ccn"])
    history = history.assign(
        period=history["processing_date"].astype(str).str[:10],
        reason=[explain(code) for code in history["overall_rating_footnote"]],
    )
    if len(history) == 0:
        page_frame.say_empty("No ProviderInfo vintage that was loaded rates this facility.")
    else:
        heading = "Stars, vintage by vintage"
        columns = {
            "period_words": Column("Vintage"),
            **{
                name: Column(label, COUNT)
                for name, label in (
                    ("overall_rating", "Overall"),
                    ("health_inspection_rating", "Health inspection"),
                    ("staffing_rating", "Staffing"),
                    ("qm_rating", "Quality measures"),
                )
            },
            "reason": Column("Why there is no overall rating"),
            "definition_period": Column("Definition in force"),
        }
        note = "Only one vintage has been published, so there is no trend yet." if len(history) == 1 else ""
        table = _table(publication, card, page_frame.with_period_words(history), columns, "stars")
        page_frame.figure(heading, note, charts.trend(lines, STARS, 320), charts.describe_trend(heading, lines, STARS), table)
    with page_frame.explained():
        _vaccination(publication, card)


def _vaccination(publication: Publication, card: pd.Series) -> None:
    rows = gold.of_facility(publication, "kpi_staff_vaccination_by_facility", card["ccn"])
    st.subheader("COVID-19 vaccination, up to date", anchor=False)
    if len(rows) == 0:
        page_frame.say_empty("No vaccination file that was loaded names this facility.")
        return
    columns = {
        "as_of_date": Column("As of"),
        "staff_up_to_date_pct": Column("Staff", PERCENT),
        "residents_up_to_date_pct": Column("Residents", PERCENT),
        "definition_period": Column("Definition in force"),
    }
    page_frame.show_table(_table(publication, card, rows, columns, "vaccination"))


def _inspections(publication: Publication, card: pd.Series) -> None:
    citations = gold.of_facility(publication, "facility_citations", card["ccn"])
    st.subheader(
        f"Citations: {len(citations):,}, of these {int(citations['is_serious'].fillna(False).sum()):,} serious (G or worse)",
        anchor=False,
    )
    st.caption(
        "Health and fire safety, about the last three inspection cycles. A to L: D to F potential harm, G to I actual harm, "
        "J to L immediate jeopardy."
    )
    if len(citations) == 0:
        page_frame.say_empty("No citation is listed for this facility in the files that were loaded.")
    else:
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
        page_frame.show_table(_table(publication, card, citations, columns, "citations"), height=420)
    with page_frame.explained():
        _penalties(publication, card)
    with page_frame.explained():
        _incidents(publication, card)


def _penalties(publication: Publication, card: pd.Series) -> None:
    rows = gold.of_facility(publication, "facility_penalties", card["ccn"])
    fines = rows["fine_amount_usd"].astype(float).sum()
    st.subheader(f"Penalties: {len(rows):,}, fines of ${fines:,.0f}" if len(rows) else "Penalties", anchor=False)
    if len(rows) == 0:
        page_frame.say_empty("No fine or payment denial is listed for this facility in about the last three years.")
        return
    st.caption("A payment denial has no amount, a fine has no days.")
    columns = {
        "penalty_date": Column("Date"),
        "penalty_type": Column("Kind"),
        "fine_amount_usd": Column("Fine", _USD),
        "payment_denial_start_date": Column("Payment denied from"),
        "payment_denial_length_days": Column("Days denied", COUNT),
    }
    page_frame.show_table(_table(publication, card, rows, columns, "penalties"))


def _incidents(publication: Publication, card: pd.Series) -> None:
    rows = gold.of_facility(publication, "kpi_incidents_by_facility", card["ccn"])
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
    page_frame.show_table(_table(publication, card, rows, columns, "incidents"))


def _measures(publication: Publication, card: pd.Series) -> None:
    rows = gold.of_facility(publication, "facility_quality_measures", card["ccn"])
    st.subheader("Quality measures beside CMS's averages", anchor=False)
    if len(rows) == 0:
        page_frame.say_empty("No MDS or claims measure of this facility is in the files that were loaded.")
    else:
        st.caption("State and nation are CMS's own averages. Units differ: most are percent, some are per 1,000 resident days. ")
        rows = rows.assign(reason=[explain(code) for code in rows["footnote"]])
        columns = {
            "measure_description": Column("Measure"),
            "measure_code": Column("Code"),
            "resident_type": Column("Stay"),
            "score": Column("Facility", _MEASURE_UNIT),
            "state_average": Column("State", _MEASURE_UNIT),
            "us_average": Column("Nation", _MEASURE_UNIT),
            "unit": Column("Unit"),
            "better_direction": Column("Better is"),
            "measure_period": Column("Measured over"),
            "reason": Column("Footnote"),
        }
        page_frame.show_table(_table(publication, card, rows, columns, "quality_measures"), height=460)
    with page_frame.explained():
        _readmissions(publication, card)


def _readmissions(publication: Publication, card: pd.Series) -> None:
    rows = gold.of_facility(publication, "kpi_readmissions_by_facility", card["ccn"])
    st.subheader("Readmissions within 30 days, three sources", anchor=False)
    if len(rows) == 0:
        page_frame.say_empty("None of the three readmission sources names this facility in the files that were loaded.")
        return
    columns = {
        "measure_name": Column("Measure"),
        "period": Column("Measured over"),
        "rate": Column("Rate", PERCENT),
        "rate_low": Column("95% from", PERCENT),
        "rate_high": Column("95% to", PERCENT),
        "comparison_category": Column("CMS's comparison"),
        "reason": Column("Footnote"),
    }
    page_frame.show_table(
        _table(publication, card, rows.assign(reason=[explain(code) for code in rows["footnote"]]), columns, "readmissions")
    )


def _peers(publication: Publication, card: pd.Series) -> None:
    place = state_name(card["state"])
    found = [row for _, measure, _ in HEADLINES if (row := _peer_row(publication, measure, card))]
    st.subheader(f"Where it stands among facilities of {place}", anchor=False)
    if not found:
        page_frame.say_empty("This facility has no value that could be compared.")
        return
    st.caption("Median of the facilities of the state that have a value. Place 1 is the lowest value; low is not always better.")
    columns = {
        "measure": Column("Measure"),
        "period": Column("Period"),
        "value": Column("This facility"),
        "median": Column(f"Median of {place}"),
        "place": Column("Place from the lowest"),
        "better": Column("Better is"),
    }
    page_frame.show_table(_table(publication, card, pd.DataFrame(found), columns, "peers"), height=460)
    with page_frame.explained():
        _neighbours(publication, card)


def _neighbours(publication: Publication, card: pd.Series) -> None:
    measure = HPRD_KPI.measure("total")
    if measure.facility is None or is_missing(card["latitude"]):
        return
    newest = gold.facility_periods(publication, measure, Scope(state=str(card["state"])))[-1:]
    if not newest:
        return
    rows = gold.by_facility(publication, measure, Scope(state=str(card["state"])), newest[0], newest[0], limit=2_000)
    heading = f"{measure.label} of each facility in {state_name(card['state'])}, {show_period(newest[0])}"
    columns = {
        "profile": Column("Profile"),
        "provider_name": Column("Facility"),
        "ccn": Column("CCN"),
        "city": Column("City"),
        "value": Column(measure.label, measure.unit),
    }
    table = _table(publication, card, page_frame.with_profile_links(rows), columns, "neighbours")
    chart = charts.facility_map(rows, measure.unit, str(card["state"]), str(card["ccn"]))
    page_frame.figure(
        heading, "This facility is ringed. Crosses have no value.", chart, f"Map. {heading}. Every value is in the table.", table
    )


def _peer_row(publication: Publication, measure: Measure, card: pd.Series) -> dict[str, str] | None:
    if measure.facility is None or measure.facility.table not in publication.tables:
        return None
    own = gold.trend(publication, measure, Scope(ccn=str(card["ccn"]))).dropna(subset=["value"])
    if len(own) == 0:
        return None
    period = str(own["period"].iloc[-1])
    standing = gold.peers(publication, measure, str(card["ccn"]), str(card["state"]), period).iloc[0]
    better = {True: "lower", False: "higher", None: "not said"}[measure.lower_is_better]
    return {
        "measure": measure.label + (" (proxy)" if measure.is_proxy else ""),
        "period": show_period(period),
        "value": show(standing["value"], measure.unit),
        "median": show(standing["median"], measure.unit),
        "place": "not available"
        if is_missing(standing["place"])
        else f"{int(standing['place'])} of {int(standing['facilities'])}",
        "better": better,
    }


def _table(publication: Publication, card: pd.Series, rows: pd.DataFrame, columns: dict[str, Column], part: str) -> Table:
    about = page_frame.about(publication, part.replace("_", " "), f"{card['provider_name']} (CCN {card['ccn']})")
    kept = {name: column for name, column in columns.items() if name in rows and not (name == "reason" and not any(rows[name]))}
    return Table(rows, kept, page_frame.file_name("facility", str(card["ccn"]), part), about)


# ----------------------------------------------------------------------------------------------------------- page


def _profile(publication: Publication, card: pd.Series) -> None:
    st.button("Back to the search", on_click=_back, icon=":material/arrow_back:")
    _identity(card)
    _stars(card)
    with page_frame.explained():
        _beside_peers(publication, card)
    view = filters.choose("view", "Show", list(_VIEWS), lambda key: _VIEWS[key])
    draw = {"staffing": _staffing, "ratings": _ratings, "inspections": _inspections, "measures": _measures, "peers": _peers}[view]
    filters.show_notes()
    with page_frame.explained():
        draw(publication, card)


def show_facility() -> None:
    """Draws the page: the search, or the profile that the URL names."""
    publication = gold.current_publication()
    ccn = st.query_params.get("ccn", "").strip().upper()
    found = gold.of_facility(publication, "facilities", ccn) if ccn else pd.DataFrame()
    if len(found):
        _profile(publication, found.iloc[0].where(found.iloc[0].notna(), None))
    else:
        page_frame.head(
            "Facility profile", "Everything known about one nursing home. A facility is its CCN: two with one name are two."
        )
        if ccn:
            st.warning(
                f"No facility has the CCN “{ccn[:20]}” in the data that is published. A CCN has six characters, such as 015009.",
                icon=":material/search_off:",
            )
        _search(publication)
    page_frame.vintage(publication)


show_facility()
