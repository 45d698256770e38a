"""KPI 8: three readmission measures, kept apart. No public file holds a diagnosis."""

import pandas as pd
import streamlit as st

import filters
import gold
import page_frame
from kpi_catalogue import NO_DIAGNOSIS_SENTENCE, READMISSIONS_KPI
from kpi_page import View, render
from page_frame import Column
from plain_text import in_markdown
from units import COUNT, PERCENT, show_period

_SOURCES = {"vbp": "SNF VBP", "claims": "Claims measure 521", "qrp": "SNF QRP"}


def _three_sources(view: View) -> None:
    rows = gold.state_rows(view.publication, "kpi_readmissions_by_state", "period_end_date", view.scope)
    if len(rows) == 0:
        return
    rows = rows.assign(source=rows["source"].map(_SOURCES)).sort_values(["source", "measure_code", "period"])
    heading = f"All three sources side by side: {view.place}"
    columns = {
        "source": Column("Source"),
        "measure_name": Column("Measure"),
        "resident_type": Column("Stay"),
        "period_words": Column("Measure period ends"),
        "release_period": Column("Release"),
        "rate": Column("Mean of facilities", PERCENT),
        "pooled_rate": Column("Pooled, unadjusted (ratio of sums)", PERCENT),
        "published_rate": Column("Published by CMS", PERCENT),
        "facilities_reporting": Column("Reporting", COUNT),
        "facilities_suppressed": Column("Suppressed", COUNT),
        "facilities_better": Column("Better than nation", COUNT),
        "facilities_no_different": Column("No different", COUNT),
        "facilities_worse": Column("Worse than nation", COUNT),
    }
    st.subheader(in_markdown(heading), anchor=False)
    st.caption(
        f"{NO_DIAGNOSIS_SENTENCE} Categories exist for the risk-standardized QRP measure only. Newest end: "
        f"{show_period(rows['period'].max())}."
    )
    page_frame.show_table(view.table(rows, columns, "sources", heading))


def _categories(view: View) -> None:
    counts = gold.comparison_categories(view.publication, view.scope)
    if len(counts) == 0:
        return
    st.subheader(f"CMS's comparison with the nation: {in_markdown(view.place)}", anchor=False)
    st.caption("Potentially preventable readmissions (QRP S_004_01), risk-standardized, with the limits of CMS's 95% interval.")
    page_frame.metric_row([(row.comparison_category, f"{row.facilities:,}", None, "") for row in counts.itertuples()])
    names = [str(name) for name in counts["comparison_category"]]
    chosen = filters.choose("category", "Show facilities of the category", names[::-1])
    columns = page_frame.facility_columns(
        *("profile", "provider_name", "ccn", "state"),
        resident_type=Column("Stay"),
        rate=Column("Rate", PERCENT),
        rate_low=Column("95% from", PERCENT),
        rate_high=Column("95% to", PERCENT),
    )

    def everything() -> pd.DataFrame:
        return gold.facilities_compared(view.publication, view.scope, chosen, 50_000)

    rows = gold.facilities_compared(view.publication, view.scope, chosen, 100)
    page_frame.show_table(view.table(rows, columns, "category", f"Category: {chosen}", everything), height=380)


render(READMISSIONS_KPI, _three_sources, _categories)
