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
#: Of February 2026: fines that stand in the file twice.
_TWIN_SHARE = 163 / 837
_MOST_PENALIZED = "26A490"
_NAT = np.datetime64("NaT", "D")
#: From here on two fines of one amount and day are two rows, which only the Fine ID of June 2026 tells apart.
_TWINS_SINCE = Vintage.parse("2025-10")
_FIRST_FINE_ID = 900_001


@dataclass(frozen=True)
class Penalties:
    """One element a penalty; fines have an amount, denials a start and a length. `is_twin`: two fines of half the amount."""

    facility: Ints
    date: Days
    is_fine: Bools
    is_twin: Bools
    amount: Floats
    denial_start: Days
    denial_days: Floats


@dataclass(frozen=True)
class ShownPenalties:
    """What one vintage publishes, in file order."""

    facility: Ints
    date: Days
    is_fine: Bools
    amount: Floats
    denial_start: Days
    denial_days: Floats
    fine_id: Ints  # meaningless where it is no fine


def build_penalties(world: World) -> Penalties:
    rng = stream(world.size.seed, "penalties")
    newest = np.datetime64(world.horizon.processing_date)
    start, older = months_before(newest, 36), months_before(newest, 37 + world.months)
    wanted = world.size.share_of(GENUINE_ROWS["nh_penalties"])
    weights = rng.gamma(0.75, 1.3, world.count) * np.exp(-0.5 * world.quality)
    weights[world.events.opened > np.datetime64("2017-01-01")] = 0.0
    weights = np.minimum(weights, weights.sum() * 0.02)
    weights[world.ccn == _MOST_PENALIZED] = weights.sum() * 89 / 28_505
    draws = int(wanted * 1.5 * (newest - older) / (newest - start)) + 50
    facility = rng.choice(world.count, draws, p=weights / weights.sum())
    date = older + rng.integers(0, int((newest - older).astype(int)) - 20, draws).astype("timedelta64[D]")
    counted = np.flatnonzero((date >= start) & world.active(newest)[facility])
    others = np.flatnonzero((date < start) | ~world.active(newest)[facility])
    kept = np.concatenate([counted[:wanted], others[: len(others) * wanted // max(1, len(counted))]])
    is_fine = rng.random(len(kept)) >= _DENIAL_SHARE
    is_twin = is_fine & (rng.random(len(kept)) < _TWIN_SHARE)
    amount = np.rint(np.exp(rng.normal(8.975, 1.435, len(kept))).clip(380, 799_880))
    amount[rng.random(len(kept)) < 0.03] += 0.75
    amount[is_twin] = np.rint(amount[is_twin] / 2) * 2
    days = np.rint(rng.gamma(1.0, 31, len(kept))).clip(1, 434)
    starts = date[kept] + rng.integers(15, 40, len(kept)).astype("timedelta64[D]")
    return Penalties(
        facility=facility[kept],
        date=date[kept],
        is_fine=is_fine,
        is_twin=is_twin,
        amount=np.where(is_fine, amount, np.nan),
        denial_start=np.where(is_fine, _NAT, starts),
        denial_days=np.where(is_fine, np.nan, days),
    )


def penalties_in(world: World, penalties: Penalties, vintage: Vintage) -> ShownPenalties:
    """Those of the last three years."""
    today = np.datetime64(vintage.processing_date)
    inside = (penalties.date >= months_before(today, 36)) & (penalties.date < today)
    rows = np.flatnonzero(inside & world.active(today)[penalties.facility])
    rows = rows[np.lexsort((penalties.date[rows], penalties.facility[rows]))]
    copies = np.where(penalties.is_twin[rows] & (vintage >= _TWINS_SINCE), 2, 1)
    ids = _FIRST_FINE_ID + 2 * np.repeat(rows, copies)
    ids[1:] += ids[1:] == ids[:-1]
    rows = np.repeat(rows, copies)
    return ShownPenalties(
        facility=penalties.facility[rows],
        date=penalties.date[rows],
        is_fine=penalties.is_fine[rows],
        amount=penalties.amount[rows] / np.repeat(copies, copies),
        denial_start=penalties.denial_start[rows],
        denial_days=penalties.denial_days[rows],
        fine_id=ids,
    )
