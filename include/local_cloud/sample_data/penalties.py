"""Fines and payment denials of three years and a little more, drawn once and shown by vintage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.local_cloud.sample_data.calendars import Days, Vintage
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints, World
from include.local_cloud.sample_data.inspections import months_before
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.sizes import GENUINE_ROWS

_DENIAL_SHARE = 3_167 / 28_505
_MOST_PENALIZED = "26A490"
_NAT = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Penalties:
    """One element a penalty; fines have an amount, denials a start and a length."""

    facility: Ints
    date: Days
    is_fine: Bools
    amount: Floats
    denial_start: Days
    denial_days: Floats


def build_penalties(world: World) -> Penalties:
    rng = stream(world.size.seed, "penalties")
    newest = np.datetime64(world.newest.processing_date)
    start, older = months_before(newest, 36), months_before(newest, 37 + world.size.vintages)
    wanted = world.size.share_of(GENUINE_ROWS["nh_penalties"])
    weights = rng.gamma(0.75, 1.3, world.count) * np.exp(-0.5 * world.quality)
    weights[world.events.opened > np.datetime64("2017-01-01")] = 0.0
    weights = np.minimum(weights, weights.sum() * 0.02)
    weights[world.ccn == _MOST_PENALIZED] = weights.sum() * 89 / 28_505
    draws = int(wanted * 1.5) + 50
    facility = rng.choice(world.count, draws, p=weights / weights.sum())
    date = older + rng.integers(0, int((newest - older).astype(int)) - 20, draws).astype("timedelta64[D]")
    counted = np.flatnonzero((date >= start) & world.active(newest)[facility])[:wanted]
    others = np.flatnonzero((date < start) | ~world.active(newest)[facility])
    kept = np.concatenate([counted, others])
    is_fine = rng.random(len(kept)) >= _DENIAL_SHARE
    amount = np.rint(np.exp(rng.normal(8.975, 1.435, len(kept))).clip(380, 799_880))
    cents = rng.random(len(kept)) < 0.03
    amount[cents] += 0.75
    days = np.rint(rng.gamma(1.0, 31, len(kept))).clip(1, 434)
    starts = date[kept] + rng.integers(15, 40, len(kept)).astype("timedelta64[D]")
    return Penalties(
        facility[kept],
        date[kept],
        is_fine,
        np.where(is_fine, amount, np.nan),
        np.where(is_fine, _NAT, starts),
        np.where(is_fine, np.nan, days),
    )


def penalties_in(world: World, penalties: Penalties, vintage: Vintage) -> Ints:
    """Rows of the last three years, in file order."""
    today = np.datetime64(vintage.processing_date)
    inside = (penalties.date >= months_before(today, 36)) & (penalties.date < today)
    rows = np.flatnonzero(inside & world.active(today)[penalties.facility])
    return rows[np.lexsort((penalties.date[rows], penalties.facility[rows]))]
