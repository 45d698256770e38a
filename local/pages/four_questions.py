"""One page that answers the four questions from what was published: `python -m local.pages.four_questions [--write]`.

Each answer says what it covers: "the nation" only where every state is there, and a sample where the facilities are invented.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import duckdb
import yaml

from include.settings import REPOSITORY

PAGE = REPOSITORY / "docs" / "four_questions.md"
TABLES = (
    "facilities",
    "kpi_hprd_by_state_quarter",
    "kpi_hprd_by_facility_month",
    "kpi_resident_throughput_by_facility_month",
    "kpi_overtime_proxy_by_facility_month",
    "staffing_by_type_quarter",
)
#: A whole PBJ file holds 50 states, the District of Columbia and Puerto Rico, and about as many facilities as CMS lists.
_JURISDICTIONS, _NEAR = 52, 0.03
#: Fewer pairs, hours or facilities say nothing.
_FEWEST_PAIRS, _FEWEST_HOURS, _FEWEST_FACILITIES = 30, 5000, 5
_LISTED_FACILITIES, _LISTED_STATES, _LISTED_QUARTERS = 10, 5, 8
_LAGS = (0, 1, 2)
_NO_KIND = "Not in ProviderInfo"
_KINDS = {"ownership_group": "Ownership", "provider_type": "Provider type", "in_hospital": "Place"}

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Gold:
    """The tables of one publication."""

    connection: duckdb.DuckDBPyConnection
    quarter: str

    @classmethod
    def open(cls, published: Path) -> Self:
        """Its newest PBJ quarter is the one that questions 2 and 3 are answered for."""
        connection = duckdb.connect()
        for table in TABLES:
            path = str(published / f"{table}.parquet").replace("'", "''")
            connection.execute(f"create view {table} as select * from read_parquet('{path}')")
        ((quarter,),) = connection.execute("select max(quarter) from kpi_hprd_by_state_quarter").fetchall()
        return cls(connection, quarter or "")

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        return self.connection.execute(sql, parameters).fetchall()


@dataclass(frozen=True)
class Coverage:
    """Whom the newest quarter speaks for."""

    quarter: str
    facilities: int
    states: int
    listed: int
    is_sample: bool

    @classmethod
    def of(cls, gold: Gold) -> Self:
        ((states, facilities),) = gold.rows(
            "select count(distinct state), sum(facilities) from kpi_hprd_by_state_quarter where state <> 'US' and quarter = ?",
            gold.quarter,
        )
        names = [name for (name,) in gold.rows("select provider_name from facilities where provider_name is not null")]
        ((listed,),) = gold.rows("select count(*) from facilities where is_active")
        return cls(gold.quarter, int(facilities or 0), states, listed, _are_invented(names))

    @property
    def is_nation(self) -> bool:
        return self.states >= _JURISDICTIONS and abs(self.facilities - self.listed) <= _NEAR * self.listed

    @property
    def whom(self) -> str:
        if self.is_sample:
            return f"{self.facilities:,} invented facilities of {_count(self.states, 'state')}"
        counted = f"{_count(self.facilities, 'facility', 'facilities')} of {_count(self.states, 'state')}"
        return f"the nation ({counted})" if self.is_nation else counted

    def lines(self) -> Iterator[str]:
        if self.is_sample:
            yield "**Sample data.** The facilities and all figures below are invented; they show what the page looks like."
            yield ""
        yield f"Covers {self.whom}; the newest quarter is {self.quarter}."
        if not self.is_nation and not self.is_sample:
            yield "Nothing below speaks for the nation."


def _are_invented(names: Sequence[str]) -> bool:
    """Most names of a sample are put together from the sample's own words; hardly any genuine name happens to be."""
    words = yaml.safe_load((REPOSITORY / "local" / "sample" / "data" / "words.yml").read_text(encoding="utf-8"))
    kinds = "|".join(map(re.escape, words["kinds"]))
    invented = re.compile(rf"\b({kinds}) (OF|AT) ", re.IGNORECASE)
    return sum(bool(invented.search(name)) for name in names) > len(names) / 2


def render(published: Path) -> str:
    gold = Gold.open(published)
    if not gold.quarter:
        return "# The four questions\n\nNo PBJ quarter is published yet, and each question needs one.\n"
    coverage = Coverage.of(gold)
    sections = (
        ("What was published answers four questions", coverage.lines()),
        ("1. Do nurse hours follow occupancy, and how fast?", staffing_and_occupancy(gold)),
        ("2. Which facilities have the highest overtime?", overtime_proxies(gold, coverage)),
        ("3. How are states and kinds of facilities staffed?", staffing_by_state_and_kind(gold, coverage)),
        ("4. Do residents stay longer?", length_of_stay(gold)),
    )
    marks = ("#", "##", "##", "##", "##")
    pages = [f"{mark} {title}\n\n" + "\n".join(lines) for mark, (title, lines) in zip(marks, sections, strict=True)]
    return "\n\n".join(pages) + "\n"


def staffing_and_occupancy(gold: Gold) -> Iterator[str]:
    yield from _across_facilities(gold)
    pairs = [_change_together(gold, lag) for lag in _LAGS]
    if pairs[0][1] < _FEWEST_PAIRS:
        yield "Too few months are published to see whether hours follow a change of the census."
        return
    yield ""
    yield "Changes from one month to the next, per facility: average daily census against nurse hours per day."
    yield ""
    yield from _table(
        ("Hours change", "Rank correlation", "Pairs"),
        [(_lag_name(lag), _correlation(found, count), f"{count:,}") for lag, (found, count) in zip(_LAGS, pairs, strict=True)],
    )
    yield ""
    yield "A correlation near 1 means that hours move with the census; it does not say which one moves the other."


def _across_facilities(gold: Gold) -> Iterator[str]:
    ((found, count),) = gold.rows(
        "with known as (select "
        "rank() over (order by t.occupancy_pct) as fullness, rank() over (order by h.total_nurse_hprd) as hprd "
        "from kpi_resident_throughput_by_facility_month t join kpi_hprd_by_facility_month h using (ccn, month) "
        "where t.occupancy_pct between 0 and 110 and h.total_nurse_hprd > 0 "
        "and t.month = (select max(month) from kpi_resident_throughput_by_facility_month)) "
        "select corr(fullness, hprd), count(*) from known"
    )
    if count < _FEWEST_PAIRS:
        yield "Occupancy needs the beds of a provider information file, which is not published for enough facilities."
    else:
        yield "Across facilities in the newest month, occupancy and nurse hours per resident day have a rank correlation of"
        yield f"{_correlation(found, count)} ({count:,} facilities; months above 110 % occupancy are left out as doubtful)."


def _change_together(gold: Gold, lag: int) -> tuple[float | None, int]:
    """Rank correlation of the change of the census with the change of hours so many months later, and of how many pairs."""
    ((found, count),) = gold.rows(
        "with days as (select t.ccn, t.month, ln(t.average_daily_census) as census, ln(h.total_nurse_hours / t.days) as hours "
        "from kpi_resident_throughput_by_facility_month t join kpi_hprd_by_facility_month h using (ccn, month) "
        "where t.average_daily_census > 0 and h.total_nurse_hours > 0), "
        "changes as (select now.ccn, now.month, now.census - before.census as census, now.hours - before.hours as hours "
        "from days now join days before on before.ccn = now.ccn and before.month = now.month - interval 1 month), "
        "pairs as (select rank() over (order by first.census) as census, rank() over (order by later.hours) as hours "
        "from changes first join changes later on later.ccn = first.ccn and later.month = first.month + to_months(?)) "
        "select corr(census, hours), count(*) from pairs",
        lag,
    )
    return found, count


def _lag_name(lag: int) -> str:
    return "in the same month" if lag == 0 else f"{_count(lag, 'month')} later"


def _correlation(found: float | None, pairs: int) -> str:
    return "too few" if found is None or pairs < _FEWEST_PAIRS else f"{found:.2f}"


def overtime_proxies(gold: Gold, coverage: Coverage) -> Iterator[str]:
    rows = gold.rows(
        "select max(provider_name), ccn, max(state), 100 * sum(contract_hours) / sum(total_nurse_hours) as share, "
        "100 * sum(surge_hours) / sum(total_nurse_hours), sum(total_nurse_hours) "
        "from kpi_overtime_proxy_by_facility_month where quarter = ? group by ccn having sum(total_nurse_hours) >= ? "
        "order by share desc nulls last, ccn limit ?",
        gold.quarter,
        _FEWEST_HOURS,
        _LISTED_FACILITIES,
    )
    yield "No public file holds overtime. Two proxies stand in for it: the share of contract hours, and the share of hours above"
    yield f"the facility's usual day. These are the highest contract shares of {coverage.whom} in {gold.quarter},"
    yield f"among facilities with at least {_FEWEST_HOURS:,} nurse hours; equal shares are ordered by CCN."
    yield ""
    yield from _table(
        ("Facility", "CCN", "State", "Contract share (proxy)", "Surge share (proxy)", "Nurse hours"),
        [(*row[:3], _percent(row[3]), _percent(row[4]), f"{row[5]:,.0f}") for row in rows],
    )


def staffing_by_state_and_kind(gold: Gold, coverage: Coverage) -> Iterator[str]:
    yield f"Hours per resident day (HPRD) of {coverage.whom} in {gold.quarter}: the sum of hours divided by the sum of"
    yield f"resident days. States with fewer than {_FEWEST_FACILITIES} facilities are left out of the ranking."
    yield ""
    yield from _table(("State", "Facilities", "Total nurse HPRD", "RN HPRD"), list(_states(gold)))
    yield ""
    kinds = list(_kinds(gold))
    if not kinds:
        yield "The kind of a facility stands in provider information files, and none is published that lists these facilities."
        return
    yield from _table(("Kind", "", "Facilities", "Total nurse HPRD", "RN HPRD", "Contract share"), kinds)


def _states(gold: Gold) -> Iterator[Row]:
    """The best and the worst staffed, or all where they are few."""
    rows = gold.rows(
        "select state, facilities, total_nurse_hprd, rn_hprd from kpi_hprd_by_state_quarter "
        "where state <> 'US' and quarter = ? and facilities >= ? order by total_nurse_hprd desc nulls last, state",
        gold.quarter,
        _FEWEST_FACILITIES,
    )
    written = [(state, f"{facilities:,}", _hours(total), _hours(rn)) for state, facilities, total, rn in rows]
    if len(written) <= 2 * _LISTED_STATES:
        yield from written
        return
    yield from written[:_LISTED_STATES]
    yield (f"… {_count(len(written) - 2 * _LISTED_STATES, 'state')} between", "", "", "")
    yield from written[-_LISTED_STATES:]


def _kinds(gold: Gold) -> Iterator[Row]:
    for dimension, title in _KINDS.items():
        rows = gold.rows(
            "select value, facilities, total_nurse_hprd, rn_hprd, contract_share_pct from staffing_by_type_quarter "
            "where state = 'US' and dimension = ? and quarter = ? and value <> ? "
            "order by total_nurse_hprd desc nulls last, value",
            dimension,
            gold.quarter,
            _NO_KIND,
        )
        for value, facilities, total, rn, share in rows:
            yield title, value, f"{facilities:,}", _hours(total), _hours(rn), _percent(share)


def length_of_stay(gold: Gold) -> Iterator[str]:
    yield "No public file says when a resident came and left. Resident days and the average daily census are the honest stand-in:"
    yield "they say how many residents there are, not how long each stays."
    yield ""
    rows = gold.rows(
        "select quarter, count(distinct ccn), sum(resident_days), sum(resident_days) / sum(days) "
        "from kpi_resident_throughput_by_facility_month group by quarter order by quarter desc limit ?",
        _LISTED_QUARTERS,
    )
    yield from _table(
        ("Quarter", "Facilities", "Resident days", "Average daily census per facility"),
        [(quarter, f"{count:,}", f"{days:,.0f}", f"{census:.1f}") for quarter, count, days, census in reversed(rows)],
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _hours(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1f} %"


def _table(headings: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    yield _table_row(headings)
    yield _table_row(["---"] * len(headings))
    yield from (_table_row([_as_text(str(cell)) for cell in row]) for row in rows)


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _as_text(cell: str) -> str:
    """Names come out of CMS's files: no markup of theirs is anybody's."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", cell)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.pages.four_questions", description=__doc__)
    home = os.environ.get("HEALTHCARE_HOME") or ".local"
    parser.add_argument("--home", type=Path, default=Path(home), help="the home whose publication is read")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(REPOSITORY)} as well")
    arguments = parser.parse_args()
    published = arguments.home / "published" / "current"
    if not published.is_dir():
        parser.error(f"{arguments.home} holds no publication. Make one: make run")
    page = render(published)
    if arguments.write:
        PAGE.write_text(page, encoding="utf-8")
    print(page, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
