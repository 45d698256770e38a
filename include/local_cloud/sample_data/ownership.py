"""Owners, managers and officers of each facility, and the penalties file: files of one line a fact of a facility."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from include.local_cloud.sample_data.calendars import Days
from include.local_cloud.sample_data.citation_files import IDENTITY_QUOTED, processing_date
from include.local_cloud.sample_data.csv_text import Cells, FileStyle, choice, dates, text, whole, write_file
from include.local_cloud.sample_data.facilities import Bools, Ints, World, apportion
from include.local_cloud.sample_data.names import Texts, companies, people
from include.local_cloud.sample_data.penalties import Penalties, penalties_in
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.repeats import repeated_positions
from include.local_cloud.sample_data.sizes import GENUINE_ROWS
from include.local_cloud.sample_data.vintage_view import VintageView

_ROLES = (
    "5% OR GREATER DIRECT OWNERSHIP INTEREST", "5% OR GREATER INDIRECT OWNERSHIP INTEREST", "DIRECTOR", "OFFICER",
    "OPERATIONAL/MANAGERIAL CONTROL", "W-2 MANAGING EMPLOYEE", "PARTNERSHIP INTEREST",
    "5% OR GREATER SECURITY INTEREST", "5% OR GREATER MORTGAGE INTEREST",
)  # fmt: skip
_ROLE_SHARES = np.array([0.13, 0.18, 0.206, 0.165, 0.155, 0.13, 0.008, 0.012, 0.014])
_OWNS = 2
#: Facilities whose owners CMS does not know have one line that says so.
_UNKNOWN_ROLE, _UNKNOWN_FACILITIES = "Ownership Data Not Available", 543
_NOT_APPLICABLE, _NO_PERCENTAGE = "NOT APPLICABLE", "NO PERCENTAGE PROVIDED"


def _lines_a_facility(world: World) -> Ints:
    """The lines of all facilities; those of the newest vintage sum to the genuine count."""
    rng = stream(world.size.seed, "ownership lines")
    active = world.active(np.datetime64(world.newest.processing_date))
    unknown = rng.permutation(np.flatnonzero(active))[: world.size.share_of(_UNKNOWN_FACILITIES)]
    weights = rng.gamma(2.0, 1.0, world.count) * np.where(world.chain >= 0, 1.2, 0.7)
    lines = np.maximum(1, np.rint(weights * 4.5)).astype(np.int64)
    known = np.setdiff1d(np.flatnonzero(active), unknown)
    total = world.size.share_of(GENUINE_ROWS["nh_ownership"]) - len(unknown)
    lines[known] = apportion(weights[known], total, at_least=1)
    lines[unknown] = 0
    return lines


def _owner_names(world: World, facility: Ints, role: Ints, is_person: Bools) -> Texts:
    """Owners of a chain come again in each of its facilities; nobody has the same role twice in one facility."""
    rng = stream(world.size.seed, "owners")
    persons = np.unique(people(rng, max(40, world.count * 2)))
    firms = np.unique(companies(rng, max(20, world.count)))
    pool_size = np.where(is_person, len(persons), len(firms))
    of_chain = world.chain[facility] * 7 + rng.integers(0, 7, len(facility))
    is_of_chain = (world.chain[facility] >= 0) & (rng.random(len(facility)) < 0.6)
    number = np.where(is_of_chain, of_chain, rng.integers(0, 1_000_000, len(facility))) % pool_size
    same_role = (facility * len(_ROLES) + role) * 2 + is_person
    while len(repeats := repeated_positions(same_role * 1_000_000 + number)):
        number[repeats] = (number[repeats] + 1) % pool_size[repeats]
    return np.asarray(np.where(is_person, persons[number % len(persons)], firms[number % len(firms)]))


def _percentages(world: World, role: Ints) -> Ints:
    """Position in: not applicable, no percentage, 5% to 100%."""
    rng = stream(world.size.seed, "percentages")
    share = np.where(rng.random(len(role)) < 0.3, 100, rng.integers(5, 100, len(role)))
    owned = np.where(rng.random(len(role)) < 0.25, 1, share - 3)
    return np.asarray(np.where(role < _OWNS, owned, 0))


def write_ownership(view: VintageView, folder: Path) -> Path:
    world = view.world
    rng = stream(world.size.seed, "ownership")
    lines = _lines_a_facility(world)
    facility = np.repeat(np.arange(world.count), np.maximum(lines, 1))
    known = lines[facility] > 0
    role = rng.choice(len(_ROLES), len(facility), p=_ROLE_SHARES / _ROLE_SHARES.sum())
    is_person = (rng.random(len(facility)) < 0.724) | np.isin(role, [2, 3, 5])
    names = _owner_names(world, facility, role, is_person)
    since = np.datetime64("2024-06-01") - (rng.gamma(1.1, 2_900, len(facility)) % 18_000).astype("timedelta64[D]")
    sold = world.events.sold[facility]
    since = np.where(sold <= view.today, sold, since)
    shown = np.flatnonzero(view.positions(facility) >= 0)
    shown = shown[np.lexsort((names[shown], role[shown], facility[shown]))]
    at, known = view.positions(facility[shown]), known[shown]
    percentages = (_NOT_APPLICABLE, _NO_PERCENTAGE, *(f"{n}%" for n in range(5, 101)))
    style = FileStyle(quoted=IDENTITY_QUOTED | {"role", "owner_type", "owner_name", "ownership_percentage", "association_date"})
    columns: dict[str, Cells] = {
        **view.identity(at),
        "role": choice((*_ROLES, _UNKNOWN_ROLE), np.where(known, role[shown], len(_ROLES))),
        "owner_type": choice(("Organization", "Individual"), np.where(known, is_person[shown], -1)),
        "owner_name": _pooled_names(names[shown], known),
        "ownership_percentage": choice(percentages, np.where(known, _percentages(world, role)[shown], -1)),
        "association_date": _since(since[shown], known),
        "location": view.column("location", at),
        "processing_date": processing_date(view, len(at)),
    }
    return write_file(folder, "nh_ownership", view.vintage, style, columns)


def _pooled_names(names: Texts, known: Bools) -> Cells:
    pool, codes = np.unique(names.astype(str), return_inverse=True)
    return choice([str(name) for name in pool], np.where(known, codes.reshape(-1), -1))


def _since(days: Days, known: Bools) -> Cells:
    pool, codes = np.unique(days.astype("datetime64[D]"), return_inverse=True)
    return choice([day.strftime("since %m/%d/%Y") for day in pool.tolist()], np.where(known, codes.reshape(-1), -1))


def write_penalties(view: VintageView, penalties: Penalties, folder: Path) -> Path:
    shown = penalties_in(view.world, penalties, view.vintage)
    at = view.positions(shown.facility)
    amounts = [None if np.isnan(amount) else f"{amount:.2f}".removesuffix(".00") for amount in shown.amount]
    columns: dict[str, Cells] = {
        **view.identity(at),
        "penalty_date": dates(shown.date),
        "penalty_type": choice(("Payment Denial", "Fine"), shown.is_fine),
        "fine_id": whole(np.where(shown.is_fine, shown.fine_id, np.nan)),
        "fine_amount_usd": text(amounts),
        "payment_denial_start_date": dates(shown.denial_start),
        "payment_denial_length_days": whole(shown.denial_days),
        "location": view.column("location", at),
        "processing_date": processing_date(view, len(at)),
    }
    return write_file(folder, "nh_penalties", view.vintage, FileStyle(quoted=IDENTITY_QUOTED), columns)
