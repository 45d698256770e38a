"""dim_provider against an answer key: 93 monthly ProviderInfo rows of one facility, five months doubled, some missing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

HISTORY = ("fct_provider_snapshot", "dim_provider")


class Snapshot(NamedTuple):
    """What one vintage says about the facility."""

    processing_date: str
    provider_name: str
    ownership_type: str
    certified_beds: str
    chain_name: str
    special_focus_status: str

    def tracked(self) -> tuple[str, ...]:
        """The attributes whose change makes a new range; capitals and the old spelling of "not special focus" do not."""
        focus = "" if self.special_focus_status == "N" else self.special_focus_status
        return tuple(value.upper() for value in (*self[1:5], focus))


class Range(NamedTuple):
    valid_from: str
    valid_to: str | None
    provider_name: str
    ownership_type: str
    certified_beds: int
    chain_name: str | None


@pytest.fixture(scope="module")
def published(shared: Path) -> list[Snapshot]:
    """The rows of the answer key in the order of the file, which is that of time."""
    with (shared / "oracle" / "provider_info_monthly_335513.csv").open(newline="") as lines:
        return [
            Snapshot(
                row["processing_date"],
                row["provider_name"],
                row["ownership_type"],
                row["certified_beds"].removesuffix(".0"),
                row["affiliated_entity_name"],
                row["sff_status"],
            )
            for row in csv.DictReader(lines)
        ]


def ranges_of(snapshots: Sequence[Snapshot]) -> list[Range]:
    """The ranges, computed without SQL: walk through the months and close a range when a tracked attribute differs."""
    newest_of_month = {snapshot.processing_date: snapshot for snapshot in snapshots}
    ranges: list[Range] = []
    last: Snapshot | None = None
    for date in sorted(newest_of_month):
        now = newest_of_month[date]
        if last is None or now.tracked() != last.tracked():
            if ranges:
                ranges[-1] = ranges[-1]._replace(valid_to=date)
            ranges.append(
                Range(date, None, now.provider_name, now.ownership_type, int(now.certified_beds), now.chain_name or None)
            )
        last = now
    return ranges


def add_vintages(warehouse: Any, snapshots: Iterable[Snapshot]) -> None:
    for snapshot in snapshots:
        row = {"ccn": "335513", "state": "NY", "city": "BROOKLYN"} | snapshot._asdict()
        warehouse.add_rows("nh_provider_info", snapshot.processing_date[:7], [row])


def history_in(warehouse: Any) -> list[Range]:
    found = warehouse.rows(
        """
        select cast(valid_from as varchar) as valid_from, cast(valid_to as varchar) as valid_to,
            provider_name, ownership_type, certified_beds, chain_name
        from silver.dim_provider where ccn = '335513' order by valid_from
        """
    )
    return [Range(**row) for row in found]


@pytest.fixture(scope="module")
def in_order(new_warehouse: Callable[[], Any], published: list[Snapshot]) -> Any:
    warehouse = new_warehouse()
    add_vintages(warehouse, published)
    warehouse.build("current_files", "stg_nh_provider_info", *HISTORY)
    return warehouse


def run_history(warehouse: Any) -> None:
    result = warehouse.dbt("run", "current_files", "stg_nh_provider_info", *HISTORY)
    assert result.success


def test_the_answer_key_is_the_one_we_know(published: list[Snapshot]) -> None:
    assert len(published) == 93
    assert len({snapshot.processing_date for snapshot in published}) == 88


def test_ranges_are_those_of_the_answer_key(in_order: Any, published: list[Snapshot]) -> None:
    found = history_in(in_order)
    assert found == ranges_of(published)
    assert [(ownership.valid_from, ownership.ownership_type) for ownership in found][-1] == (
        "2025-02-01",
        "For Profit - Limited Liability Company",
    )


def test_one_range_is_current_and_ranges_leave_no_gap(in_order: Any) -> None:
    rows = in_order.rows("select * from silver.dim_provider order by valid_from")
    assert [row["is_current"] for row in rows] == [False] * (len(rows) - 1) + [True]
    for before, after in pairwise(rows):
        assert before["valid_to"] == after["valid_from"] == before["nearest_to"]


def test_every_published_month_finds_exactly_one_range(in_order: Any) -> None:
    found = in_order.row(
        """
        select count(*) as pairs, count(distinct processing_date) as months
        from silver.fct_provider_snapshot as snapshots
        inner join silver.dim_provider as providers
            on snapshots.ccn = providers.ccn
            and processing_date >= valid_from and processing_date < coalesce(valid_to, date '9999-12-31')
            and snapshots.ownership_type = providers.ownership_type
        """
    )
    assert found == {"pairs": 88, "months": 88}


def test_late_and_out_of_order_vintages_give_the_same_table(
    new_warehouse: Callable[[], Any], in_order: Any, published: list[Snapshot]
) -> None:
    warehouse = new_warehouse()
    first, late = published[1::2], published[0::2]
    add_vintages(warehouse, reversed(first))
    run_history(warehouse)
    assert history_in(warehouse) == ranges_of(first)
    add_vintages(warehouse, late)
    run_history(warehouse)
    everything = "select * from silver.dim_provider order by ccn, valid_from"
    assert warehouse.rows(everything) == in_order.rows(everything)


def test_restated_vintage_moves_the_range_and_its_restoration_moves_it_back(in_order: Any, published: list[Snapshot]) -> None:
    before = history_in(in_order)
    last_of_2024 = [snapshot for snapshot in published if snapshot.processing_date < "2025-01-01"][-1]
    add_vintages(in_order, [last_of_2024._replace(certified_beds="300")])
    run_history(in_order)
    beds = [(row.valid_from, row.certified_beds) for row in history_in(in_order)]
    assert (last_of_2024.processing_date, 300) in beds
    assert len(beds) == len(before) + 1
    add_vintages(in_order, [last_of_2024])
    run_history(in_order)
    assert history_in(in_order) == before


def test_facility_that_is_gone_ends_with_the_vintage_that_lacks_it(new_warehouse: Callable[[], Any]) -> None:
    warehouse = new_warehouse()
    for month, ccns in {"2024-08": ("015009", "265A01"), "2024-09": ("015009",), "2024-10": ("015009",)}.items():
        rows = [{"ccn": ccn, "provider_name": "HOME", "processing_date": f"{month}-01", "certified_beds": "50"} for ccn in ccns]
        warehouse.add_rows("nh_provider_info", month, rows)
    run_history(warehouse)
    ended = warehouse.row(
        "select cast(valid_to as varchar) as valid_to, is_current from silver.dim_provider where ccn = '265A01'"
    )
    assert ended == {"valid_to": "2024-09-01", "is_current": False}
