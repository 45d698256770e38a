"""Stars and vaccination of one facility, vintage by vintage."""

from __future__ import annotations

import gold
import page_frame
from charts import Line
from facility_views.profile import Profile, one_vintage, with_periods, with_reasons
from kpi_catalogue import RATINGS_KPI
from page_frame import Column
from units import COUNT, PERCENT, STARS

STAR_LABELS = {
    "overall_rating": "Overall",
    "health_inspection_rating": "Health inspection",
    "staffing_rating": "Staffing",
    "qm_rating": "Quality measures",
}


def show_ratings(profile: Profile) -> None:
    """The view `ratings`."""
    _stars(profile)
    with page_frame.explained():
        _vaccination(profile)


def _stars(profile: Profile) -> None:
    history = profile.rows("kpi_ratings_by_facility")
    if len(history) == 0:
        page_frame.say_empty("No ProviderInfo vintage that was loaded rates this facility.")
        return
    history = with_reasons(with_periods(history, "processing_date"), "overall_rating_footnote")
    lines = [Line(measure.label, gold.trend(profile.publication, measure, profile.scope)) for measure in RATINGS_KPI.measures]
    columns = {
        "period_words": Column("Vintage"),
        **{name: Column(label, COUNT) for name, label in STAR_LABELS.items()},
        "reason": Column("Why there is no overall rating"),
        "definition_period": Column("Definition in force"),
    }
    table = profile.table(history, columns, "stars")
    page_frame.trend_figure("Stars, vintage by vintage", one_vintage(history), lines, STARS, table, 320)


def _vaccination(profile: Profile) -> None:
    columns = {
        "as_of_date": Column("As of"),
        "staff_up_to_date_pct": Column("Staff", PERCENT),
        "residents_up_to_date_pct": Column("Residents", PERCENT),
        "definition_period": Column("Definition in force"),
    }
    page_frame.table_section(
        "COVID-19 vaccination, up to date",
        profile.table(profile.rows("kpi_staff_vaccination_by_facility"), columns, "vaccination"),
        "No vaccination file that was loaded names this facility.",
    )
