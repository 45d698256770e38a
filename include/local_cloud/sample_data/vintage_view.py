"""The facilities as one vintage shows them: which exist, under which name and owner, and their repeated columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from include.local_cloud.sample_data.calendars import Vintage
from include.local_cloud.sample_data.csv_text import Cells, Pooled, text
from include.local_cloud.sample_data.facilities import Bools, Floats, Ints, World
from include.local_cloud.sample_data.inspections import is_new
from include.local_cloud.sample_data.names import Texts
from include.local_cloud.sample_data.random_streams import stream

_SPECIAL_FOCUS, _CANDIDATES = 87, 440


@dataclass(frozen=True)
class VintageView:
    """`rows` points into the world; everything else here has one element a row."""

    world: World
    vintage: Vintage

    @cached_property
    def rows(self) -> Ints:
        return self.world.in_provider_info(self.vintage)

    @property
    def count(self) -> int:
        return len(self.rows)

    @cached_property
    def today(self) -> np.datetime64:
        return np.datetime64(self.vintage.processing_date)

    @cached_property
    def state(self) -> Ints:
        return self.world.places.state[self.rows]

    @cached_property
    def names(self) -> Texts:
        return self.world.names_on(self.today)[self.rows]

    @cached_property
    def new(self) -> Bools:
        return is_new(self.world, self.vintage)[self.rows]

    @cached_property
    def _by_quality(self) -> Ints:
        """Rows of rated facilities, the worst first."""
        quality = np.where(self.new, np.inf, self.world.quality[self.rows])
        return np.argsort(quality, kind="stable")

    @cached_property
    def special_focus(self) -> Bools:
        return self._marked(self._by_quality[: self.world.size.share_of(_SPECIAL_FOCUS, at_least=2)])

    @cached_property
    def special_focus_candidate(self) -> Bools:
        first = self.world.size.share_of(_SPECIAL_FOCUS, at_least=2)
        return self._marked(self._by_quality[first : first + self.world.size.share_of(_CANDIDATES)])

    @cached_property
    def unrated(self) -> Bools:
        return self.new | self.special_focus

    def _marked(self, rows: Ints) -> Bools:
        marks = np.zeros(self.count, dtype=np.bool_)
        marks[rows] = True
        return marks

    def draw(self, label: str) -> Floats:
        """A number between 0 and 1 of each facility that stays the same over the vintages."""
        return stream(self.world.size.seed, "trait", label).random(self.world.count)[self.rows]

    def some(self, label: str, genuine: int, among: Bools | None = None) -> Bools:
        """As many facilities as in the genuine file (in proportion), always the same ones."""
        key = self.draw(label)
        if among is not None:
            key = np.where(among, key, 2.0)
        wanted = self.world.size.share_of(genuine)
        available = self.count if among is None else int(among.sum())
        return self._marked(np.argsort(key, kind="stable")[: min(wanted, available)])

    @cached_property
    def _columns(self) -> dict[str, Pooled]:
        world, rows = self.world, self.rows
        states, address = world.places.codes()[rows], world.address[rows]
        city, zip_code = world.city[rows], world.zip_code[rows]
        return {
            "ccn": text(list(world.ccn[rows])),
            "provider_name": text(self.encoded(self.names)),
            "provider_address": text(list(address)),
            "city": text(list(city)),
            "state": text(list(states)),
            "zip_code": text(list(zip_code)),
            "county_name": text(list(world.places.of_county("name")[rows])),
            "location": text(list(address + "," + city + "," + states + "," + zip_code)),
            "spaced_location": text(list(address + ", " + city + ", " + states + ", " + zip_code)),
        }

    def encoded(self, texts: Iterable[str]) -> list[bytes]:
        """For names and descriptions, the only text with letters beyond ASCII."""
        return [words.encode(self.vintage.encoding) for words in texts]

    def column(self, name: str, rows: Ints | None = None) -> Pooled:
        column = self._columns[name]
        return column if rows is None else column.at(rows)

    def identity(self, rows: Ints | None = None) -> dict[str, Cells]:
        """The six columns that most families begin with; `rows` points into this view."""
        names = ("ccn", "provider_name", "provider_address", "city", "state", "zip_code")
        return {name: self.column(name, rows) for name in names}

    @cached_property
    def _position(self) -> Ints:
        position = np.full(self.world.count, -1)
        position[self.rows] = np.arange(self.count)
        return position

    def positions(self, facilities: Ints) -> Ints:
        """Facilities of the world → rows of this view."""
        return self._position[facilities]
