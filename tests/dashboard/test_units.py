from __future__ import annotations

from datetime import date

import pytest
from footnotes import explain
from units import COUNT, HOURS, HPRD, PERCENT, STARS, Unit, period_start, show, show_change, show_period, show_short


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (3.714229, HPRD, "3.71"),
        (0.0, PERCENT, "0.0%"),
        (7.0392, PERCENT, "7.0%"),
        (410_623_403.86, HOURS, "410.6 million h"),
        (47_975.4, HOURS, "47,975 h"),
        (2.995, STARS, "3.00 stars"),
        (-0.001, HPRD, "0.00"),
        (None, PERCENT, "not available"),
        (float("nan"), COUNT, "not available"),
    ],
)
def test_numbers_carry_their_unit_and_missing_is_a_word(value: float | None, unit: Unit, words: str) -> None:
    assert show(value, unit) == words


@pytest.mark.parametrize(
    ("now", "before", "unit", "words"),
    [
        (7.0, 6.6, PERCENT, "+0.4 pts"),
        (3.71, 3.77, HPRD, "-0.06"),
        (3.714, 3.711, HPRD, "0.00"),
        (110e6, 100e6, HOURS, "+10.0%"),
        (None, 1.0, HPRD, None),
        (1.0, float("nan"), HPRD, None),
    ],
)
def test_changes_are_signed_and_percentages_change_by_points(
    now: float | None, before: float | None, unit: Unit, words: str | None
) -> None:
    assert show_change(now, before, unit) == words


@pytest.mark.parametrize(
    ("period", "words", "first_day"),
    [
        ("2024Q2", "2024 Q2", date(2024, 4, 1)),
        ("2024-04-01", "Apr 2024", date(2024, 4, 1)),
        ("2024-10-27", "27 Oct 2024", date(2024, 10, 27)),
        ("2024-04", "Apr 2024", date(2024, 4, 1)),
    ],
)
def test_periods_in_words(period: str, words: str, first_day: date) -> None:
    assert show_period(period) == words
    assert period_start(period) == first_day


def test_footnotes_are_explained_and_sentences_of_cms_kept() -> None:
    assert explain("18").startswith("(18) Special focus")
    assert explain("7, 9").count("(") == 2
    assert explain("This facility had fewer than 25 stays.") == "This facility had fewer than 25 stays."
    assert explain(None) == explain("") == ""


def test_millions_are_short_on_a_narrow_card() -> None:
    assert show_short(151_600_000.0, HOURS) == "151.6 M"
    assert show_short(8_060.0, HOURS) == "8,060 h"
    assert show_short(None, HOURS) == "not available"
