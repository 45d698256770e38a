"""The whole main job on real CMS files, as `make run` does it. The tests build on one another and run in order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from include.contracts.families import FAMILY_NAMES
from local.processes import processes_of
from tests.end_to_end.conftest import Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

RHODE_ISLAND = "PBJ_Daily_Nurse_Staffing_Q2_2023.csv"
GOLD_TABLES = {
    "kpi_nurse_hours_by_state_month",
    "kpi_hprd_by_facility_month",
    "kpi_hprd_by_state_quarter",
    "kpi_contract_staffing_by_facility_month",
    "kpi_contract_staffing_by_state_quarter",
    "kpi_overtime_proxy_by_facility_month",
    "kpi_turnover_by_state",
    "kpi_staff_vaccination_by_state",
    "kpi_resident_throughput_by_facility_month",
    "kpi_readmissions_by_facility",
    "kpi_readmissions_by_state",
    "kpi_rating_trend_by_state",
    "kpi_ratings_by_facility",
    "kpi_incidents_by_facility",
    "kpi_incidents_by_state",
    "data_reconciliation",
}
BAD_FILES = {
    "holiday_rota.csv": (b"name,day\nann,1\n", "unknown_family"),
    "NH_Penalties_Oct2024.csv": (b"", "empty_file"),
    "NH_Ownership_Oct2024.csv": (b"\x00\x01\x02\x03" * 500, "not_csv"),
    "NH_SurveyDates_Oct2024.csv": (
        b"CMS Certification Number (CCN),Survey Date,Type of Survey,Survey Cycle,Processing Date\n",
        "header_only",
    ),
    "NH_CovidVaxAverages_20241208.csv": (b"State,Percent of staff\nUS,5\n", "missing_columns"),
}


@pytest.fixture(scope="module", autouse=True)
def _real_files(cms_files: Path) -> None:
    """All tests of this module need the genuine CMS files."""


def test_one_pbj_file_alone_gives_green_run_and_every_gold_table(home: Home, cms_files: Path) -> None:
    shutil.copy(cms_files / "pbj" / RHODE_ISLAND, home.rawdata)

    done = home.run()

    assert done.returncode == 0, done.stdout
    assert "GREEN" in done.stdout
    assert set(home.manifest()["rows"]) >= GOLD_TABLES
    assert home.published("kpi_turnover_by_state") == []
    tables = {name for (name,) in home.query("select table_name from information_schema.tables where table_schema = 'bronze'")}
    assert tables >= {*FAMILY_NAMES, "load_ledger", "rejected_rows"}


def test_rhode_island_comes_out_as_published(home: Home) -> None:
    (state,) = [row for row in home.published("kpi_hprd_by_state_quarter") if row["state"] == "RI"]
    (contract,) = [row for row in home.published("kpi_contract_staffing_by_state_quarter") if row["state"] == "RI"]

    assert (state["quarter"], state["facilities"], state["resident_days"]) == ("2023Q2", 75, 625_246)
    assert state["total_nurse_hours"] == pytest.approx(2_301_390.54, abs=1e-6)
    assert state["total_nurse_hprd"] == pytest.approx(3.680776, abs=5e-7)
    assert contract["contract_share_pct"] == pytest.approx(11.495034, abs=5e-7)


def test_good_files_are_loaded_and_bad_ones_named_when_both_come_at_once(home: Home, cms_files: Path) -> None:
    for path in cms_files.glob("*/*.csv"):
        shutil.copy(path, home.rawdata)
    for name, (content, _) in BAD_FILES.items():
        (home.rawdata / name).write_bytes(content)

    done = home.run()

    assert done.returncode == 1
    for name, (_, code) in BAD_FILES.items():
        assert f"quarantined file {name} ({code}): " in done.stdout
        assert sum(name in line for line in done.stdout.splitlines()) >= 2, "the task that refused it and the summary name it"
    loaded = {name for (name,) in home.query("select file_name from bronze.load_ledger")}
    assert loaded == {path.name for path in cms_files.glob("*/*.csv")}


def test_every_row_of_every_file_is_accounted_for(home: Home, cms_files: Path) -> None:
    rows = home.published("data_reconciliation")

    assert len(rows) == len(list(cms_files.glob("*/*.csv")))
    assert [row["file_name"] for row in rows if not row["balanced"]] == []
    assert all(row["rows_in_file"] == row["rows_in_bronze"] + row["rows_rejected"] for row in rows)


def test_second_run_with_nothing_new_writes_nothing(home: Home, cms_files: Path) -> None:
    for name in BAD_FILES:
        (home.rawdata / name).unlink()
    version = home.manifest()["version"]
    warehouse = (home.home / "warehouse.duckdb").stat().st_mtime_ns
    assert processes_of(home.home) == [], "a run leaves nothing running"

    done = home.run()

    assert done.returncode == 0, done.stdout
    assert f"{len(list(cms_files.glob('*/*.csv')))} unchanged" in done.stdout
    assert home.manifest()["version"] == version
    assert (home.home / "warehouse.duckdb").stat().st_mtime_ns == warehouse


def test_no_run_is_left_under_way(home: Home) -> None:
    """`rebuild` waits for runs, and Airflow's UI would show them going on."""
    assert set(home.run_states()) == {"success", "failed"}


def test_corrected_file_under_the_same_name_replaces_its_period(home: Home) -> None:
    path = home.rawdata / RHODE_ISLAND
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(b"415002")))

    done = home.run()

    assert done.returncode == 0, done.stdout
    (state,) = [row for row in home.published("kpi_hprd_by_state_quarter") if row["state"] == "RI"]
    assert state["facilities"] == 74
    superseded = [row for row in home.published("data_reconciliation") if row["file_name"] == RHODE_ISLAND]
    assert sorted(row["rows_in_silver"] for row in superseded) == [0, 6_734]
    assert all(row["balanced"] for row in superseded)
