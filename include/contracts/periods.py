"""The days that a period speaks for, in each way in which periods are written: 2024Q2, 2024-10, 2024-10-27, FY2024."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def days_of(period: str) -> tuple[date, date]:
    """First and last day of the period. A fiscal year is the federal one: FY2024 begins on 1 October 2023."""
    if period.startswith("FY"):
        year = int(period[2:])
        return date(year - 1, 10, 1), date(year, 9, 30)
    if "Q" in period:
        year, last_month = int(period[:4]), 3 * int(period[5:])
        return date(year, last_month - 2, 1), _end_of_month(year, last_month)
    if len(period) == len("2024-10"):
        year, month = int(period[:4]), int(period[5:])
        return date(year, month, 1), _end_of_month(year, month)
    day = date.fromisoformat(period)
    return day, day


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
