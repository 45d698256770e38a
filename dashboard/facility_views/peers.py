"""Where one facility stands among those of its state."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

import charts
import gold
import page_frame
from facility_views.profile import Profile
from geography import state_name
from gold import Scope
from kpi_catalogue import HEADLINES, HPRD_KPI, Measure
from page_frame import Column
from units import NOT_AVAILABLE, is_missing, show, show_change, show_period

_CARDS = ("Nurse hours, all", "Contract staffing", "Nursing turnover", "Occupancy")
_BETTER = {True: "lower", False: "higher", None: "not said"}


@dataclass(frozen=True)
class _Standing:
    """The facility's newest value of a measure, and where that is among its state's."""

    period: str
    value: float
    among: pd.Series


def _has_table(profile: Profile, measure: Measure) -> bool:
    return measure.facility is not None and measure.facility.table in profile.publication.tables


def _standing(profile: Profile, measure: Measure) -> _Standing | None:
    own = gold.trend(profile.publication, measure, profile.scope).dropna(subset=["value"])
    if len(own) == 0:
        return None
    period = str(own["period"].iloc[-1])
    among = gold.peers(profile.publication, measure, profile.ccn, profile.state, period).iloc[0]
    return _Standing(period, own["value"].iloc[-1], among)


def show_beside_peers(profile: Profile) -> None:
    """Four figures, each beside the median of the state."""
    shown = [(measure, label) for _, measure, label in HEADLINES if label in _CARDS and _has_table(profile, measure)]
    if shown:
        page_frame.metric_row([_card(profile, measure, label) for measure, label in shown])
        st.caption(f"Gray: the difference to the median of the facilities of {state_name(profile.state)}, and that median.")


def _card(profile: Profile, measure: Measure, label: str) -> tuple[str, str, str | None, str]:
    standing = _standing(profile, measure)
    if standing is None:
        return label, NOT_AVAILABLE, None, ""
    median = standing.among["median"]
    return (
        f"{label}, {show_period(standing.period)}",
        show(standing.value, measure.unit),
        show_change(standing.value, median, measure.unit),
        f"{profile.state} {show(median, measure.unit)}",
    )


def show_peers(profile: Profile) -> None:
    """The view `peers`."""
    place = state_name(profile.state)
    found = [row for _, measure, _ in HEADLINES if (row := _row(profile, measure))]
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
    page_frame.show_table(profile.table(pd.DataFrame(found), columns, "peers"), height=460)
    with page_frame.explained():
        _neighbors(profile)


def _row(profile: Profile, measure: Measure) -> dict[str, str] | None:
    standing = _standing(profile, measure) if _has_table(profile, measure) else None
    if standing is None:
        return None
    among = standing.among
    placed = not is_missing(among["place"])
    return {
        "measure": measure.label + (" (proxy)" if measure.is_proxy else ""),
        "period": show_period(standing.period),
        "value": show(among["value"], measure.unit),
        "median": show(among["median"], measure.unit),
        "place": f"{int(among['place'])} of {int(among['facilities'])}" if placed else NOT_AVAILABLE,
        "better": _BETTER[measure.lower_is_better],
    }


def _neighbors(profile: Profile) -> None:
    measure, state = HPRD_KPI.measure("total"), Scope(state=profile.state)
    if is_missing(profile.card["latitude"]):
        return
    newest = gold.facility_periods(profile.publication, measure, state)[-1:]
    if not newest:
        return
    rows = gold.by_facility(profile.publication, measure, state, newest[0], newest[0], limit=2_000)
    heading = f"{measure.label} of each facility in {state_name(profile.state)}, {show_period(newest[0])}"
    value = Column(measure.label, measure.unit)
    columns = page_frame.facility_columns("profile", "provider_name", "ccn", "city", value=value)
    table = profile.table(page_frame.with_profile_links(rows), columns, "neighbors")
    chart = charts.facility_map(rows, measure.unit, profile.state, profile.ccn)
    page_frame.figure(
        heading, "This facility is ringed. Crosses have no value.", chart, f"Map. {heading}. Every value is in the table.", table
    )
