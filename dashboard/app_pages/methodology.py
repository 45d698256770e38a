"""How every KPI is made, what it does not mean, and published figures beside ours."""

from __future__ import annotations

import re

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
from page_frame import Column
from units import NOT_AVAILABLE, show_period


def _verdict(ours: float | None, published: float, benchmark: Benchmark) -> str:
    if ours is None:
        return "this period is not loaded"
    if not benchmark.is_comparable:
        return "another kind of average: not expected to agree"
    difference = abs(ours - published) / abs(published)
    return "agrees within 0.5%" if difference < 0.005 else f"differs by {100 * difference:.1f}%"


def _written(value: float | None) -> str:
    """With more digits than elsewhere: here the question is whether two figures are the same."""
    if value is None:
        return NOT_AVAILABLE
    return f"{value:,.{2 if abs(value) >= 1000 else 4}f}"


def _our_period(benchmark: Benchmark, published: str) -> str:
    """Our period for a published one: a month is a vintage, which has the first day of the month as its date."""
    return benchmark.at or (f"{published}-01" if re.fullmatch(r"\d{4}-\d{2}", published) else published)


def _beside_ours(publication: Publication, kpi: Kpi, benchmark: Benchmark) -> list[dict[str, str]]:
    measure = kpi.measure(benchmark.measure)
    found = []
    for row in gold.benchmarks(publication, benchmark.published).itertuples():
        period = _our_period(benchmark, row.period)
        ours = gold.benchmark_value(publication, measure, row.geography, period)
        found.append(
            {
                "measure": measure.label,
                "place": state_name(row.geography),
                "period": show_period(period),
                "published": _written(row.value),
                "ours": _written(ours),
                "verdict": _verdict(ours, row.value, benchmark),
                "unit": measure.unit.name,
                "source": row.source,
            }
        )
    return found


def _benchmarks(publication: Publication, kpi: Kpi) -> None:
    if not kpi.benchmarks:
        st.markdown("**Published benchmark.** None: CMS publishes no figure that this could be checked against.")
        return
    rows = [row for benchmark in kpi.benchmarks for row in _beside_ours(publication, kpi, benchmark)]
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
    what = f"Benchmarks: {kpi.title}"
    page_frame.show_table(page_frame.table(publication, pd.DataFrame(rows), columns, what, "as named", "benchmarks", kpi.key))


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
    st.markdown("Where CMS shows no number, it gives a code. This dashboard shows the meaning, and never a zero instead.")
    st.dataframe(
        pd.DataFrame(FOOTNOTES.items(), columns=["Code", "Meaning"]), hide_index=True, alt="Footnote codes and their meaning"
    )


def show_methodology() -> None:
    """Draws the page."""
    page_frame.head(
        "Methodology", "How every figure is computed, its sources, what is left out, and how it compares with what CMS publishes."
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
        "Abbreviations: CCN = CMS Certification Number. HPRD = nurse hours per resident day (also HPPD). PBJ = Payroll-Based "
        "Journal. MDS = Minimum Data Set. QRP = Quality Reporting Program. VBP = Value-Based Purchasing."
    )
    page_frame.vintage(publication)


show_methodology()
