"""The facilities of one world: who they are, where, since when, and what happens to them over two years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Days, Quarter, Vintage
from include.local_cloud.sample_data.events import Events, draw_events
from include.local_cloud.sample_data.names import (
    APOSTROPHE,
    DASH,
    SHARED_NAME,
    Texts,
    addresses,
    companies,
    facility_names,
    numbers,
    town_names,
)
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.sizes import GENUINE_FACILITIES, GENUINE_ROWS, SampleSize
from include.local_cloud.sample_data.states import State, states_for

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OWNERSHIP_TYPES = (
    "For profit - Corporation", "For profit - Limited Liability company", "For profit - Individual",
    "For profit - Partnership", "Non profit - Corporation", "Non profit - Church related", "Non profit - Other",
    "Government - County", "Government - Hospital district", "Government - State", "Government - City",
    "Government - City/county", "Government - Federal",
)  # fmt: skip
_OWNERSHIP_SHARES = (0.38, 0.24, 0.05, 0.05, 0.165, 0.025, 0.025, 0.025, 0.014, 0.010, 0.007, 0.006, 0.003)
PROVIDER_TYPES = ("Medicare and Medicaid", "Medicare", "Medicaid")


@dataclass(frozen=True)
class Places:
    """State and county of each facility, as positions in `states` and in the state's counties."""

    states: tuple[State, ...]
    state: Ints
    county: Ints

    def codes(self) -> Texts:
        return np.array([place.code for place in self.states], dtype=object)[self.state]

    def of_county(self, attribute: str) -> Texts:
        pools = [[getattr(county, attribute) for county in place.counties] for place in self.states]
        return np.array([pools[s][c] for s, c in zip(self.state, self.county, strict=True)], dtype=object)

    def of_state(self, attribute: str) -> NDArray[np.object_]:
        return np.array([getattr(place, attribute) for place in self.states], dtype=object)[self.state]


@dataclass(frozen=True)
class World:
    """Every facility that exists at any time; arrays have one element a facility, in the order of the CCN."""

    size: SampleSize
    newest: Vintage
    places: Places
    ccn: Texts
    name: Texts
    address: Texts
    city: Texts
    zip_code: Texts
    phone: Texts
    latitude: Floats
    longitude: Floats
    beds: Ints
    ownership: Ints
    chain: Ints  # -1: no chain
    chain_names: Texts
    legal_name: Texts
    in_hospital: Bools
    events: Events
    quality: Floats  # latent, standard normal: higher is better run
    submits_pbj: Bools

    @property
    def count(self) -> int:
        return len(self.ccn)

    @property
    def horizon(self) -> Vintage:
        """The last vintage shown, to which history is drawn; `newest` is the one that `end` asks for."""
        return self.size.shown[-1]

    @property
    def months(self) -> int:
        """From the oldest vintage shown to the horizon, both counted."""
        return self.size.months_before + self.size.months_after

    def active(self, day: np.datetime64) -> Bools:
        return np.asarray((self.events.opened <= day) & (self.events.closed > day))

    def in_provider_info(self, vintage: Vintage) -> Ints:
        return np.flatnonzero(self.active(np.datetime64(vintage.processing_date)))

    def in_pbj(self, quarter: Quarter) -> Ints:
        whole_quarter = (self.events.opened <= quarter.days[0]) & (self.events.closed > quarter.days[-1])
        return np.flatnonzero(whole_quarter & self.submits_pbj)

    def names_on(self, day: np.datetime64) -> Texts:
        return np.asarray(np.where(self.events.renamed <= day, self.events.new_name, self.name))

    def ownership_on(self, day: np.datetime64) -> Ints:
        return np.asarray(np.where(self.events.sold <= day, self.events.new_ownership, self.ownership))

    def legal_names_on(self, day: np.datetime64) -> Texts:
        return np.asarray(np.where(self.events.sold <= day, self.events.new_legal_name, self.legal_name))


def apportion(weights: Floats, total: int, at_least: int = 0) -> Ints:
    """Whole shares of `total` by weight, exact in sum (largest remainder)."""
    spare = total - at_least * len(weights)
    exact = weights / weights.sum() * spare
    shares: Ints = np.floor(exact).astype(np.int64) + at_least
    order = np.argsort(np.floor(exact) - exact, kind="stable")
    shares[order[: total - shares.sum()]] += 1
    return shares


def _ccns_of(rng: np.random.Generator, state: State, count: int) -> Texts:
    """Prefix and 5000 to 6499 as CMS numbers nursing homes; every fiftieth is a Medicaid-only number with a letter."""
    lettered = count // 50
    letters = [f"{state.prefixes[0]}{'AEF'[n % 3]}{n:03d}" for n in rng.choice(np.arange(10, 990), lettered, replace=False)]
    if state.code == "MO" and letters:
        letters[0] = "26A490"
    available = [f"{prefix}{n}" for prefix in state.prefixes for n in range(5000, 6500)]
    chosen = rng.choice(np.array(available, dtype=object), count - lettered, replace=False)
    return np.array([*sorted(chosen), *sorted(set(letters))], dtype=object)


def _places_and_ccns(size: SampleSize, total: int) -> tuple[Places, Texts]:
    rng = stream(size.seed, "places")
    states = states_for(size.facilities)
    weights = np.array([state.facilities for state in states], dtype=np.float64)
    small = len(states) < 20
    shares = apportion(np.sqrt(weights) if small else weights, total, at_least=2 if small else 1)
    ccns = np.concatenate([_ccns_of(rng, state, n) for state, n in zip(states, shares, strict=True)])
    state = np.repeat(np.arange(len(states)), shares)
    counties = np.array([len(place.counties) for place in states])[state]
    county = np.minimum(rng.geometric(0.45, total) - 1, counties - 1)
    order = np.argsort(ccns, kind="stable")
    return Places(states, state[order], county[order]), ccns[order]


def _share_names(rng: np.random.Generator, places: Places, names: Texts) -> Texts:
    """A chain that calls all its Indiana homes the same, and a few chance twins elsewhere."""
    shared = names.copy()
    home = np.flatnonzero(places.codes() == "IN")
    count = min(12, max(4, len(home) // 4))
    shared[rng.choice(home, min(count, len(home)), replace=False)] = SHARED_NAME
    twins = max(1, len(names) // 150)
    shared[rng.choice(len(names), twins, replace=False)] = shared[rng.choice(len(names), twins, replace=False)]
    return shared


def _with_cp1252(names: Texts, events: Events, submits: Bools) -> Texts:
    """Every world, and every file of it, has both bytes of cp1252 that are not UTF-8, not only a large one."""
    never, always = events.renamed.max(), events.opened.min()
    steady = (events.renamed == never) & (events.opened == always) & (events.closed == never) & submits
    marked = names.copy()
    marked[np.flatnonzero(steady & (names != SHARED_NAME))[:2]] = f"SAINT MARY{APOSTROPHE}S HOME", f"THE RESIDENCE {DASH} NORTH"
    return marked


def _zip_codes(rng: np.random.Generator, places: Places) -> Texts:
    low = np.array([state.zip3[0] for state in places.states])[places.state]
    high = np.array([state.zip3[1] for state in places.states])[places.state]
    first = rng.integers(low, high + 1)
    return np.array([f"{a:03d}{b:02d}" for a, b in zip(first, rng.integers(1, 99, len(first)), strict=True)], dtype=object)


def _between(rng: np.random.Generator, places: Places, attribute: str) -> Floats:
    ends = np.array([getattr(state, attribute) for state in places.states])[places.state]
    share = rng.random(len(ends))
    return np.asarray(ends[:, 0] + share * (ends[:, 1] - ends[:, 0]))


def _submitting(size: SampleSize, places: Places, events: Events, newest: Vintage) -> Bools:
    """A few facilities, and Guam's, never submit to PBJ; those that close soon do: PBJ knows some that ProviderInfo does not."""
    rng = stream(size.seed, "submits")
    day = np.datetime64(newest.processing_date)
    quarter = newest.staffing_quarter
    staying = np.flatnonzero((events.opened <= quarter.days[0]) & (events.closed > day))
    opened_later = int(((events.opened > quarter.days[0]) & (events.opened <= day)).sum())
    absent = size.share_of(GENUINE_ROWS["nh_provider_info"] - GENUINE_ROWS["pbj_facilities"] + 17) - opened_later
    submits = np.ones(len(events.opened), dtype=np.bool_)
    guam = np.flatnonzero(places.codes() == "GU")
    silent = rng.permutation(np.setdiff1d(staying, guam))[: max(1, absent - len(guam))]
    submits[[*silent, *guam]] = False
    return submits


def build_world(size: SampleSize) -> World:
    newest = size.newest
    closures = size.closures()
    total = size.facilities + sum(closures)
    places, ccns = _places_and_ccns(size, total)
    rng = stream(size.seed, "facilities")
    county_city = places.of_county("city")
    city = np.where(rng.random(total) < 0.35, county_city, town_names(rng, total))
    names = _share_names(rng, places, facility_names(rng, total))
    beds = np.clip(np.rint(rng.gamma(3.6, 29.7, total)), 4, 843).astype(np.int64)
    chain_count = max(5, round(600 * size.facilities / GENUINE_FACILITIES))
    chain = np.minimum(rng.geometric(6.0 / chain_count if chain_count > 30 else 0.2, total) - 1, chain_count - 1)
    own_company = np.array([f"{name.split(f' {DASH} ')[0]} LLC" for name in names], dtype=object)
    own_company = np.array([f"{name.split(f' {DASH} ')[0]} LLC" for name in names], dtype=object)
    legal = np.where(rng.random(total) < 0.5, companies(rng, total), own_company)
    legal[rng.random(total) < 543 / GENUINE_FACILITIES] = "Legal Business Name Not Available"
    events = draw_events(size, newest, names, closures, len(OWNERSHIP_TYPES))
    submits = _submitting(size, places, events, newest)
    return World(
        size=size,
        newest=newest,
        places=places,
        ccn=ccns,
        name=_with_cp1252(names, events, submits),
        address=addresses(rng, total),
        city=city,
        zip_code=_zip_codes(rng, places),
        phone=np.asarray(places.of_state("area_code") + numbers(rng, 2_000_000, 9_999_999, total)),
        latitude=np.round(_between(rng, places, "latitude"), 4),
        longitude=np.round(_between(rng, places, "longitude"), 4),
        beds=beds,
        ownership=rng.choice(len(OWNERSHIP_TYPES), total, p=_OWNERSHIP_SHARES),
        chain=np.where(rng.random(total) < 9_908 / GENUINE_FACILITIES, chain, -1),
        chain_names=companies(rng, chain_count),
        legal_name=legal,
        in_hospital=rng.random(total) < 493 / GENUINE_FACILITIES,
        events=events,
        quality=rng.standard_normal(total),
        submits_pbj=submits,
    )


def approved_dates(world: World) -> Days:
    """When a facility was first certified; CMS has 1967-01-01 for the oldest."""
    rng = stream(world.size.seed, "approved")
    old = np.datetime64("1967-01-01") + (rng.beta(1.1, 1.6, world.count) * 18_500).astype("timedelta64[D]")
    oldest = np.where(rng.random(world.count) < 486 / GENUINE_FACILITIES, np.datetime64("1967-01-01"), old)
    return np.asarray(np.minimum(oldest, world.events.opened - np.timedelta64(1, "D")))
