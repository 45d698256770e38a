"""The facility whose profile is open, and what its views share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

import gold
import page_frame
from footnotes import explain
from gold import Publication, Scope
from page_frame import Column, Table


@dataclass(frozen=True)
class Profile:
    """One facility of one publication; `card` is its row of the table of facilities."""

    publication: Publication
    card: pd.Series

    @property
    def ccn(self) -> str:
        """What identifies it."""
        return str(self.card["ccn"])

    @property
    def state(self) -> str:
        """The code of its state."""
        return str(self.card["state"])

    @property
    def scope(self) -> Scope:
        """This facility alone."""
        return Scope(ccn=self.ccn)

    def rows(self, table: str) -> pd.DataFrame:
        """Everything one table knows about it."""
        return gold.of_facility(self.publication, table, self.ccn)

    def table(self, rows: pd.DataFrame, columns: Mapping[str, Column], part: str) -> Table:
        """Rows of a view with their download. Columns that gold lacks, and reasons where none is given, are left out."""
        about = page_frame.about(self.publication, part.replace("_", " "), f"{self.card['provider_name']} (CCN {self.ccn})")
        kept = {
            name: column for name, column in columns.items() if name in rows and not (name == "reason" and not any(rows[name]))
        }
        return Table(rows, kept, page_frame.file_name("facility", self.ccn, part), about)


def with_periods(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """The day or month of a column as the period, in text and in words."""
    return page_frame.with_period_words(rows.assign(period=rows[column].astype(str).str[:10]))


def with_reasons(rows: pd.DataFrame, column: str = "footnote") -> pd.DataFrame:
    """CMS's footnotes in words."""
    return rows.assign(reason=[explain(code) for code in rows[column]])


def one_vintage(rows: pd.DataFrame) -> str:
    """The note under a trend that has only one vintage so far."""
    return "Only one vintage has been published, so there is no trend yet." if len(rows) == 1 else ""
