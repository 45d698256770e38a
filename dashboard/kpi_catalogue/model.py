"""What a KPI, its measures and its benchmarks are made of, and what the KPIs share."""

from __future__ import annotations

from dataclasses import dataclass

from units import PERCENT, Unit

PBJ = "CMS Payroll-Based Journal (PBJ) Daily Nurse Staffing"
PROVIDER = "CMS Provider Information (ProviderInfo)"
NO_TEXT = "cast(null as varchar)"
_NO_NUMBER = "cast(null as double)"


@dataclass(frozen=True)
class Series:
    """Where a measure lies in gold. `value` is an expression over one row (states) or an aggregate over rows `f` (facilities).

    `ratio` names a measure of gold's table `measures`, which then says how the value is computed.
    """

    table: str
    period: str
    value: str = ""
    facilities: str = "facilities"
    definition: str = NO_TEXT
    footnote: str = NO_TEXT
    published: str = _NO_NUMBER
    where: str = "1 = 1"
    ratio: str = ""


@dataclass(frozen=True)
class Measure:
    """One number that can be shown for a nation, a state, a group of facilities or one facility."""

    key: str
    label: str
    unit: Unit
    facility: Series | None
    state: Series | None = None
    note: str = ""
    lower_is_better: bool | None = None
    mapped_as: str = ""
    is_proxy: bool = False


@dataclass(frozen=True)
class Benchmark:
    """Which figures of gold's table `benchmarks` a measure is held against.

    `at`: our period where it is not the published one, such as the end of what was measured.
    """

    measure: str
    published: str
    at: str = ""
    is_comparable: bool = True


@dataclass(frozen=True)
class Kpi:
    """One of the ten, with all that a reader may ask about it."""

    number: int
    key: str
    title: str
    asked_as: str
    definition: str
    formula: str
    source: str
    how_averaged: str
    measures: tuple[Measure, ...]
    caveats: tuple[str, ...]
    exclusions: str
    changes: tuple[str, ...] = ()
    notes_subject: str = ""
    proxy_note: str = ""
    notice: str = ""
    benchmarks: tuple[Benchmark, ...] = ()

    def measure(self, key: str) -> Measure:
        """The measure of that key."""
        return next(measure for measure in self.measures if measure.key == key)


def added_up(table: str, period: str, value: str = "", ratio: str = "") -> Series:
    """An aggregate over the rows of facilities, each facility counted once."""
    return Series(table, period, value, "count(distinct f.ccn)", ratio=ratio)


@dataclass(frozen=True)
class Mean:
    """What the means of one KPI have in common: their tables of states and of facilities, the period, and which way is better."""

    of_states: str
    of_facilities: str
    period: str
    lower_is_better: bool

    def measure(
        self,
        key: str,
        label: str,
        column: str,
        reporting: str,
        *,
        unit: Unit = PERCENT,
        published: str = "",
        definition: str = "",
        footnote: str = "",
        where: str = "1 = 1",
        note: str = "",
    ) -> Measure:
        """The mean of a column over the facilities that have a value; the other arguments name columns of the two tables."""
        state = Series(
            self.of_states, self.period, column, reporting, definition or NO_TEXT, published=published or _NO_NUMBER, where=where
        )
        facility = Series(
            self.of_facilities,
            self.period,
            f"avg(f.{column})",
            f"count(f.{column})",
            f"max(f.{definition})" if definition else NO_TEXT,
            f"max(f.{footnote})" if footnote else NO_TEXT,
            where=where,
        )
        return Measure(key, label, unit, facility, state, note, self.lower_is_better)
