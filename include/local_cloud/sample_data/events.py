"""What happens to facilities between vintages: they open, close, are renamed and are sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.local_cloud.sample_data.calendars import Days, Vintage
from include.local_cloud.sample_data.names import Texts, companies, facility_names
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.sizes import SampleSize

_NEVER, _ALWAYS = np.datetime64("2200-01-01"), np.datetime64("2016-01-01")


@dataclass(frozen=True)
class Events:
    """One element a facility; far dates stand for what does not happen in this world."""

    opened: Days
    closed: Days
    renamed: Days
    new_name: Texts
    sold: Days
    new_ownership: NDArray[np.int64]
    new_legal_name: Texts


def _day_in_month(rng: np.random.Generator, vintages: list[Vintage]) -> Days:
    """Some day of the month before each vintage, so that the vintage is the first to show it."""
    starts = np.array([np.datetime64(vintage.earlier(1).processing_date) for vintage in vintages], dtype="datetime64[D]")
    return np.asarray(starts + rng.integers(1, 27, len(starts)).astype("timedelta64[D]"))


def _months_of(newest: Vintage, counts: list[int]) -> list[Vintage]:
    return [newest.earlier(back) for back, count in enumerate(counts) for _ in range(count)]


def _draw_later(size: SampleSize, newest: Vintage, untouched: NDArray[np.int64], *dates: Days) -> None:
    """In the months up to the horizon facilities close, are renamed and are sold as well, one facility each."""
    rng = stream(size.seed, "later events")
    chosen = iter(rng.permutation(untouched))
    for event in dates:
        for months in range(3, size.months_after, 6):
            event[next(chosen)] = _day_in_month(rng, [newest.earlier(-months)])[0]


def draw_events(size: SampleSize, newest: Vintage, names: Texts, closures: list[int], ownership_types: int) -> Events:
    rng = stream(size.seed, "events")
    total = len(names)
    shuffled = rng.permutation(total)
    opened, closed = np.full(total, _ALWAYS), np.full(total, _NEVER)
    renamed, sold = np.full(total, _NEVER), np.full(total, _NEVER)
    closing = shuffled[: sum(closures)]
    closed[closing] = _day_in_month(rng, _months_of(newest, closures))
    openings = size.openings()
    opening = shuffled[sum(closures) : sum(closures) + sum(openings)]
    opened[opening] = _day_in_month(rng, _months_of(newest, openings))
    staying = shuffled[sum(closures) + sum(openings) :]
    renames, sales = size.renames(), size.sales()
    # A good part of the sold ones is renamed as well, a little later: as it happens.
    new_names = rng.permutation(staying)[: sum(renames)]
    renamed[new_names] = _day_in_month(rng, _months_of(newest, renames))
    new_owners = np.concatenate([new_names, np.setdiff1d(staying, new_names)])[: sum(sales)]
    sold[new_owners] = _day_in_month(rng, _months_of(newest, sales))
    _draw_later(size, newest, np.setdiff1d(staying, [*new_names, *new_owners]), closed, renamed, sold)
    return Events(
        opened, closed, renamed, facility_names(rng, total), sold, rng.integers(0, ownership_types, total), companies(rng, total)
    )
