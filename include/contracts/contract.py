"""The contract of a CMS file family: its columns, grain, period and file names, read from families/<family>.yml."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from include.contracts.periods import days_of

FAMILIES_DIR = Path(__file__).parent / "families"

#: What every bronze row says about where it came from; `_occurrence`: which of the file's rows with this key it is (1, 2, …).
LINEAGE_COLUMNS = ("_source_file", "_source_row", "_file_md5", "_period", "_landed_at", "_occurrence")

#: The cells of columns that the contract does not know, as a JSON object by header; null where there are none. Bronze only.
UNMAPPED_COLUMN = "_unmapped"


class ColumnType(StrEnum):
    """How the text of a cell is to be read; the casts stand in the dbt macros `cms_<type>`."""

    CCN = "ccn"  # six characters, digits or capitals, leading zeros kept
    STATE = "state"  # two letters; CMS's NATION and our US are the same
    TEXT = "text"
    FOOTNOTE = "footnote"  # CMS footnote codes, text
    FLAG = "flag"  # Y / N
    INTEGER = "integer"
    NUMBER = "number"  # any decimal, kept to the digit a double can hold
    HOURS = "hours"  # paid hours, exact to the two decimals that CMS writes
    USD = "usd"
    DATE = "date"  # 2024-04-01, 20240401 or 04/01/2024


class PeriodKind(StrEnum):
    """The time a file speaks for, and how it is written: 2024Q2, 2024-10, 2024-10-27, FY2024."""

    QUARTER = "quarter"
    MONTH = "month"
    DATE = "date"
    FISCAL_YEAR = "fiscal_year"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Repeats(StrEnum):
    """What a second row with the same cells means within one file."""

    COPY = "copy"  # the same fact written twice: silver keeps the first
    EVENT = "event"  # another event that looks alike (two fines of one amount on one day): silver keeps all


class Column(_Strict):
    """One column: our name, CMS's header, and every other header it has had: labels, short codes, names of portals.

    `required`: a file without the column is refused, and so is a record without a value in it.
    `feeds_gold`: when it is missing while unknown columns are there, CMS may have renamed it, and the file is held.
    `since`, `withdrawn`: the first period with the column and the first one without it, where CMS added or withdrew it.
    `{year}` in a header stands for a year that CMS writes into the name; `header_year_of` makes that of one of these a column.
    """

    name: str
    type: ColumnType
    header: str = ""
    formerly: tuple[str, ...] = ()
    required: bool = False
    feeds_gold: bool = False
    since: str | None = None
    withdrawn: str | None = None
    header_year_of: tuple[str, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        return (self.header, *self.formerly) if self.header else ()

    def is_published_in(self, period: str) -> bool:
        """Whether CMS's files of this period have the column, as far as the contract says."""
        first_day = days_of(period)[0]
        is_too_early = self.since is not None and first_day < days_of(self.since)[0]
        is_too_late = self.withdrawn is not None and first_day >= days_of(self.withdrawn)[0]
        return bool(self.header) and not is_too_early and not is_too_late


class Period(_Strict):
    kind: PeriodKind
    column: str | None = None


class Relabelled(_Strict):
    """A header that meant something else in one vintage; the headers beside it show which."""

    when_present: tuple[str, ...]
    when_absent: tuple[str, ...]
    header: str
    means: str


class Contract(_Strict):
    """Everything the pipeline knows about one family of files; the only place where it is said.

    `key`: the columns that tell two rows of one file apart; empty where only the whole row does.
    `dataset_id`: its id in CMS's catalogue, read in copies of the catalogue of 2024-05-27 and 2026-10-05; none once withdrawn.
    `expected_every_days`: how often a file arrives. `max_age_days`: how old the newest period may be, from its first day.
    """

    family: str
    title: str
    source: str
    dataset_id: str | None = None
    description: str
    key: tuple[str, ...]
    repeats: Repeats
    silver_model: str
    period: Period
    expected_every_days: int
    max_age_days: int
    file_names: tuple[str, ...]
    columns: tuple[Column, ...]
    relabelled: tuple[Relabelled, ...] = ()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [column.name for column in self.columns]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"{self.path}: column names occur twice: {sorted(doubled)}")
        pointed_at = {*self.key, *(rule.means for rule in self.relabelled)}
        pointed_at |= {name for column in self.columns for name in column.header_year_of}
        pointed_at |= {self.period.column} if self.period.column else set()
        if unknown := pointed_at - set(names):
            raise ValueError(f"{self.path}: these are not columns: {sorted(unknown)}")
        if optional := [column.name for column in self.columns if column.name in self.key and not column.required]:
            raise ValueError(f"{self.path}: columns of the key must be required: {optional}")
        return self

    @property
    def path(self) -> str:
        """Where to edit the contract, relative to the repository."""
        return f"include/contracts/families/{self.family}.yml"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def name_pattern(self) -> re.Pattern[str]:
        """Matches the start of a file name: the words of `file_names` in order, whatever stands between them."""
        aliases = (r"[\W_]*".join(map(re.escape, alias.split())) for alias in self.file_names)
        return re.compile(rf"(?:{'|'.join(aliases)})(?![a-z0-9])", re.IGNORECASE)


@cache
def load_contract(family: str) -> Contract:
    text = (FAMILIES_DIR / f"{family}.yml").read_text(encoding="utf-8")
    return Contract.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


@cache
def load_contracts() -> tuple[Contract, ...]:
    """All families, by name."""
    return tuple(load_contract(path.stem) for path in sorted(FAMILIES_DIR.glob("*.yml")))


@cache
def contracts_version() -> str:
    """Changes with any contract: a file that was refused under another version is tried again by itself."""
    digest = hashlib.md5(usedforsecurity=False)
    for path in sorted(FAMILIES_DIR.glob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
