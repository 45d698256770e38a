"""KPI 9: five-star quality ratings."""

from __future__ import annotations

from kpi_catalogue.model import PROVIDER, Kpi, Mean, Measure
from units import STARS

_STARS = Mean("kpi_rating_trend_by_state", "kpi_ratings_by_facility", "processing_date", lower_is_better=False)


def _rating(key: str, label: str, column: str, reporting: str) -> Measure:
    footnote = f"{column}_footnote"
    return _STARS.measure(key, label, column, reporting, unit=STARS, definition="definition_period", footnote=footnote)


RATINGS_KPI = Kpi(
    number=9,
    key="ratings",
    title="Five-star quality ratings",
    asked_as="Provider Quality Rating Trends",
    definition="CMS's stars, 1 to 5, overall and for health inspections, staffing and quality measures, vintage by vintage.",
    formula="mean of the rated facilities",
    source=f"{PROVIDER}, every vintage",
    how_averaged="Mean of rated facilities.",
    measures=(
        _rating("overall", "Overall rating", "overall_rating", "facilities_rated"),
        _rating("inspection", "Health inspection rating", "health_inspection_rating", "facilities_with_health_inspection_rating"),
        _rating("staffing", "Staffing rating", "staffing_rating", "facilities_with_staffing_rating"),
        _rating("quality", "Quality measure rating", "qm_rating", "facilities_with_qm_rating"),
    ),
    caveats=(
        "Health inspection stars are graded on a curve within each state: do not compare states by them.",
        "Special focus facilities (footnote 18) have no stars. No stars is not zero stars.",
        "A trend needs at least two vintages.",
    ),
    exclusions="Facilities without a rating; how many is shown.",
    notes_subject="ratings",
)
