"""KPI 6: staff and residents who are up to date with COVID-19 vaccination."""

from __future__ import annotations

from kpi_catalogue.model import Benchmark, Kpi, Mean, Measure

_VACCINATION = Mean("kpi_staff_vaccination_by_state", "kpi_staff_vaccination_by_facility", "as_of_date", lower_is_better=False)


def _vaccination(key: str, label: str, column: str, reporting: str) -> Measure:
    return _VACCINATION.measure(key, label, column, reporting, published=f"published_{column}", definition="definition_period")


VACCINATION_KPI = Kpi(
    number=6,
    key="vaccination",
    title="COVID-19 vaccination, up to date",
    asked_as="COVID-19 Staff Vaccination Rates",
    definition="Share of staff, and of residents, who are up to date with COVID-19 vaccination.",
    formula="mean of the facilities that report",
    source="CMS COVID-19 vaccination files (provider data and averages)",
    how_averaged="Mean of reporting facilities, as in CMS's own averages.",
    measures=(
        _vaccination("staff", "Staff up to date", "staff_up_to_date_pct", "facilities_reporting"),
        _vaccination("residents", "Residents up to date", "residents_up_to_date_pct", "resident_facilities_reporting"),
    ),
    caveats=(
        "“Not Available” means that a facility did not report. It is not zero and is left out of the mean.",
        "The meaning changed three times: lines are broken there and must not be joined.",
    ),
    exclusions="Facilities that did not report; how many is shown.",
    notes_subject="covid_vaccination",
    benchmarks=(
        Benchmark("staff", "staff_up_to_date_pct"),
        Benchmark("residents", "residents_up_to_date_pct"),
    ),
)
