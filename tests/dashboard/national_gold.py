"""A published gold folder of any size, made in seconds without the pipeline: for page tests (tens of facilities) and for
measuring (14,600 facilities, 12 quarters, 12 vintages).

Run `python tests/dashboard/national_gold.py <folder>` for the national size. Tables, columns and types are those of
gold's own contract. Figures are invented, seeded and plausible; ratios follow gold's measures, states add up their facilities.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

HERE = Path(__file__).parent
DBT_PROJECT = HERE.parents[1] / "include" / "dbt_healthcare"
PUBLISHED_AT = "2024-11-01T06:30:00+00:00"
_PERIODS = ("month", "processing_date", "measure_code", "ccn")


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    facilities: int = 14_600
    quarters: int = 12
    vintages: int = 12
    citations_each: int = 40
    measures: int = 20


NATIONAL = Size()
SMALL = Size(facilities=159, quarters=3, vintages=5, citations_each=6, measures=4)


def publish(home: Path, size: Size, version: str = "20241101T063000000000Z") -> Path:
    """Writes one version below `home/published/versions` and makes it current, as the pipeline does; returns `current`."""
    folder = home / "published" / "versions" / version
    folder.mkdir(parents=True)
    rows = _write_tables(folder, size)
    manifest = {"version": version, "published_at": PUBLISHED_AT, "run_id": "manual__national", "fingerprint": "x", "rows": rows}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return make_current(home, version)


def make_current(home: Path, version: str) -> Path:
    """The pipeline's atomic swap."""
    current = home / "published" / "current"
    link = home / "published" / f".current-{version}"
    link.symlink_to(Path("versions") / version)
    os.replace(link, current)  # noqa: PTH105 - replaces the link, not what it points at
    return current


def contract() -> dict[str, dict[str, str]]:
    """Every table of gold with its columns and their types, as dbt enforces them."""
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (DBT_PROJECT / "models" / "gold").glob("*.yml")]
    models = [model for document in documents for model in document["models"]]
    return {model["name"]: {column["name"]: column["data_type"] for column in model["columns"]} for model in models}


def stated_measures() -> dict[str, dict[str, Any]]:
    """What the macro `measures` of the dbt project returns."""
    returned: list[dict[str, dict[str, Any]]] = []
    macro = (DBT_PROJECT / "macros" / "measures.sql").read_text(encoding="utf-8")
    jinja2.Environment(autoescape=True).from_string(macro).make_module({"return": returned.append}).measures()  # type: ignore[attr-defined]
    return returned[0]


@dataclass(frozen=True)
class Rule:
    """Where the rows of a table come from, and the columns for which a default is not enough; see national_gold.yml."""

    rows: str = ""
    per_state: str = ""
    by: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """What is selected from."""
        return f"each_state_and_nation('{self.per_state}')" if self.per_state else self.rows


def _write_tables(folder: Path, size: Size) -> dict[str, int]:
    """Makes the tables in the order of the rules, because state tables add up the facility tables before them."""
    text = yaml.safe_load((HERE / "national_gold.yml").read_text(encoding="utf-8"))
    columns = contract()
    rows: dict[str, int] = {}
    with duckdb.connect() as database:
        _prepare(database, size)
        for table, rule in text["tables"].items():
            selected = _Table(database, columns[table], Rule(**rule), text["anywhere"]).select()
            database.execute(f"create table {table} as {selected}")
            database.execute(f"copy {table} to '{folder / table}.parquet' (format parquet, compression zstd)")
            ((rows[table],),) = database.execute(f"select count(*) from {table}").fetchall()
    return rows


def _prepare(database: duckdb.DuckDBPyConnection, size: Size) -> None:
    for name, value in asdict(size).items():
        database.execute(f"set variable {name} = {value}")
    database.execute((HERE / "national_gold.sql").read_text(encoding="utf-8"))
    database.execute(f"create table published_benchmarks as from '{DBT_PROJECT / 'seeds' / 'published_benchmarks.csv'}'")
    names = ("numerator", "denominator", "scale", "unit", "needs_denominator")
    database.execute("create table stated_measures (measure text, numerator text, denominator text, scale int, unit text, "
                     "needs_denominator boolean)")  # fmt: skip
    stated = [[measure, *(told.get(name, False) for name in names)] for measure, told in stated_measures().items()]
    database.executemany("insert into stated_measures values (?, ?, ?, ?, ?, ?)", stated)


class _Table:
    """One table of gold: an expression for each column of its contract."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, columns: Mapping[str, str], rule: Rule, anywhere: Mapping[str, str]
    ) -> None:
        self._columns = columns
        self._rule = rule
        self._anywhere = anywhere
        self._measures = stated_measures()
        found = database.execute(f"describe select * from {rule.source}").fetchall()
        self._known = {str(name) for name, *_ in found}
        self._period = next((name for name in _PERIODS if name in self._known), "0")

    def select(self) -> str:
        """Columns with a rule come first, so that others may name them; the contract's order and types come last."""
        ruled = {name: position for position, name in enumerate(self._rule.columns)}
        ordered = sorted(self._columns, key=lambda name: ruled.get(name, len(ruled)))
        inner = ", ".join(f"{self._expression(name)} as {name}" for name in ordered)
        outer = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in self._columns.items())
        grouping = f"group by place, {', '.join(self._rule.by)}" if self._rule.per_state else ""
        return f"select {outer} from (select {inner} from {self._rule.source} {grouping})"

    def _expression(self, name: str) -> str:
        rule = _ruled(self._rule.columns, name, self._period)
        if rule is None and self._rule.per_state:
            return self._added_up(name)
        if rule is not None:
            return rule
        if name in self._known:
            return name
        return self._measure(name, "{}") or _ruled(self._anywhere, name, self._period) or self._default(name)

    def _added_up(self, name: str) -> str:
        """The column of a state: a key, a count, a ratio of sums, or what its facilities' column comes to."""
        if name in self._rule.by:
            return name
        if name in ("state", "facilities"):
            return {"state": "place", "facilities": "count(distinct ccn)"}[name]
        if name.startswith("published_"):
            return f"round({self._added_up(name.removeprefix('published_'))}, 1)"
        if ratio := self._measure(name, "sum({})"):
            return ratio
        if name not in self._known:
            return "0" if self._columns[name] == "bigint" else "false" if self._columns[name] == "boolean" else "null"
        return self._summary(name)

    def _summary(self, name: str) -> str:
        is_sum = (self._columns[name] == "bigint" and not name.endswith("_year")) or name.endswith("_hours")
        is_mean = self._columns[name] == "double"
        return f"sum({name})" if is_sum else f"avg({name})" if is_mean else f"max({name})"

    def _measure(self, name: str, each: str) -> str:
        measure = self._measures.get(name)
        if measure is None or not {measure["numerator"], measure["denominator"]} <= self._known | set(self._columns):
            return ""
        numerator, denominator = (each.format(measure[part]) for part in ("numerator", "denominator"))
        return f"{measure['scale']} * {numerator} / nullif({denominator}, 0)"

    def _default(self, name: str) -> str:
        """Something plausible of the right type; of the shares, one facility in twelve reports none."""
        draw = f"hash(ccn, '{name}', {self._period})" if "ccn" in self._known else f"hash('{name}')"
        return {
            "double": f"case when {draw} % 12 <> 0 then 20 * share({draw}) end",
            "bigint": f"cast({draw} % 6 as bigint)",
            "integer": f"cast({draw} % 6 as integer)",
            "boolean": "false",
            "date": "(select max(processing_date) from vintages)",
        }.get(self._columns[name], "null")


def _ruled(rules: Mapping[str, str], name: str, period: str) -> str | None:
    """The rule for a column: the one of its name, or the first whose pattern it fits."""
    if name in rules:
        return rules[name]
    for pattern, expression in rules.items():
        found = re.fullmatch(pattern.replace("*", "(.+)"), name)
        if found and "*" in pattern:
            return expression.replace("{stem}", found[1]).replace("{column}", name).replace("{period}", period)
    return None


if __name__ == "__main__":
    sys.stdout.write(f"{publish(Path(sys.argv[1]), NATIONAL)}\n")
