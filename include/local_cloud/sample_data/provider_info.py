"""ProviderInfo: all that a vintage says of each facility, consistent with PBJ, citations and penalties."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from include.local_cloud.sample_data.calendars import Days
from include.local_cloud.sample_data.citations import Deficiencies, Shown
from include.local_cloud.sample_data.csv_text import (
    Cells,
    FileStyle,
    Fixed,
    choice,
    constant,
    dates,
    flags,
    text,
    whole,
    write_file,
)
from include.local_cloud.sample_data.facilities import OWNERSHIP_TYPES, PROVIDER_TYPES, Bools, approved_dates
from include.local_cloud.sample_data.inspection_numbers import inspection_numbers, survey_dates_of
from include.local_cloud.sample_data.inspections import months_before
from include.local_cloud.sample_data.pbj import QuarterStaffing
from include.local_cloud.sample_data.penalties import Penalties, penalties_in
from include.local_cloud.sample_data.ratings import Ratings, Stars, rate
from include.local_cloud.sample_data.reported_staffing import Numbers, staffing_numbers
from include.local_cloud.sample_data.vintage_view import VintageView

FAMILY = "nh_provider_info"
_COUNCILS = ("Resident", "Both", "None", "Family")
_UNQUOTED = {
    "certified_beds", "facility_reported_incidents", "substantiated_complaints", "fines", "total_fines_usd",
    "payment_denials", "penalties",
}  # fmt: skip
_HPRD_PLACES, _SCORE_PLACES = 5, 3
#: The counties of a state are listed by size.
_URBAN_COUNTIES = 2


@dataclass(frozen=True)
class Snapshot:
    """What ProviderInfo of one vintage says, as numbers; the averages and tests read these."""

    view: VintageView
    numbers: Numbers
    survey_dates: list[Days]
    ratings: Ratings


def _penalty_numbers(view: VintageView, penalties: Penalties) -> Numbers:
    shown = penalties_in(view.world, penalties, view.vintage)
    at, fine = view.positions(shown.facility), shown.is_fine
    fines = np.bincount(at[fine], minlength=view.count).astype(np.float64)
    denials = np.bincount(at[~fine], minlength=view.count).astype(np.float64)
    amount = np.bincount(at[fine], shown.amount[fine], view.count)
    return {
        "fines": fines,
        "total_fines_usd": np.round(amount, 2),
        "payment_denials": denials,
        "penalties": fines + denials,
    }


def build_snapshot(
    view: VintageView, staffing: QuarterStaffing, known: Deficiencies, health: Shown, penalties: Penalties
) -> Snapshot:
    numbers = staffing_numbers(view, staffing) | inspection_numbers(view, known, health)
    numbers |= _penalty_numbers(view, penalties)
    # CMS gives one star to facilities that could not prove their staffing or had too many days without an RN.
    forced = np.isnan(numbers["adjusted_total_nurse_hprd"]) & ~view.unrated
    forced |= view.some("staffing not verified", 446, ~view.unrated & ~forced)
    score, adjusted = numbers["total_weighted_health_survey_score"], numbers["adjusted_total_nurse_hprd"]
    ratings = rate(view, score, adjusted, numbers["adjusted_rn_hprd"], forced)
    return Snapshot(view, numbers, survey_dates_of(view, known.inspections.health), ratings)


def _who_columns(view: VintageView) -> dict[str, Cells]:
    world, rows = view.world, view.rows
    chain = world.chain[rows]
    return {
        **view.identity(),
        "telephone_number": text(list(world.phone[rows])),
        "ssa_county_code": text(list(world.places.of_county("ssa_code")[rows])),
        "county_name": view.column("county_name"),
        "is_urban": flags(world.places.county[rows] < _URBAN_COUNTIES),
        "ownership_type": choice(OWNERSHIP_TYPES, world.ownership_on(view.today)[rows]),
        "certified_beds": whole(world.beds[rows]),
        "provider_type": choice(PROVIDER_TYPES, np.searchsorted([0.944, 0.982], view.draw("provider type"))),
        "is_in_hospital": flags(world.in_hospital[rows]),
        "legal_business_name": text(view.encoded(world.legal_names_on(view.today)[rows])),
        "first_approved_date": dates(approved_dates(world)[rows]),
        "chain_name": choice(list(world.chain_names), chain),
        "chain_id": choice([str(n + 1) for n in range(len(world.chain_names))], chain),
        "is_ccrc": flags(view.draw("ccrc") < 1_582 / 14_814),
        "special_focus_status": choice(
            ("SFF", "SFF Candidate"), np.select([view.special_focus, view.special_focus_candidate], [0, 1], -1)
        ),
        "has_abuse_icon": flags(view.draw("abuse") < 0.094 * np.exp(-0.5 * world.quality[rows])),
    }


def _circumstance_columns(snapshot: Snapshot) -> dict[str, Cells]:
    view = snapshot.view
    sold = view.world.events.sold[view.rows]
    last_year = (sold <= view.today) & (sold > months_before(view.today, 12))
    council = np.searchsorted(np.cumsum([0.866, 0.108, 0.022]), view.draw("council"))
    return {
        "is_inspection_over_2_years_ago": flags(snapshot.survey_dates[0] < months_before(view.today, 24)),
        "changed_ownership_last_12_months": flags(last_year),
        "resident_family_council": choice(_COUNCILS, np.where(view.some("no council", 833), -1, council)),
        "sprinkler_systems": choice(("Yes", "Partial"), view.some("sprinklers", 35).astype(np.int64)),
    }


def _star_columns(name: str, rating: Stars) -> dict[str, Cells]:
    return {name: whole(rating.stars), f"{name}_footnote": text(list(rating.footnote))}


def _rating_columns(ratings: Ratings) -> dict[str, Cells]:
    return {
        **_star_columns("overall_rating", ratings.overall),
        **_star_columns("health_inspection_rating", ratings.health),
        **_star_columns("qm_rating", ratings.qm),
        **_star_columns("long_stay_qm_rating", ratings.long_stay),
        **_star_columns("short_stay_qm_rating", ratings.short_stay),
        **_star_columns("staffing_rating", ratings.staffing),
        **_star_columns("rn_staffing_rating", ratings.rn_staffing),
    }


def _chain_columns(view: VintageView, ratings: Ratings) -> dict[str, Cells]:
    chain = view.world.chain[view.rows]
    columns: dict[str, Cells] = {"chain_facilities": whole(np.where(chain < 0, np.nan, np.bincount(chain + 1)[chain + 1]))}
    rated = {"overall": ratings.overall, "health_inspection": ratings.health, "staffing": ratings.staffing, "qm": ratings.qm}
    for name, rating in rated.items():
        known = (chain >= 0) & ~np.isnan(rating.stars)
        sums, counts = (
            np.bincount(chain[known], rating.stars[known], chain.max() + 1),
            np.bincount(chain[known], None, chain.max() + 1),
        )
        means = np.append(sums / np.where(counts > 0, counts, np.nan), np.nan)
        columns[f"chain_average_{name}_rating"] = Fixed(means[chain], 1)
    return columns


def _footnote(missing: Bools, code: str) -> Cells:
    return choice((code,), np.where(missing, 0, -1))


def _places_of(name: str) -> int:
    if name.endswith("_hprd") or name.startswith("nursing_case_mix"):
        return _HPRD_PLACES
    if name == "total_weighted_health_survey_score":
        return _SCORE_PLACES
    return 1 if name.endswith("_pct") or name == "average_residents_per_day" else 0


def _number_columns(snapshot: Snapshot) -> dict[str, Cells]:
    numbers = snapshot.numbers
    columns: dict[str, Cells] = {name: Fixed(values, _places_of(name)) for name, values in numbers.items()}
    amounts = [f"{amount:.2f}".removesuffix(".00") for amount in numbers["total_fines_usd"]]
    columns["total_fines_usd"] = text(amounts)
    columns["average_residents_per_day_footnote"] = _footnote(np.isnan(numbers["average_residents_per_day"]), "10")
    withheld = np.isnan(numbers["reported_total_nurse_hprd"])
    columns["reported_staffing_footnote"] = _footnote(withheld, "6")
    columns["physical_therapist_staffing_footnote"] = _footnote(withheld, "6")
    columns["total_nursing_turnover_footnote"] = _footnote(np.isnan(numbers["total_nursing_turnover_pct"]), "6")
    columns["rn_turnover_footnote"] = _footnote(np.isnan(numbers["rn_turnover_pct"]), "6")
    columns["administrator_turnover_footnote"] = _footnote(np.isnan(numbers["administrators_left"]), "6")
    for number, days in enumerate(snapshot.survey_dates, start=1):
        columns[f"cycle_{number}_survey_date"] = dates(days)
    return columns


def _place_columns(view: VintageView) -> dict[str, Cells]:
    world, rows = view.world, view.rows
    return {
        "location": view.column("location"),
        "latitude": Fixed(world.latitude[rows], 4),
        "longitude": Fixed(world.longitude[rows], 3),
        "geocoding_footnote": _footnote(view.some("geocoded by ZIP", 796), "22"),
        "processing_date": constant(view.vintage.processing_date.isoformat(), view.count),
    }


def write_provider_info(snapshot: Snapshot, folder: Path) -> Path:
    view = snapshot.view
    columns = {
        **_who_columns(view),
        **_circumstance_columns(snapshot),
        **_rating_columns(snapshot.ratings),
        **_chain_columns(view, snapshot.ratings),
        **_number_columns(snapshot),
        **_place_columns(view),
    }
    style = FileStyle(quoted=frozenset(columns) - _UNQUOTED, trailing_blank_line=True)
    return write_file(folder, FAMILY, view.vintage, style, columns)
