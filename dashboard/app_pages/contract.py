"""KPI 3: share of nurse hours worked by contract staff."""

from kpi_catalogue import CONTRACT_KPI
from kpi_page import View, measures_together, render

_PROFESSIONS = {"total": "Nurse hours", "rn": "RN hours", "lpn": "LPN hours", "aide": "Nurse aide hours"}


def _by_profession(view: View) -> None:
    note = "Contract hours of a profession in percent of its own hours."
    measures_together(view, _PROFESSIONS, "Quarter", "Contract share by profession", note, "by_profession")


render(CONTRACT_KPI, _by_profession)
