"""KPI 1: total nurse hours by state and month."""

import charts
import page_frame
from kpi_catalogue import HOURS_KPI
from kpi_page import View, render, state_rows
from page_frame import Column
from units import HOURS, show, show_period

_CATEGORIES = {
    "rn_don_hours": "Director of nursing",
    "rn_admin_hours": "RN, administrative",
    "rn_direct_care_hours": "RN, direct care",
    "lpn_admin_hours": "LPN, administrative",
    "lpn_direct_care_hours": "LPN, direct care",
    "cna_hours": "Certified nurse aide",
    "na_training_hours": "Nurse aide in training",
    "med_aide_hours": "Medication aide",
}
_GROUPS = (("nurse_aide_hours", "Nurse aides"), ("lpn_hours", "Licensed practical nurses"), ("rn_hours", "Registered nurses"))


def _categories(view: View) -> None:
    rows = state_rows(view, "kpi_nurse_hours_by_state_month", "month")
    if len(rows) == 0:
        return
    heading = f"Who worked the hours: {view.place}, {view.period.words}"
    last = rows.iloc[-1]
    shares = ", ".join(f"{name} {show(last[column], HOURS)}" for column, name in _GROUPS)
    alt = f"Stacked bars by month. {heading}. In {show_period(last['period'])}: {shares}."
    names = {"period_words": "Month", "total_nurse_hours": "Total", **_CATEGORIES}
    columns = {name: Column(label, HOURS if name != "period_words" else None) for name, label in names.items()}
    table = view.table(rows, columns, "categories", heading)
    page_frame.figure(heading, "", charts.stacked_bars(rows, _GROUPS, HOURS), alt, table)


render(HOURS_KPI, _categories)
