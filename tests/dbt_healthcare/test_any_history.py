"""Files in any order, with gaps, restatements, late and forgotten ones: run after run, the tables are those of a full refresh.

One history is a handful of dbt runs, so `make test` tries a few; HISTORY_EXAMPLES=50 tries as many as there is time for.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, example, given, settings
from hypothesis import strategies as st

from tests.dbt_healthcare.conftest import LONG_AGO, Warehouse, failures
from tests.dbt_healthcare.test_pbj_republication import PBJ, day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

EXAMPLES = os.environ.get("HISTORY_EXAMPLES")
PERIODS = {
    PBJ: ("2017Q2", "2021Q4", "2024Q1", "2024Q2"),
    "nh_provider_info": ("2024-04", "2024-07", "2024-10", "2025-07"),
    "nh_covid_vax_provider": ("2022-01-30", "2022-09-25", "2024-10-27"),
    "nh_penalties": ("2024-10", "2025-02"),
}
CCNS = ("015009", "015010", "26A490", "415002")
TABLES = {
    "silver": (
        "fct_daily_nurse_staffing", "fct_monthly_nurse_staffing", "surge_hours_by_month", "fct_provider_snapshot",
        "fct_covid_vaccination", "fct_penalties", "dim_provider", "dim_facility", "excluded_rows",
    ),
    "gold": (
        "kpi_nurse_hours_by_state_month", "kpi_hprd_by_facility_month", "kpi_hprd_by_state_quarter",
        "kpi_contract_staffing_by_facility_month", "kpi_contract_staffing_by_state_quarter",
        "kpi_overtime_proxy_by_facility_month", "kpi_resident_throughput_by_facility_month", "kpi_turnover_by_facility",
        "kpi_turnover_by_state", "kpi_ratings_by_facility", "kpi_rating_trend_by_state",
        "kpi_staff_vaccination_by_facility", "kpi_staff_vaccination_by_state",
        "staffing_by_type_quarter", "staffing_occupancy_by_state_month", "restatements", "data_reconciliation",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Publish:
    """A file comes: `hour` is when it was modified, whatever the order in which files come; `figures`: one a facility."""

    family: str
    period: int
    hour: int
    figures: dict[str, int]
    has_repeat: bool = False


@dataclass(frozen=True)
class Touch:
    """An older content is back in the folder: of the file that is loaded already only the date changes."""

    file: int
    hour: int


@dataclass(frozen=True)
class Forget:
    """Somebody takes a file out of the warehouse."""

    file: int


Event = Publish | Touch | Forget
HOURS = st.integers(0, 5)
FIGURES = st.dictionaries(st.sampled_from(CCNS), st.integers(0, 9), min_size=1)
PUBLICATIONS = st.builds(
    Publish, st.sampled_from(list(PERIODS)), st.integers(0, 3), HOURS, FIGURES, st.booleans()
)  # periods repeat: the fourth of three is the first
EVENTS: st.SearchStrategy[Event] = st.one_of(
    PUBLICATIONS, PUBLICATIONS, PUBLICATIONS, st.builds(Touch, st.integers(0, 9), HOURS), st.builds(Forget, st.integers(0, 9))
)
HISTORIES = st.lists(st.lists(EVENTS, min_size=1, max_size=6), min_size=2, max_size=3)

EVERYTHING_AT_ONCE: list[list[Event]] = [
    [
        Publish(PBJ, 3, 2, {"015009": 4, "26A490": 0}),
        Publish(PBJ, 0, 2, {"015009": 4}),
        Publish("nh_provider_info", 2, 1, {"015009": 3}),
    ],
    [
        Publish(PBJ, 3, 1, {"015009": 9}),  # late: an older publication than the one that speaks
        Publish(PBJ, 1, 3, {"015009": 5, "415002": 2}, has_repeat=True),
        Publish("nh_provider_info", 0, 1, {"015009": 5, "015010": 1}),  # out of order, and followed by a gap
        Publish("nh_covid_vax_provider", 1, 1, {"015009": 5}),
    ],
    [
        Publish(PBJ, 3, 2, {"015009": 4, "26A490": 1}),  # restated, and modified at the same time
        Touch(1, 5),
        Forget(2),
        Publish("nh_provider_info", 0, 2, {"015009": 4}),
        Publish("nh_penalties", 0, 1, {"015009": 3}),
    ],
]


@dataclass
class History:
    """A warehouse and the files that were loaded into it, in the order in which they came."""

    warehouse: Warehouse
    files: list[tuple[str, str]] = field(default_factory=list)

    def happen(self, what: Event) -> None:
        event(type(what).__name__)
        if isinstance(what, Publish):
            md5 = self.warehouse.add_rows(what.family, period_of(what), rows_of(what))
            self._modified(md5, what.hour)
            self.files.append((md5, what.family))
        elif self.files:
            md5, family = self.files[what.file % len(self.files)]
            if isinstance(what, Touch):
                self._modified(md5, what.hour)
            else:
                self.files.remove((md5, family))
                for table, column in ((family, "_file_md5"), ("load_ledger", "file_md5")):
                    self.warehouse.execute(f"delete from bronze.{table} where {column} = '{md5}'")

    def _modified(self, md5: str, hour: int) -> None:
        when = LONG_AGO + timedelta(hours=hour)
        self.warehouse.execute(f"update bronze.load_ledger set modified_at = '{when}' where file_md5 = '{md5}'")


def period_of(file: Publish) -> str:
    periods = PERIODS[file.family]
    return periods[file.period % len(periods)]


def rows_of(file: Publish) -> list[dict[str, str]]:
    period = period_of(file)
    rows = [row for ccn, figure in file.figures.items() for row in ROWS[file.family](ccn, period, figure)]
    return rows + rows[:1] if file.has_repeat else rows


def staffing(ccn: str, quarter: str, figure: int) -> list[dict[str, str]]:
    """A day in two months of the quarter; a facility may change its state, and have no residents."""
    year, month = quarter[:4], 3 * int(quarter[-1])
    aides = {"med_aide_hours": "9", "med_aide_employee_hours": str(figure), "med_aide_contract_hours": "9", "incomplete": "Y"}
    place = {"state": "AL" if figure < 8 else "RI", "provider_name": f"HOME {figure // 3}"}
    return [
        day(ccn, f"{year}{at:02d}0{figure + 1 - figure // 9}", figure, figure / 3) | aides | place for at in (month - 2, month)
    ]


def provider(ccn: str, month: str, figure: int) -> list[dict[str, str]]:
    described = {"provider_name": f"HOME {figure // 3}", "state": "AL", "certified_beds": str(40 + 10 * (figure // 2))}
    measured = {"overall_rating": str(1 + figure % 5), "total_nursing_turnover_pct": str(figure * 1.1)}
    return [{"ccn": ccn, "processing_date": f"{month}-01", "ownership_type": "For profit - Corporation"} | described | measured]


def vaccination(ccn: str, date: str, figure: int) -> list[dict[str, str]]:
    rate = str(figure * 1.1) if figure else "Not Available"
    return [{"ccn": ccn, "state": "AL", "as_of_date": date, "staff_up_to_date_pct": rate, "residents_up_to_date_pct": "9.9"}]


def penalties(ccn: str, month: str, figure: int) -> list[dict[str, str]]:
    fine = {"penalty_type": "Fine", "fine_amount_usd": f"${figure},000.00"}
    return [{"ccn": ccn, "state": "AL", "penalty_date": "2024-01-02", "processing_date": f"{month}-01"} | fine]


ROWS: dict[str, Callable[[str, str, int], list[dict[str, str]]]] = {
    PBJ: staffing,
    "nh_provider_info": provider,
    "nh_covid_vax_provider": vaccination,
    "nh_penalties": penalties,
}


def run(warehouse: Warehouse, *options: str) -> None:
    result = warehouse.dbt("run", *(table for tables in TABLES.values() for table in tables), options=options)
    assert result.success, failures(result)


def contents(warehouse: Warehouse) -> dict[str, list[str]]:
    """Every row of every table, as text to the last digit; the order of the columns does not matter, that of the rows neither."""
    return {
        table: sorted(repr(sorted(row.items())) for row in warehouse.rows(f"select * from {schema}.{table}"))
        for schema, tables in TABLES.items()
        for table in tables
    }


@pytest.fixture(scope="module")
def seeded(copy_of_empty_warehouse: Callable[[], Warehouse]) -> Warehouse:
    warehouse = copy_of_empty_warehouse()
    assert warehouse.dbt("seed").success
    run(warehouse)
    warehouse.execute("checkpoint")
    return warehouse


def copy_of(warehouse: Warehouse, home: Path) -> Warehouse:
    home.mkdir()
    warehouse.execute("checkpoint")
    shutil.copy(warehouse.home / "warehouse.duckdb", home)
    return Warehouse(home, warehouse.runner)


@settings(
    max_examples=int(EXAMPLES or 2),
    derandomize=EXAMPLES is None,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # a smaller history would take minutes to find
    suppress_health_check=list(HealthCheck),
)
@example(rounds=EVERYTHING_AT_ONCE)
@given(rounds=HISTORIES)
def test_tables_after_any_history_are_those_of_a_full_refresh(
    rounds: Sequence[Sequence[Event]], seeded: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("history")
    history = History(copy_of(seeded, folder / "step_by_step"))
    for events in rounds:
        for what in events:
            history.happen(what)
        run(history.warehouse)
    at_once = copy_of(history.warehouse, folder / "at_once")
    run(at_once, "--full-refresh")
    step_by_step, refreshed = contents(history.warehouse), contents(at_once)
    for table, rows in refreshed.items():
        assert step_by_step[table] == rows, table
    shutil.rmtree(folder)
