"""Quality measures and readmissions of one facility, beside CMS's averages."""

from __future__ import annotations

import page_frame
from facility_views.profile import Profile, with_reasons
from page_frame import Column
from units import PERCENT, Unit

_MEASURE_UNIT = Unit("value", "", 2)


def show_quality_measures(profile: Profile) -> None:
    """The view `measures`."""
    _measures(profile)
    with page_frame.explained():
        _readmissions(profile)


def _measures(profile: Profile) -> None:
    columns = {
        "measure_description": Column("Measure"),
        "measure_code": Column("Code"),
        "resident_type": Column("Stay"),
        "score": Column("Facility", _MEASURE_UNIT),
        "state_average": Column("State", _MEASURE_UNIT),
        "us_average": Column("Nation", _MEASURE_UNIT),
        "unit": Column("Unit"),
        "better_direction": Column("Better is"),
        "measure_period": Column("Measured over"),
        "reason": Column("Footnote"),
    }
    page_frame.table_section(
        "Quality measures beside CMS's averages",
        profile.table(with_reasons(profile.rows("facility_quality_measures")), columns, "quality_measures"),
        "No MDS or claims measure of this facility is in the files that were loaded.",
        "State and nation are CMS's own averages. Units differ: most are percent, some are per 1,000 resident days.",
        height=460,
    )


def _readmissions(profile: Profile) -> None:
    columns = {
        "measure_name": Column("Measure"),
        "period": Column("Measured over"),
        "release_period": Column("Release"),
        "rate": Column("Rate", PERCENT),
        "rate_low": Column("95% from", PERCENT),
        "rate_high": Column("95% to", PERCENT),
        "comparison_category": Column("CMS's comparison"),
        "reason": Column("Footnote"),
    }
    page_frame.table_section(
        "Readmissions within 30 days, three sources",
        profile.table(with_reasons(profile.rows("kpi_readmissions_by_facility")), columns, "readmissions"),
        "None of the three readmission sources names this facility in the files that were loaded.",
    )
