"""KPI 3: share of nurse hours worked by contract staff."""

import filters
from kpi_catalogue import CONTRACT_KPI
from kpi_page import View, measures_together, render

_PROFESSIONS = {"total": "Nurse hours", "rn": "RN hours", "lpn": "LPN hours", "aide": "Nurse aide hours"}
_BEFORE_AND_AFTER = {"total": "Corrected", "as_published": "As published"}


def _by_profession(view: View) -> None:
    note = "Contract hours of a profession in percent of its own hours."
    measures_together(view, _PROFESSIONS, "Quarter", "Contract share by profession", note, "by_profession")


def _as_published(view: View) -> None:
    if filters.switch("as_published", "Show the share as published, before corrections"):
        note = "The lines differ only where a published column was corrected; what and why is said below."
        measures_together(view, _BEFORE_AND_AFTER, "Quarter", "Contract share, corrected and as published", note, "as_published")


render(CONTRACT_KPI, _as_published, _by_profession)
