"""KPI 4: two proxies for overtime, named as proxies."""

from kpi_catalogue import OVERTIME_KPI
from kpi_page import View, measures_together, render


def _both_proxies(view: View) -> None:
    names = {measure.key: measure.label for measure in OVERTIME_KPI.measures}
    note = "Neither line is overtime. They often move apart: agency staff can replace overtime."
    measures_together(view, names, "Month", "Both overtime proxies", note, "both_proxies")


render(OVERTIME_KPI, _both_proxies)
