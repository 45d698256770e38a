"""KPI 2: nurse hours per resident day, with the two averages side by side."""

import page_frame
from charts import lines_of
from kpi_catalogue import HPRD_KPI
from kpi_page import View, render, state_rows
from page_frame import Column
from units import HPRD

_AVERAGES = {
    "total_nurse_hprd": "Ratio of sums",
    "mean_facility_total_nurse_hprd": "Mean of facilities",
    "median_facility_total_nurse_hprd": "Median of facilities",
    "total_nurse_hprd_excluding_zero_census": "Ratio of sums without zero-census days",
}


def _two_averages(view: View) -> None:
    rows = state_rows(view, "kpi_hprd_by_state_quarter", "quarter")
    if len(rows) == 0:
        return
    lines = lines_of(rows, _AVERAGES)
    heading = f"Four averages of total nurse hours per resident day: {view.place}"
    note = (
        "The ratio of sums weighs every resident day the same, the mean weighs every facility the same. "
        "CMS's published averages are means of facilities."
    )
    columns = {"period_words": Column("Quarter"), **{name: Column(label, HPRD) for name, label in _AVERAGES.items()}}
    table = view.table(rows, columns, "averages", heading)
    page_frame.trend_figure(heading, note, lines, HPRD, table)


render(HPRD_KPI, _two_averages)
