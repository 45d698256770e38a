"""How every KPI is made, what it must not be taken for, and published figures beside ours."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import filters
import gold
import page_frame
from footnotes import FOOTNOTES
from geography import state_name
from gold import Publication
from kpi_catalogue import KPIS, Benchmark, Kpi
from navigation import KPI_FILES, page_file
from page_frame import Column, Table
from units import NOT_AVAILABLE, is_missing, show_period


def _ours(publication: Publication, kpi: Kpi, benchmark: Benchmark) -> float | None:
    try:
        return gold.benchmark_value(publication, kpi.measure(benchmark.measure), benchmark.geography, benchmark.period)
    except gold.GoldError:
        return None


def _verdict(ours: float | None, benchmark: Benchmark) -> str:
    if ours is None or is_missing(ours):
        return "this period is not loaded"
    if not benchmark.comparable:
        return "another kind of average: not expected to agree"
    difference = abs(ours - benchmark.value) / abs(benchmark.value)
    return "agrees within 0.5%" if difference < 0.005 else f"differs by {100 * difference:.1f}%"


def _written(value: float | None) -> str:
    """With more digits than elsewhere: here the question is whether two figures are the same."""
    if value is None or is_missing(value):
        return NOT_AVAILABLE
    return f"{value:,.{2 if abs(value) >= 1000 else 4}f}"


def _benchmarks(publication: Publication, kpi: Kpi) -> None:
    if not kpi.benchmarks:
        st.markdown("**Published benchmark.** None: CMS publishes no figure that this could be checked against.")
        return
    rows = []
    for benchmark in kpi.benchmarks:
        measure = kpi.measure(benchmark.measure)
        ours = _ours(publication, kpi, benchmark)
        rows.append(
            {
                "measure": measure.label,
                "place": state_name(benchmark.geography),
                "period": show_period(benchmark.period),
                "published": _written(benchmark.value),
                "ours": _written(ours),
                "verdict": _verdict(ours, benchmark),
                "unit": measure.unit.name,
                "source": benchmark.source,
            }
        )
    st.markdown("**Published benchmark beside ours**")
    columns = {
        "measure": Column("Measure"),
        "place": Column("Place"),
        "period": Column("Period"),
        "published": Column("Published"),
        "ours": Column("Ours"),
        "verdict": Column("Verdict"),
        "unit": Column("Unit"),
        "source": Column("Published in"),
    }
    frame = pd.DataFrame(rows)
    page_frame.show_table(
        Table(
            frame,
            columns,
            page_frame.file_name("benchmarks", kpi.key),
            page_frame.about(publication, f"Benchmarks: {kpi.title}", "as named"),
        )
    )


def _kpi(publication: Publication, kpi: Kpi) -> None:
    st.header(f"{kpi.number}. {kpi.title}", anchor=kpi.key)
    if kpi.proxy_note:
        st.badge("Proxy", icon=":material/warning:", color="orange")
        st.markdown(kpi.proxy_note)
    st.markdown(f"Asked for as “{kpi.asked_as}”. {kpi.definition}")
    facts = {"Formula": kpi.formula, "Averages": kpi.how_averaged, "Left out": kpi.exclusions, "Source": kpi.source}
    st.markdown("\n".join(f"- **{name}.** {text}" for name, text in facts.items()))
    st.markdown("**Read with care**\n" + "\n".join(f"- {caveat}" for caveat in kpi.caveats))
    page_frame.notes(publication, kpi)
    st.markdown(
        "**Measures**\n" + "\n".join(f"- {measure.label} ({measure.unit.name}). {measure.note}" for measure in kpi.measures)
    )
    with page_frame.explained():
        _benchmarks(publication, kpi)
    st.page_link(page_file(KPI_FILES[kpi.key][0]), label=f"Open {kpi.title.lower()}")


def _footnotes() -> None:
    st.header("Footnotes of CMS", anchor="footnotes")
    st.markdown("Where CMS shows no number it gives a code. This dashboard shows the meaning, and never a zero in its place.")
    st.dataframe(
        pd.DataFrame(FOOTNOTES.items(), columns=["Code", "Meaning"]), hide_index=True, alt="Footnote codes and their meaning"
    )


def show_methodology() -> None:
    """Draws the page."""
    page_frame.head(
        "Methodology", "How every figure is made, from what, what is left out, and how it compares with what CMS publishes."
    )
    publication = gold.current_publication()
    words = {"": "All ten indicators", **{kpi.key: f"{kpi.number}. {kpi.title}" for kpi in KPIS}}
    chosen = filters.choose("kpi", "Indicator", list(words), lambda key: words[key])
    filters.show_notes()
    for kpi in KPIS:
        if chosen in ("", kpi.key):
            _kpi(publication, kpi)
    _footnotes()
    st.caption(
        "Words: CCN = CMS Certification Number. HPRD = nurse hours per resident day (also HPPD). PBJ = Payroll-Based "
        "Journal. MDS = Minimum Data Set. QRP = Quality Reporting Program. VBP = Value-Based Purchasing."
    )
    page_frame.vintage(publication)


show_methodology()
