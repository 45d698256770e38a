"""The page of the four questions says whom it covers, and what a small publication with known figures answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from include.settings import REPOSITORY
from local.pages.four_questions import TABLES, render

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Publish = Callable[[Rows], Path]
GOLD = REPOSITORY / "include" / "dbt_healthcare" / "models" / "gold"
QUARTER = "2023Q2"
MONTHS = ("2023-04-01", "2023-05-01", "2023-06-01")


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Writes these rows as published tables; columns and types are those of gold, what a row leaves out is unknown."""

    def write(tables: Rows) -> Path:
        with duckdb.connect() as connection:
            for table in TABLES:
                (model,) = yaml.safe_load((GOLD / f"{table}.yml").read_text(encoding="utf-8"))["models"]
                columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
                connection.execute(f"create table {table} ({columns})")
                for row in tables.get(table, ()):
                    names, marks = ", ".join(row), ", ".join("?" * len(row))
                    connection.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))
                connection.execute(f"copy {table} to '{tmp_path / table}.parquet' (format parquet)")
        return tmp_path

    return write


def _states(states: Sequence[str], facilities: int) -> list[dict[str, Any]]:
    rows = [(state, facilities) for state in states] + [("US", facilities * len(states))]
    return [
        {"state": state, "quarter": QUARTER, "facilities": count, "total_nurse_hprd": 3.25, "rn_hprd": 0.5}
        for state, count in rows
    ]


def _facilities(count: int, name: str = "HOME") -> list[dict[str, Any]]:
    return [{"ccn": f"{number:06}", "provider_name": f"{name} {number}", "is_active": True} for number in range(count)]


def test_part_of_the_nation_is_never_called_the_nation(publish: Publish) -> None:
    page = render(publish({"kpi_hprd_by_state_quarter": _states(["RI"], 75), "facilities": _facilities(75)}))
    assert "Covers 75 facilities of 1 state; the newest quarter is 2023Q2." in page
    assert "Nothing below speaks for the nation." in page
    assert "the nation (" not in page


def test_nation_is_said_where_every_state_and_as_many_facilities_as_cms_lists_are_there(publish: Publish) -> None:
    states = [f"S{number}" for number in range(52)]
    whole = {"kpi_hprd_by_state_quarter": _states(states, 10), "facilities": _facilities(530)}
    assert "Covers the nation (520 facilities of 52 states)" in render(publish(whole))


def test_states_of_which_facilities_are_missing_are_not_the_nation(publish: Publish) -> None:
    states = [f"S{number}" for number in range(52)]
    half = {"kpi_hprd_by_state_quarter": _states(states, 10), "facilities": _facilities(1000)}
    assert "Covers 520 facilities of 52 states;" in render(publish(half))


def test_invented_facilities_are_called_a_sample(publish: Publish) -> None:
    named = _facilities(6, "OAK RETIREMENT VILLAGE OF HAVENPORT")
    page = render(publish({"kpi_hprd_by_state_quarter": _states(["RI"], 6), "facilities": named}))
    assert "**Sample data.**" in page
    assert "6 invented facilities of 1 state" in page


def test_highest_proxies_are_ratios_of_sums_in_order_and_named_proxies(publish: Publish) -> None:
    def months(ccn: str, name: str, contract: Sequence[float], hours: Sequence[float]) -> list[dict[str, Any]]:
        return [
            {
                "ccn": ccn, "provider_name": name, "state": "RI", "month": month, "quarter": QUARTER,
                "contract_hours": bought, "total_nurse_hours": worked, "surge_hours": 0.0,
            }
            for month, bought, worked in zip(MONTHS, contract, hours, strict=True)
        ]  # fmt: skip

    rows = [
        *months("415001", "FEW | HOURS", (100, 100, 100), (100, 100, 100)),
        *months("415002", "SECOND", (1000, 0, 0), (4000, 3000, 3000)),
        *months("415003", "[FIRST]", (0, 0, 2000), (1000, 1000, 8000)),
    ]
    page = render(publish({"kpi_hprd_by_state_quarter": _states(["RI"], 3), "kpi_overtime_proxy_by_facility_month": rows}))
    first, second = (page.index(line) for line in (r"| \[FIRST\] | 415003 | RI | 20.0 %", "| SECOND | 415002 | RI | 10.0 %"))
    assert first < second
    assert "415001" not in page
    assert "No public file holds overtime." in page


def test_hours_that_follow_the_census_a_month_later_are_seen_at_that_lag(publish: Publish) -> None:
    throughput, staffing = [], []
    for number in range(40):
        census = (50.0, 50.0 + number, 50.0 + number, 50.0 + number)
        for month, residents, before in zip(("2023-03-01", *MONTHS), census, (50.0, *census), strict=False):
            key = {"ccn": f"{number:06}", "month": month, "quarter": QUARTER}
            throughput.append({**key, "average_daily_census": residents, "days": 30, "resident_days": residents * 30})
            staffing.append({**key, "total_nurse_hours": before * 100, "total_nurse_hprd": 3.3})
    tables = {
        "kpi_hprd_by_state_quarter": _states(["RI"], 40),
        "kpi_resident_throughput_by_facility_month": throughput,
        "kpi_hprd_by_facility_month": staffing,
    }
    page = render(publish(tables))
    lines = [line for line in page.splitlines() if "in the same month" in line or "1 month later" in line]
    same, later = (float(line.split("|")[2]) for line in lines)
    assert later > 0.5 > abs(same)


def test_nothing_is_answered_without_a_quarter(publish: Publish) -> None:
    assert "No PBJ quarter is published yet" in render(publish({}))


def test_home_without_a_publication_is_named_with_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.pages.four_questions", "--home", str(tmp_path)]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert f"{tmp_path} holds no publication. Make one: make run" in ended.stderr


def test_publication_of_a_home_is_printed(publish: Publish, tmp_path: Path) -> None:
    gold = publish({"kpi_hprd_by_state_quarter": _states(["RI"], 75)})
    (tmp_path / "home" / "published").mkdir(parents=True)
    (tmp_path / "home" / "published" / "current").symlink_to(gold)
    command = [sys.executable, "-m", "local.pages.four_questions", "--home", str(tmp_path / "home")]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ended.stdout == render(gold)
