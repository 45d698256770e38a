"""First and last day of a period, in each way in which CMS's periods are written."""

from __future__ import annotations

from datetime import date

import pytest

from include.contracts.periods import days_of


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2024Q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("2017Q4", date(2017, 10, 1), date(2017, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-10-27", date(2024, 10, 27), date(2024, 10, 27)),
        ("FY2024", date(2023, 10, 1), date(2024, 9, 30)),
    ],
)
def test_days_of_a_period(period: str, first: date, last: date) -> None:
    assert days_of(period) == (first, last)
