"""One world in DuckDB: facilities and all that happens to them, made by the scripts of world/ from the lists of data/."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from local.sample.calendars import Quarter, Vintage
from local.sample.sizes import SampleSize

_HERE = Path(__file__).parent
_LISTS = ("state", "tag", "tag_category", "measure", "program_measure")
_SCRIPTS = ("macros", "facilities", "inspections", "penalties", "staffing")
#: All that PBJ needs.
PBJ_SCRIPTS = ("macros", "facilities", "staffing")
#: Days between two standard surveys, and places for what happens to a facility within three years.
_DAYS_BETWEEN_SURVEYS, _SLOTS = 430, 60


class World:
    """`size` says which vintages it looks back from; `quarter` and `vintage` make the tables that files are written from."""

    def __init__(self, size: SampleSize, scripts: Sequence[str] = _SCRIPTS) -> None:
        self.size = size
        self.duckdb = duckdb.connect(config={"threads": 1})  # sums of several threads differ in the last digit
        for name in _LISTS:
            self.duckdb.execute(f"create table {name} as from read_csv('{_HERE}/data/{name}.csv', delim='|', quote='')")
        self.set(**_words(), **_sizes(size))
        self.duckdb.execute("create table event (kind varchar, place bigint, month date)")
        self.duckdb.executemany("insert into event values (?, ?, ?)", _events(size))
        for name in scripts:
            self.run(name)

    def set(self, **variables: object) -> None:
        for name, value in variables.items():
            self.duckdb.execute(f"set variable {name} = ?", [value])

    def run(self, script: str) -> None:
        self.duckdb.execute((_HERE / "world" / f"{script}.sql").read_text(encoding="utf-8"))

    def quarter(self, quarter: Quarter) -> None:
        """Makes `pbj_day`, and the sums that ProviderInfo shows."""
        after = quarter.index - Quarter.parse(self.size.end).index
        self.set(
            quarter=str(quarter), first_day=quarter.first_day, last_day=quarter.last_day, is_newest=after == 0,
            # Fuller in winter, slowly recovering; agency work grows, so that trends have something to show.
            season=(1.006, 1.0, 0.996, 1.002)[quarter.number - 1] * 1.004**after, growth=1.05**after,
        )  # fmt: skip
        self.run("quarter")

    def vintage(self, vintage: Vintage) -> None:
        """Makes `provider` and the other tables of what one vintage says."""
        quarter = vintage.staffing_quarter
        self.set(
            today=vintage.processing_date, staffing_quarter=str(quarter), first_day=quarter.first_day,
            vaccination_date=vintage.vaccination_date,
        )  # fmt: skip
        for subject in ("present", "staffing", "inspections", "measures", "ratings"):
            self.run(f"vintage_{subject}")

    def programs(self) -> None:
        """Makes what the Quality Reporting and the Value-Based Purchasing program say in this vintage."""
        self.run("vintage_programs")


def _words() -> Mapping[str, Any]:
    words: dict[str, Any] = yaml.safe_load((_HERE / "data" / "words.yml").read_text(encoding="utf-8"))
    return words


def _sizes(size: SampleSize) -> Mapping[str, Any]:
    months = size.months_before + size.months_after
    horizon = size.shown[-1]
    return {
        "seed": size.seed,
        "share": size.share,
        "is_small": size.facilities < 1_000,
        "total": size.facilities + sum(size.closures()),
        "chains": max(5, round(600 * size.share)),
        "hospitals": max(8, round(793 * size.share)),
        "newest": size.newest.processing_date,
        "horizon": horizon.processing_date,
        "months": months,
        "cycles": 4 + math.ceil(30.5 * max(0, months - 12) / _DAYS_BETWEEN_SURVEYS),
        "days_back": (horizon.processing_date - horizon.earlier(37 + months).processing_date).days,
        "visit_slots": _SLOTS * math.ceil((37 + months) / 36),
    }


def _events(size: SampleSize) -> list[tuple[str, int, object]]:
    """What happens to the facility at each place of a shuffled list; a good part of the sold ones is renamed as well."""
    newest, closed, opened = size.newest, sum(size.closures()), sum(size.openings())
    staying, renamed = closed + opened, sum(size.renames())
    begins = {"closed": (0, size.closures()), "opened": (closed, size.openings()),
              "renamed": (staying, size.renames()), "sold": (staying, size.sales())}  # fmt: skip
    events: list[tuple[str, int, object]] = []
    for kind, (first, counts) in begins.items():
        months = [newest.earlier(back) for back, count in enumerate(counts) for _ in range(count)]
        events += [(kind, first + place, month.processing_date) for place, month in enumerate(months, start=1)]
    later = [(kind, after) for kind in ("closed", "renamed", "sold") for after in range(3, size.months_after, 6)]
    first = staying + max(renamed, sum(size.sales())) + 1
    events += [(kind, first + n, newest.earlier(-after).processing_date) for n, (kind, after) in enumerate(later)]
    return events
