"""Quarters, monthly vintages and the periods that CMS's files of one vintage speak for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, order=True)
class Quarter:
    index: int  # quarters since year 0

    @classmethod
    def parse(cls, text: str) -> Quarter:
        year, _, number = text.upper().partition("Q")
        if not (year.isdigit() and number in {"1", "2", "3", "4"}):
            raise ValueError(f"{text!r} is not a quarter; write it as 2024Q2")
        return cls(int(year) * 4 + int(number) - 1)

    @property
    def year(self) -> int:
        return self.index // 4

    @property
    def number(self) -> int:
        return self.index % 4 + 1

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    def earlier(self, by: int) -> Quarter:
        return Quarter(self.index - by)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return date.fromordinal(Quarter(self.index + 1).first_day.toordinal() - 1)


@dataclass(frozen=True, order=True)
class Vintage:
    """One monthly release; `index` counts months since year 0."""

    index: int

    @classmethod
    def newest_for(cls, quarter: Quarter) -> Vintage:
        """CMS shows a PBJ quarter in the release four months after its last month: 2024Q2 in October 2024."""
        return cls(quarter.index * 3 + 2 + 4)

    @classmethod
    def parse(cls, text: str) -> Vintage:
        year, month = map(int, text.split("-"))
        return cls(year * 12 + month - 1)

    def earlier(self, by: int) -> Vintage:
        return Vintage(self.index - by)

    @property
    def year(self) -> int:
        return self.index // 12

    @property
    def month(self) -> int:
        return self.index % 12 + 1

    @property
    def processing_date(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def month_text(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @property
    def encoding(self) -> str:
        """CMS went over to UTF-8 in May 2023; the sample does so later, so that the files of 2024 show both."""
        return "cp1252" if self.year < 2025 else "utf-8"

    @property
    def label(self) -> str:
        return f"{_MONTHS[self.month - 1]}{self.year}"

    @property
    def staffing_quarter(self) -> Quarter:
        """The PBJ quarter behind the staffing columns; new ones come with the January, April, July, October release."""
        return Quarter(self.index // 3 - 2)

    @property
    def vaccination_date(self) -> date:
        return date.fromordinal(Vintage(self.index + 1).processing_date.toordinal() - 5)
