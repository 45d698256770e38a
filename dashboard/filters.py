"""Filters that live in the URL, so that a link shares the exact view.

The URL is the only truth: a widget is set from it before it is drawn and writes to it when it changes. A hand-edited value that
the data does not have is named and left out. Filters stay when the visitor opens another page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import streamlit as st

import gold
from geography import NATION, state_name
from gold import Publication, Scope
from units import period_start, show_period

_PLACE = ("state", "county", "ownership", "chain")
_PERIOD = ("from", "to")
_CARRIED = "carried_filters"
_LAST_PAGE = "last_page"
_NOTES = "filter_notes"
_OFF_ON = ("no", "yes")


@dataclass(frozen=True)
class Period:
    """The chosen span of a page's periods, newest last."""

    options: tuple[str, ...]
    first: str
    last: str

    @property
    def chosen(self) -> tuple[str, ...]:
        """The periods of the span."""
        return tuple(option for option in self.options if self.first <= option <= self.last)

    @property
    def previous(self) -> str | None:
        """The period before the last one, whether or not the span holds it."""
        position = self.options.index(self.last)
        return self.options[position - 1] if position else None

    @property
    def words(self) -> str:
        """`2023 Q1 to 2024 Q2`, or one period."""
        if self.first == self.last:
            return show_period(self.last)
        return f"{show_period(self.first)} to {show_period(self.last)}"


def enter_page(page: str) -> None:
    """Keeps the filters of the previous page, unless the link has its own."""
    came_from = st.session_state.get(_LAST_PAGE)
    st.session_state[_LAST_PAGE] = page
    st.session_state[_NOTES] = []
    if came_from in (None, page) or any(name in st.query_params for name in (*_PLACE, *_PERIOD)):
        return
    for name, value in st.session_state.get(_CARRIED, {}).items():
        st.query_params[name] = value


def leave_page() -> None:
    """Remembers the filters for the next page."""
    st.session_state[_CARRIED] = {name: st.query_params[name] for name in (*_PLACE, *_PERIOD) if name in st.query_params}


def choose(name: str, label: str, options: Sequence[str], words: Callable[[str], str] = str, advice: str = "") -> str:
    """A select box bound to one URL parameter. The first option is the default and leaves the URL clean."""
    chosen = _from_url(name, label, options)
    key = _show_in_widget(name, chosen)
    st.selectbox(label, options, key=key, format_func=words, on_change=_to_url, args=(name, options[0]), help=advice or None)
    return chosen


def switch(name: str, label: str) -> bool:
    """A toggle bound to one URL parameter; off is the default and leaves the URL clean."""
    chosen = _from_url(name, label, _OFF_ON)
    key = f"filter_{name}_on"
    st.session_state[key] = chosen == _OFF_ON[1]
    return st.toggle(label, key=key, on_change=_switch_to_url, args=(name, key))


def choose_by_buttons(name: str, label: str, options: Sequence[str], words: Callable[[str], str]) -> str:
    """The same as a row of buttons, for a few options."""
    chosen = _from_url(name, label, options)
    key = _show_in_widget(name, chosen)
    st.segmented_control(label, options, key=key, format_func=words, required=True, on_change=_to_url, args=(name, options[0]))
    return chosen


def choose_state(publication: Publication) -> str:
    """One state or the nation."""
    states = [NATION, *sorted(gold.states(publication), key=state_name)]
    return choose("state", "State", states, lambda code: "All states" if code == NATION else f"{state_name(code)} ({code})")


def choose_scope(publication: Publication, first: AbstractContextManager[object], last: AbstractContextManager[object]) -> Scope:
    """State in the first place of the row; county, ownership and chain in a menu in the last."""
    with first:
        state = choose_state(publication)
    with last:
        return _more_filters(publication, state)


def _more_filters(publication: Publication, state: str) -> Scope:
    county_names = ["", *gold.counties(publication, state)]
    owners = ["", *gold.ownership_types(publication)]
    chains = gold.chains(publication, state)
    active = sum(bool(st.query_params.get(name)) for name in ("county", "ownership", "chain"))
    with st.popover(f"More filters ({active} active)" if active else "More filters", icon=":material/tune:", width="stretch"):
        advice = "Choose a state first: county names repeat across states." if state == NATION else ""
        county = choose("county", "County", county_names, lambda name: name or "All counties", advice=advice)
        ownership = choose("ownership", "Ownership type", owners, lambda name: name or "Any ownership")
        chain = choose("chain", "Chain (CMS affiliated entity)", ["", *chains], lambda number: chains.get(number, "Any or none"))
        if active:
            st.button("Clear these filters", on_click=_clear, args=(("county", "ownership", "chain"),))
    return Scope(state=state, county=county, ownership=ownership, chain=chain)


def choose_period(options: Sequence[str]) -> Period:
    """A span of periods on a slider. URL values are days, so that a link fits pages of months, quarters and vintages."""
    if not options:
        raise gold.GoldError(
            "No period holds data for this view: none of its source files has been loaded, or none names a facility that "
            "fits the filters."
        )
    ordered = tuple(sorted(options))
    if len(ordered) == 1:
        st.markdown(f"Period  \n**{show_period(ordered[0])}**, the only one")
        return Period(ordered, ordered[0], ordered[0])
    first, last = _span_from_url(ordered)
    key = _show_in_widget("period", (first, last))
    # The value is given twice: the key keeps it in step with the URL, the argument makes the slider one with two handles.
    st.select_slider("Period", ordered, (first, last), key=key, format_func=show_period, on_change=_span_to_url, args=(ordered,))
    return Period(ordered, first, last)


def describe(scope: Scope, publication: Publication) -> str:
    """The scope in words, for titles and tables."""
    parts = [state_name(scope.state)]
    if scope.county:
        parts.insert(0, f"{scope.county} County")
    if scope.ownership:
        parts.append(scope.ownership)
    if scope.chain:
        parts.append(gold.chains(publication, NATION).get(scope.chain, f"chain {scope.chain}").rsplit(" (", 1)[0])
    return ", ".join(parts)


def show_notes() -> None:
    """Says which parts of a link could not be followed."""
    for note in st.session_state.get(_NOTES, []):
        st.warning(note, icon=":material/link_off:")


def link_parameters(**changes: str) -> dict[str, str]:
    """The current filters with changes, for links to other pages."""
    kept = {name: st.query_params[name] for name in _PLACE if name in st.query_params}
    return {name: value for name, value in {**kept, **changes}.items() if value}


def _note(sentence: str) -> None:
    st.session_state.setdefault(_NOTES, []).append(sentence)


def _from_url(name: str, label: str, options: Sequence[str]) -> str:
    asked = st.query_params.get(name, options[0])
    if asked in options:
        return asked
    match = next((option for option in options if option.lower() == asked.lower()), None)
    if match is None:
        _note(f"The link asks for {label.lower()} “{asked[:60]}”, which the data shown here does not have. It was left out.")
        del st.query_params[name]
        return options[0]
    return match


def _show_in_widget(name: str, value: str | tuple[str, str]) -> str:
    key = f"filter_{name}"
    st.session_state[key] = value
    return key


def _to_url(name: str, default: str) -> None:
    value = st.session_state[f"filter_{name}"]
    if value is None or value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    if name == "state":
        st.query_params.pop("county", None)  # a county belongs to one state


def _switch_to_url(name: str, key: str) -> None:
    if st.session_state[key]:
        st.query_params[name] = _OFF_ON[1]
    else:
        st.query_params.pop(name, None)


def _clear(names: Sequence[str]) -> None:
    for name in names:
        st.query_params.pop(name, None)


def _span_from_url(ordered: Sequence[str]) -> tuple[str, str]:
    first = _bound("from", ordered[0])
    last = _bound("to", ordered[-1])
    inside = [option for option in ordered if first <= period_start(option).isoformat() <= last]
    if not inside:
        _note("The link asks for a period that this page has no data for. All periods are shown.")
        _clear(_PERIOD)
        return ordered[0], ordered[-1]
    return inside[0], inside[-1]


def _bound(name: str, default: str) -> str:
    asked = st.query_params.get(name)
    fallback = period_start(default).isoformat()
    if asked is None:
        return fallback
    try:
        return period_start(asked).isoformat()
    except ValueError:
        _note(f"The link asks for the period “{asked[:40]}”, which is not a date like 2024-04-01. It was left out.")
        del st.query_params[name]
        return fallback


def _span_to_url(ordered: Sequence[str]) -> None:
    first, last = st.session_state["filter_period"]
    _clear(_PERIOD)
    if first != ordered[0]:
        st.query_params["from"] = period_start(first).isoformat()
    if last != ordered[-1]:
        st.query_params["to"] = period_start(last).isoformat()
