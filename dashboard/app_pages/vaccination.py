"""KPI 6: staff and residents up to date with COVID-19 vaccination."""

import charts
import page_frame
from kpi_catalogue import VACCINATION_KPI
from kpi_page import View, render, state_rows
from page_frame import Column
from units import COUNT, FACILITIES, show_period

_PARTS = (("facilities_reporting", "Reporting a staff share"), ("facilities_not_reporting", "Not Available"))


def _who_reports(view: View) -> None:
    rows = state_rows(view, "kpi_staff_vaccination_by_state", "as_of_date")
    if len(rows) == 0:
        return
    heading = f"Facilities that report staff vaccination: {view.place}"
    last = rows.iloc[-1]
    alt = (
        f"Stacked bars. {heading}. {show_period(last['period'])}: {last['facilities_reporting']:,.0f} of "
        f"{last['facilities']:,.0f}."
    )
    columns = {
        "period_words": Column("As of"),
        "facilities": Column("Facilities", COUNT),
        **{name: Column(label, COUNT) for name, label in _PARTS},
        "definition_period": Column("Definition in force"),
    }
    table = view.table(rows, columns, "reporting", heading)
    note = "“Not Available” is not zero: these facilities are left out of the mean."
    page_frame.figure(heading, note, charts.stacked_bars(rows, _PARTS, FACILITIES), alt, table)


render(VACCINATION_KPI, _who_reports)
