"""Hospitals with swing beds: in QRP and VBP files, never in ProviderInfo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.local_cloud.sample_data.facilities import Floats, Places, World, apportion
from include.local_cloud.sample_data.names import Texts, addresses, numbers, pick, town_names
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.sizes import GENUINE_ROWS

_KINDS = ("MEMORIAL HOSPITAL", "REGIONAL MEDICAL CENTER", "COUNTY HOSPITAL", "COMMUNITY HOSPITAL", "MEDICAL CENTER, INC")


@dataclass(frozen=True)
class Hospitals:
    """One element a hospital, in the order of the CCN."""

    places: Places
    ccn: Texts
    name: Texts
    address: Texts
    address_line_2: Texts
    city: Texts
    zip_code: Texts
    phone: Texts
    stays: Floats


def build_hospitals(world: World) -> Hospitals:
    rng = stream(world.size.seed, "hospitals")
    count = world.size.share_of(GENUINE_ROWS["swing_bed_hospitals"], at_least=8)
    states = world.places.states
    shares = apportion(np.sqrt(np.array([state.facilities for state in states], dtype=np.float64)), count)
    state = np.repeat(np.arange(len(states)), shares)
    serials = np.concatenate([rng.choice(np.arange(1, 880), share, replace=False) for share in shares])
    ccns = np.array([f"{states[s].prefixes[0]}{n:04d}" for s, n in zip(state, serials, strict=True)], dtype=object)
    order = np.argsort(ccns, kind="stable")
    places = Places(states, state[order], np.zeros(count, dtype=np.int64))
    towns = town_names(rng, count)
    suite = np.where(rng.random(count) < 0.1, "P O BOX " + numbers(rng, 10, 999, count), "-")
    phone = "(" + places.of_state("area_code") + ") " + numbers(rng, 200, 999, count) + "-" + numbers(rng, 0, 9999, count, 4)
    zips = [f"{states[s].zip3[0]:03d}{n:02d}" for s, n in zip(places.state, rng.integers(1, 99, count), strict=True)]
    return Hospitals(
        places=places,
        ccn=ccns[order],
        name=np.where(rng.random(count) < 0.03, "MEMORIAL HOSPITAL", towns + " " + pick(rng, _KINDS, count)),
        address=addresses(rng, count),
        address_line_2=suite,
        city=towns,
        zip_code=np.array(zips, dtype=object),
        phone=phone,
        stays=rng.gamma(1.2, 30, count),
    )
