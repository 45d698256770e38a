"""Numbers for readers: with their unit, sensibly rounded, and words where a value is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

NOT_AVAILABLE = "not available"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Unit:
    """How a quantity is written. `suffix` follows the number, `name` stands on axes and in tables."""

    name: str
    suffix: str
    decimals: int


HOURS = Unit("hours", " h", 0)
HPRD = Unit("hours per resident day", "", 2)
PERCENT = Unit("percent", "%", 1)
POINTS = Unit("percentage points", " pts", 1)
STARS = Unit("stars (1 to 5)", " stars", 2)
COUNT = Unit("number", "", 0)
FACILITIES = Unit("facilities", "", 0)
PER_FACILITY = Unit("per facility", "", 2)
RESIDENT_DAYS = Unit("resident days", "", 0)
RESIDENTS = Unit("residents per day", "", 1)
LEFT = Unit("administrators who left", "", 2)


def is_missing(value: float | None) -> bool:
    """None, NaN and NA are all the same to a reader: not available."""
    return value is None or value != value  # noqa: PLR0124 - NaN is the one value that differs from itself


def show(value: float | None, unit: Unit) -> str:
    """`3.71`, `7.0%`, `410.6 million h`, or `not available`."""
    if value is None or is_missing(value):
        return NOT_AVAILABLE
    if unit.decimals == 0 and abs(value) >= 1e6:
        return f"{value / 1e6:,.1f} million{unit.suffix}"
    return f"{_rounded(value, unit.decimals):,.{unit.decimals}f}{unit.suffix}"


def show_short(value: float | None, unit: Unit) -> str:
    """`151.6 M` for millions, else as `show`: for a narrow card that names the unit below."""
    shown = show(value, unit)
    return shown.replace(" million", " M").removesuffix(unit.suffix) if " million" in shown else shown


def show_change(now: float | None, before: float | None, unit: Unit) -> str | None:
    """The signed difference, in percentage points where the quantity is a percentage; None where there is none."""
    if now is None or before is None or is_missing(now) or is_missing(before):
        return None
    if unit.decimals == 0 and before and abs(before) >= 1e6:
        return f"{100 * (now - before) / before:+.1f}%"
    suffix = POINTS.suffix if unit is PERCENT else unit.suffix
    change = _rounded(now - before, unit.decimals)
    sign = "+" if change else ""  # nothing that rounds to zero goes up or down
    return f"{change:{sign},.{unit.decimals}f}{suffix}"


def _rounded(value: float, decimals: int) -> float:
    """Half away from zero, and never `-0.0`."""
    scale = 10.0**decimals
    return math.copysign(math.floor(abs(value) * scale + 0.5 + 1e-9) / scale, value) + 0.0


def period_start(period: str) -> date:
    """First day of `2024Q2`, `2024-04` or `2024-04-01`."""
    if "Q" in period:
        year, quarter = period.split("Q")
        return date(int(year), 3 * int(quarter) - 2, 1)
    parts = [int(part) for part in period[:10].split("-")]
    return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)


def show_period(period: str) -> str:
    """`2024 Q2`, `Apr 2024` for a first of the month, `27 Oct 2024` for any other day."""
    if "Q" in period:
        return period.replace("Q", " Q")
    day = period_start(period)
    month = f"{_MONTHS[day.month - 1]} {day.year}"
    return month if day.day == 1 else f"{day.day} {month}"
