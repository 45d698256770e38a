"""KPI 5: nurse turnover by state, with how many facilities report and how many CMS suppresses."""

import charts
import page_frame
from footnotes import FOOTNOTES
from kpi_catalogue import TURNOVER_KPI
from kpi_page import View, render, state_rows
from page_frame import Column
from units import COUNT, FACILITIES, show_period

_PARTS = (
    ("facilities_reporting", "Reporting"),
    ("facilities_suppressed", "Suppressed with a footnote"),
    ("facilities_blank_without_footnote", "Blank without a footnote"),
)


def _who_reports(view: View) -> None:
    rows = state_rows(view, "kpi_turnover_by_state", "processing_date")
    if len(rows) == 0:
        return
    heading = f"Who reports total nursing turnover: {view.place}"
    last = rows.iloc[-1]
    alt = f"Stacked bars by vintage. {heading}. In {show_period(last['period'])}: " + ", ".join(
        f"{name.lower()} {last[column]:,.0f}" for column, name in _PARTS
    )
    codes = {f"facilities_suppressed_footnote_{code}": f"Footnote {code}" for code in ("6", "26", "27")}
    labels = {"facilities": "Facilities", **dict(_PARTS), **codes}
    columns = {"period_words": Column("Vintage"), **{name: Column(label, COUNT) for name, label in labels.items()}}
    table = view.table(rows, columns, "reporting", heading)
    note = f"Suppressed facilities are not in the mean. Footnote 6: {FOOTNOTES['6']}"
    page_frame.figure(heading, note, charts.stacked_bars(rows, _PARTS, FACILITIES), alt, table)


render(TURNOVER_KPI, _who_reports)
