"""Up to five facilities or states side by side."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

import filters
import gold
import page_frame
from charts import Line
from geography import NATION, STATE_NAMES, state_name
from gold import Publication, Scope
from kpi_catalogue import HEADLINES, Measure
from page_frame import Column
from plain_text import in_markdown
from units import NOT_AVAILABLE, show, show_period

_MOST = 5
_MEASURES: dict[str, Measure] = {f"{kpi.key}.{measure.key}": measure for kpi, measure, _ in HEADLINES}


def _asked() -> list[str]:
    """Codes of the URL, in its order, each once."""
    words = re.findall(r"[0-9A-Za-z]+", st.query_params.get("ids", ""))
    return list(dict.fromkeys(word.upper() for word in words))


def _names(publication: Publication, codes: list[str]) -> dict[str, str]:
    """What each known code stands for; states by name, facilities by name and CCN."""
    known: dict[str, str] = {}
    for code in codes:
        if code == NATION or code in STATE_NAMES:
            known[code] = state_name(code)
            continue
        found = gold.of_facility(publication, "facilities", code)
        if len(found):
            known[code] = f"{found.iloc[0]['provider_name']} ({code}, {found.iloc[0]['state']})"
    return known


def _write(codes: list[str]) -> None:
    if codes:
        st.query_params["ids"] = ",".join(codes[:_MOST])
    else:
        st.query_params.pop("ids", None)


def _keep_chosen() -> None:
    _write(list(st.session_state["compare_chosen"]))


def _add(key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen:
        _write([*_asked(), chosen])
    st.session_state[key] = None


def _choose(publication: Publication) -> dict[str, str]:
    asked = _asked()
    known = _names(publication, asked[:_MOST])
    for code in asked[:_MOST]:
        if code not in known:
            st.warning(
                f"“{code[:20]}” is neither a state nor a CCN in the published data. It was left out.",
                icon=":material/search_off:",
            )
    if len(asked) > _MOST:
        st.warning(f"Up to {_MOST} can be compared. The first {_MOST} of the link are shown.", icon=":material/info:")
    st.session_state["compare_chosen"] = list(known)
    st.pills(
        "Compared now (press one to take it out)" if known else "Nothing yet: add states or facilities below",
        list(known),
        selection_mode="multi",
        key="compare_chosen",
        format_func=lambda code: in_markdown(known[code]),
        on_change=_keep_chosen,
    )
    left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
    with left:
        rest = [code for code in (NATION, *sorted(gold.states(publication), key=state_name)) if code not in known]
        st.selectbox(
            "Add a state", rest, index=None, key="compare_state", format_func=state_name, on_change=_add, args=("compare_state",)
        )
    with middle:
        words = st.text_input("Find a facility", key="compare_words", placeholder="Name, CCN, city or ZIP", max_chars=120)
    with right:
        _offer_facilities(publication, words, known)
    return known


def _offer_facilities(publication: Publication, words: str, known: dict[str, str]) -> None:
    found = gold.search_facilities(publication, words, Scope(), limit=30) if words.strip() else pd.DataFrame()
    labels = {
        str(row.ccn): f"{row.provider_name} · {row.city}, {row.state} · {row.ccn}"
        for row in found.itertuples()
        if row.ccn not in known
    }
    st.selectbox(
        f"Add a facility ({len(labels)} found)",
        list(labels),
        index=None,
        key="compare_facility",
        format_func=lambda ccn: labels[ccn],
        on_change=_add,
        args=("compare_facility",),
        placeholder="Search first" if not labels else "Choose a facility",
    )


def _scope(code: str) -> Scope:
    return Scope(state=code) if code == NATION or code in STATE_NAMES else Scope(ccn=code)


def _lines(publication: Publication, measure: Measure, known: dict[str, str]) -> list[Line]:
    found = []
    for code, name in known.items():
        rows = gold.trend(publication, measure, _scope(code))
        if rows["value"].notna().any():
            found.append(Line(name, rows))
    return found


def _side_by_side(publication: Publication, known: dict[str, str]) -> None:
    rows = []
    for measure in _MEASURES.values():
        row = {"measure": measure.label + (" (proxy)" if measure.is_proxy else "")}
        for code in known:
            row[code] = _newest(publication, measure, code)
        rows.append(row)
    st.subheader("Newest value of each indicator", anchor=False)
    st.caption(
        "Each value with its own period. States are computed from all their facilities; a group's mean is not a facility's value."
    )
    columns = {"measure": Column("Indicator"), **{code: Column(name) for code, name in known.items()}}
    places = ", ".join(known.values())
    table = page_frame.table(publication, pd.DataFrame(rows), columns, "Comparison", places, "compare", *known)
    page_frame.show_table(table, height=460)


def _newest(publication: Publication, measure: Measure, code: str) -> str:
    try:
        rows = gold.trend(publication, measure, _scope(code))
    except gold.GoldError:
        return NOT_AVAILABLE
    rows = rows[rows["value"].notna()]
    if len(rows) == 0:
        return NOT_AVAILABLE
    return f"{show(rows['value'].iloc[-1], measure.unit)} ({show_period(str(rows['period'].iloc[-1]))})"


def _trend(publication: Publication, known: dict[str, str]) -> None:
    key = filters.choose("measure", "Trend of", list(_MEASURES), lambda key: _MEASURES[key].label)
    measure = _MEASURES[key]
    lines = _lines(publication, measure, known)
    heading = f"{measure.label}, compared" + (" (a proxy)" if measure.is_proxy else "")
    if not lines:
        page_frame.say_empty(f"None of those compared has a value of “{measure.label}”.")
        return
    long = pd.concat([line.frame.assign(name=line.name) for line in lines])
    columns = {"name": Column("Who"), **page_frame.measure_columns(measure, "Period")}
    table = page_frame.table(publication, long, columns, heading, ", ".join(known.values()), "compare_trend", key)
    note = "A facility is shown by quarter or month as its state is." if any(len(code) > 2 for code in known) else ""
    page_frame.trend_figure(heading, note, lines, measure.unit, table, 400)


def show_comparison() -> None:
    """Draws the page."""
    page_frame.head(
        "Compare", f"Up to {_MOST} facilities or states side by side. Copy the address of this page to share the comparison."
    )
    publication = gold.current_publication()
    known = _choose(publication)
    if not known:
        page_frame.say_empty("Add at least one state or facility. Two make a comparison.")
    else:
        with page_frame.explained():
            _trend(publication, known)
        filters.show_notes()
        with page_frame.explained():
            _side_by_side(publication, known)
    page_frame.vintage(publication)


show_comparison()
