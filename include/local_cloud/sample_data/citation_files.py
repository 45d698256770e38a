"""Writes the files about inspections: citations, inspection dates, survey summary, cut points, citation descriptions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from include.local_cloud.sample_data.calendars import Days
from include.local_cloud.sample_data.citations import (
    FIRE_CORRECTED,
    HEALTH_CORRECTED,
    SEVERITIES,
    Citations,
    Deficiencies,
    Shown,
    count_by_cycle,
)
from include.local_cloud.sample_data.csv_text import Cells, FileStyle, choice, constant, dates, flags, text, whole, write_file
from include.local_cloud.sample_data.facilities import Floats, Ints
from include.local_cloud.sample_data.inspection_numbers import survey_dates_of
from include.local_cloud.sample_data.inspections import KEPT, visit_cycle
from include.local_cloud.sample_data.tags import all_tags
from include.local_cloud.sample_data.vintage_view import VintageView

#: The quoting of the facility columns in files of one line an event; dates, codes and flags stand without quotes.
IDENTITY_QUOTED = frozenset({"ccn", "provider_name", "provider_address", "city", "state", "zip_code", "location"})
_QUOTED = IDENTITY_QUOTED | {"deficiency_category", "deficiency_tag_number", "deficiency_description", "deficiency_corrected"}
_SURVEY_TYPES = (
    "Health Standard", "Fire Safety Standard", "Health Complaint", "Infection Control", "Fire Safety Complaint",
)  # fmt: skip
#: Contract column → category of the tags it counts, where the words differ.
_HEALTH_COUNTS = {
    "freedom_from_abuse_and_neglect_and_exploitation": "Freedom from Abuse, Neglect, and Exploitation",
    "quality_of_life_and_care": "Quality of Life and Care",
    "resident_assessment_and_care_planning": "Resident Assessment and Care Planning",
    "nursing_and_physician_services": "Nursing and Physician Services",
    "resident_rights": "Resident Rights",
    "nutrition_and_dietary": "Nutrition and Dietary",
    "pharmacy_service": "Pharmacy Service",
    "environmental": "Environmental",
    "administration": "Administration",
    "infection_control": "Infection Control",
}
_FIRE_COUNTS = {
    "emergency_preparedness": "Emergency Preparedness",
    "automatic_sprinkler_systems": "Automatic Sprinkler Systems",
    "construction": "Construction",
    "services": "Services",
    "corridor_walls_and_doors": "Corridor Walls and Doors",
    "egress": "Egress",
    "electrical": "Electrical",
    "emergency_plans_and_fire_drills": "Emergency Plans and Fire Drills",
    "fire_alarm_systems": "Fire Alarm Systems",
    "smoke": "Smoke",
    "interior": "Interior",
    "gas_and_vacuum_and_electrical_systems": "Gas, Vacuum, and Electrical Systems",
    "hazardous_area": "Hazardous Area",
    "illumination_and_emergency_power": "Illumination and Emergency Power",
    "laboratories": "Laboratories",
    "medical_gases_and_anaesthetizing_areas": "Medical Gases and Anesthetizing Areas",
    "smoking_regulations": "Smoking Regulations",
    "miscellaneous": "Miscellaneous",
}


def processing_date(view: VintageView, rows: int) -> Cells:
    return constant(view.vintage.processing_date.isoformat(), rows)


def _utf8(wording: str) -> bytes:
    return wording.encode("utf-8")


def _citation_columns(view: VintageView, citations: Citations, shown: Shown, corrected: tuple[str, ...]) -> dict[str, Cells]:
    rows, at = shown.rows, view.positions(citations.facility[shown.rows])
    tags, tag = all_tags(), citations.tag[rows]
    return {
        **view.identity(at),
        "survey_date": dates(citations.date[rows]),
        "deficiency_prefix": choice([t.prefix for t in tags], tag),
        "deficiency_category": choice([t.full_category for t in tags], tag),
        "deficiency_tag_number": choice([t.number for t in tags], tag),
        "deficiency_description": choice(view.encoded(t.description for t in tags), tag),
        "scope_severity_code": choice(SEVERITIES, citations.severity[rows]),
        "deficiency_corrected": choice(corrected, citations.corrected[rows]),
        "correction_date": dates(citations.correction_date[rows]),
        "inspection_cycle": whole(shown.cycle),
        "is_standard_deficiency": flags(citations.survey[rows] >= 0),
        "is_complaint_deficiency": flags(citations.is_complaint[rows]),
        "is_infection_control_deficiency": flags(citations.is_infection[rows]),
        "is_under_idr": flags(citations.is_idr[rows]),
        "is_under_iidr": flags(citations.is_iidr[rows]),
        "location": view.column("location", at),
        "processing_date": processing_date(view, len(rows)),
    }


def write_health_citations(view: VintageView, known: Deficiencies, health: Shown, folder: Path) -> Path:
    columns = _citation_columns(view, known.health, health, HEALTH_CORRECTED)
    columns["survey_type"] = constant("Health", len(health.rows))
    return write_file(folder, "nh_health_citations", view.vintage, FileStyle(quoted=_QUOTED), columns)


def write_fire_citations(view: VintageView, known: Deficiencies, fire: Shown, folder: Path) -> Path:
    columns = _citation_columns(view, known.fire, fire, FIRE_CORRECTED)
    columns["survey_type"] = constant("Fire Safety", len(fire.rows))
    # Two rows of the genuine file still have the wording of the former fire code.
    columns["tag_version"] = choice(("New", "Old"), np.arange(len(fire.rows)) < 1)
    return write_file(folder, "nh_fire_safety_citations", view.vintage, FileStyle(quoted=_QUOTED), columns)


def _visit_rows(view: VintageView, facility: Ints, date: Days) -> tuple[Ints, ...]:
    cycle = visit_cycle(date, view.vintage)
    rows = np.flatnonzero((cycle > 0) & (view.positions(facility) >= 0))
    return view.positions(facility[rows]), date[rows].astype(np.int64), cycle[rows]


def _inspection_rows(view: VintageView, known: Deficiencies) -> tuple[Ints, Ints, Ints, Ints]:
    """Row of the view, day number, type, cycle of every inspection published."""
    parts = []
    for kind, surveys in enumerate((known.inspections.health, known.inspections.fire)):
        for cycle, days in enumerate(survey_dates_of(view, surveys), start=1):
            at = np.flatnonzero(~np.isnat(days))
            parts.append((at, days[at].astype(np.int64), np.full(len(at), kind), np.full(len(at), cycle)))
    visits = (known.inspections.complaint, known.inspections.infection, known.inspections.fire_complaint)
    for kind, visit in enumerate(visits, start=2):
        at, day, cycles = _visit_rows(view, visit.facility, visit.date)
        parts.append((at, day, np.full(len(at), kind), cycles))
    at, day, kind_of, cycle_of = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((kind_of, -day, at))
    return at[order], day[order], kind_of[order], cycle_of[order]


def write_survey_dates(view: VintageView, known: Deficiencies, folder: Path) -> Path:
    at, day, kind, cycle = _inspection_rows(view, known)
    columns: dict[str, Cells] = {
        "ccn": view.column("ccn", at),
        "survey_date": dates(day.astype("datetime64[D]")),
        "survey_type": choice(_SURVEY_TYPES, kind),
        "survey_cycle": whole(cycle),
        "processing_date": processing_date(view, len(at)),
    }
    return write_file(folder, "nh_survey_dates", view.vintage, FileStyle(quoted=frozenset({"ccn"})), columns)


def standard_counts(view: VintageView, citations: Citations, shown: Shown, category: str | None = None) -> Ints:
    """(row of the view, cycle): deficiencies of standard surveys; complaint-only ones are left out at the source."""
    chosen = citations.survey >= 0
    if category:
        chosen = chosen & np.array([tag.category == category for tag in all_tags()])[citations.tag]
    return count_by_cycle(view.world, shown, citations.facility, chosen)[view.rows]


def _counted(view: VintageView, known: Deficiencies, health: Shown, fire: Shown) -> dict[str, tuple[Ints, bool]]:
    counts = {"total_health": (standard_counts(view, known.health, health), False)}
    counts |= {name: (standard_counts(view, known.health, health, category), False) for name, category in _HEALTH_COUNTS.items()}
    counts["total_fire_safety"] = (standard_counts(view, known.fire, fire), True)
    counts |= {name: (standard_counts(view, known.fire, fire, category), True) for name, category in _FIRE_COUNTS.items()}
    return counts


def fire_deficiencies(view: VintageView, known: Deficiencies, fire: Shown) -> Floats:
    """(row, cycle) as the survey summary shows them; NaN without a fire survey."""
    surveyed = np.column_stack([~np.isnat(days) for days in survey_dates_of(view, known.inspections.fire)])
    return np.where(surveyed, standard_counts(view, known.fire, fire), np.nan)


def write_survey_summary(view: VintageView, known: Deficiencies, health: Shown, fire: Shown, folder: Path) -> Path:
    health_days = np.column_stack(survey_dates_of(view, known.inspections.health)).reshape(-1)
    fire_days = np.column_stack(survey_dates_of(view, known.inspections.fire)).reshape(-1)
    cells = np.flatnonzero(~np.isnat(health_days))
    at, cycle = cells // KEPT, cells % KEPT + 1
    unsurveyed = np.isnat(fire_days[cells])
    columns: dict[str, Cells] = {
        **view.identity(at),
        "inspection_cycle": whole(cycle),
        "health_survey_date": dates(health_days[cells]),
        "fire_safety_survey_date": dates(fire_days[cells]),
        "location": view.column("location", at),
        "processing_date": processing_date(view, len(at)),
    }
    for name, (counts, is_fire) in _counted(view, known, health, fire).items():
        values = counts.reshape(-1)[cells].astype(np.float64)
        columns[f"{name}_deficiencies"] = whole(np.where(unsurveyed & is_fire, np.nan, values))
    return write_file(folder, "nh_survey_summary", view.vintage, FileStyle(quoted=IDENTITY_QUOTED), columns)


def write_citation_descriptions(view: VintageView, folder: Path) -> Path:
    """UTF-8, unlike the files with facility names; the whole list in every size of world."""
    tags = all_tags()
    columns: dict[str, Cells] = {
        "deficiency_prefix": text([tag.prefix for tag in tags]),
        "deficiency_tag_number": text([tag.number for tag in tags]),
        "deficiency_prefix_and_number": text([f"{tag.prefix}-{tag.number}" for tag in tags]),
        "deficiency_description": text([_utf8(tag.description) for tag in tags]),
        "deficiency_category": text([tag.full_category for tag in tags]),
    }
    return write_file(folder, "nh_citation_descriptions", view.vintage, FileStyle(all_quoted=True), columns)


def write_cut_points(view: VintageView, cut_points: dict[str, Floats], folder: Path) -> Path:
    states = sorted(cut_points)
    lows = np.array([[0.0, *(cut_points[state][:3] + 0.001)] for state in states])
    highs = np.array([cut_points[state] for state in states])
    columns: dict[str, Cells] = {"state": text(states)}
    for position, name in enumerate(("range_5_stars", "range_4_stars", "range_3_stars", "range_2_stars")):
        pairs = zip(lows[:, position], highs[:, position], strict=True)
        columns[name] = text([f"{low:.3f}-{high:.3f}" for low, high in pairs])
    columns["range_1_star"] = text([f">{high:.3f}" for high in highs[:, 3]])
    return write_file(folder, "nh_health_inspec_cutpoints_state", view.vintage, FileStyle(), columns)
