"""Publishing gold: a swap that readers never notice but for the figures."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from include.settings import Settings
from include.warehouse.dbt_runs import turn_at_the_warehouse
from include.warehouse.errors import GoldOutdatedError
from include.warehouse.operations import read_warehouse
from include.warehouse.publish import MANIFEST, gold_fingerprint, is_published, publish_gold, read_manifest

TABLES = ("facilities", "kpi_hprd_by_state_quarter", "kpi_turnover_by_state")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A warehouse whose gold tables all hold the figure 0."""
    settings = Settings(healthcare_home=tmp_path)
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        warehouse.execute("create schema bronze; create schema gold; create schema silver")
        warehouse.execute(
            "create table bronze.load_ledger (file_md5 varchar, modified_at timestamp, columns_mapped bigint);"
            "create table silver.fct (x int)"
        )
        for table in TABLES:
            warehouse.execute(f"create table gold.{table} as select 0 as figure from range(1000)")
    return settings


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models of a dbt project that a test may change."""
    folder = tmp_path / "dbt" / "models"
    folder.mkdir(parents=True)
    (folder / "a.sql").write_text("select 1")
    monkeypatch.setattr(Settings, "dbt_dir", property(lambda _: folder.parent))
    return folder


def write(settings: Settings, *statements: str) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        for statement in statements:
            warehouse.execute(statement)


def set_figures(settings: Settings, figure: int) -> None:
    write(settings, *(f"update gold.{table} set figure = {figure}" for table in TABLES))


def figures(folder: Path) -> set[int]:
    return {value for table in TABLES for value in pq.read_table(folder / f"{table}.parquet")["figure"].to_pylist()}


def test_every_gold_table_and_nothing_else_is_published(home: Settings) -> None:
    rows = publish_gold(home, "run-1")
    assert rows == dict.fromkeys(TABLES, 1000)
    current = home.published_dir / "current"
    assert {path.name for path in current.iterdir()} == {MANIFEST, *(f"{table}.parquet" for table in TABLES)}
    assert figures(current) == {0}


def test_manifest_tells_run_rows_and_version(home: Settings) -> None:
    assert read_manifest(home) == {}
    publish_gold(home, "run-1")
    manifest = read_manifest(home)
    assert (manifest["run_id"], manifest["rows"]) == ("run-1", dict.fromkeys(TABLES, 1000))
    assert (home.published_dir / "current").resolve().name == manifest["version"]


def test_empty_gold_table_is_published_with_its_columns(home: Settings) -> None:
    write(home, "delete from gold.facilities")
    assert publish_gold(home, "run-1")["facilities"] == 0
    assert pq.read_schema(home.published_dir / "current" / "facilities.parquet").names == ["figure"]


def test_published_rows_are_sorted_by_what_the_dashboard_filters_by_and_always_the_same_way(home: Settings) -> None:
    rows = [(f"{number:06}", state, number % 3) for number in range(50) for state in ("RI", "AK")]
    published = []
    for order in (rows, rows[::-1]):
        write(home, "create or replace table gold.facilities (ccn varchar, state varchar, beds int)")
        write(home, f"insert into gold.facilities values {', '.join(map(str, order))}")
        publish_gold(home, "run-1")
        published.append((home.published_dir / "current" / "facilities.parquet").read_bytes())
    assert published[0] == published[1]
    table = pq.read_table(home.published_dir / "current" / "facilities.parquet")
    assert table.column_names == ["ccn", "state", "beds"]
    assert [(row["ccn"], row["state"], row["beds"]) for row in table.to_pylist()] == sorted(rows, key=lambda row: row[1::-1])


def test_readers_never_see_an_error_or_a_mixed_version_during_20_swaps(home: Settings) -> None:
    publish_gold(home, "run-0")
    current, over = home.published_dir / "current", threading.Event()
    seen: list[set[int]] = []
    failures: list[Exception] = []

    def poll() -> None:
        while not over.wait(0.002):
            try:
                version = current.resolve(strict=True)  # a reader settles on one version, then reads all of it
                found = figures(version) | {json.loads((version / MANIFEST).read_text())["run_id"].removeprefix("run-")}
                seen.append({int(figure) for figure in found})
            except Exception as error:  # noqa: BLE001 - any error at all is the finding
                failures.append(error)

    def poll_one_table() -> None:
        while not over.wait(0.002):
            try:
                pq.read_table(current / "facilities.parquet")
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    readers = [threading.Thread(target=target) for target in (poll, poll, poll_one_table)]
    for reader in readers:
        reader.start()
    for number in range(1, 21):
        set_figures(home, number)
        publish_gold(home, f"run-{number}")
    over.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert all(len(version) == 1 for version in seen)
    assert len({min(version) for version in seen}) > 5


def test_old_versions_are_pruned_and_the_current_one_is_kept(home: Settings) -> None:
    for number in range(5):
        publish_gold(home, f"run-{number}")
    versions = sorted((home.published_dir / "versions").iterdir())
    assert len(versions) == 3
    assert (home.published_dir / "current").resolve() == versions[-1]
    assert {path.name for path in home.published_dir.iterdir()} == {"versions", "current"}


def test_version_made_with_a_clock_an_hour_behind_is_the_newest_all_the_same(home: Settings) -> None:
    """Else it would be pruned as the oldest, and readers would find nothing."""
    versions = home.published_dir / "versions"
    for hour in (1, 2, 3):
        (versions / f"29990101T0{hour}0000000000Z").mkdir(parents=True)
    publish_gold(home, "run-1")
    current = (home.published_dir / "current").resolve(strict=True)
    assert current == max(versions.iterdir())
    assert figures(current) == {0}


def test_what_a_killed_publication_left_behind_goes_and_counts_for_no_version(home: Settings) -> None:
    publish_gold(home, "run-1")
    killed = home.published_dir / "versions" / ".20240101T000000000000Z"
    killed.mkdir()
    (killed / "facilities.parquet").touch()
    (home.published_dir / ".current-20240101T000000000000Z").symlink_to("versions/20240101T000000000000Z")
    publish_gold(home, "run-2")
    assert {path.name for path in home.published_dir.iterdir()} == {"versions", "current"}
    assert len(list((home.published_dir / "versions").iterdir())) == 2


def test_gold_is_not_published_when_files_were_loaded_since_the_run_began_to_build_it(home: Settings) -> None:
    """The manifest would say that gold has them, and no later run would build it again."""
    built_from = gold_fingerprint(home)
    publish_gold(home, "run-1", built_from)
    write(home, "insert into bronze.load_ledger values ('md5', '2024-10-01', 13)")
    with pytest.raises(GoldOutdatedError):
        publish_gold(home, "run-1", built_from)
    assert not is_published(home)
    assert read_manifest(home)["fingerprint"] == built_from


def test_gold_of_a_model_that_was_mended_in_the_run_is_published_and_built_anew_by_the_next_run(
    home: Settings, models: Path
) -> None:
    """Only what was red has run with the fixed project."""
    built_from = gold_fingerprint(home)
    (models / "a.sql").write_text("select 2")
    publish_gold(home, "run-1", built_from)
    assert read_manifest(home)["run_id"] == "run-1"
    assert not is_published(home)


def test_publication_waits_for_the_one_that_writes_the_warehouse(home: Settings) -> None:
    with ThreadPoolExecutor(1) as pool:
        with turn_at_the_warehouse(home):
            publishing = pool.submit(publish_gold, home, "run-1")
            with duckdb.connect(str(home.warehouse_path)) as warehouse:
                warehouse.execute("update gold.facilities set figure = 7")
                assert not wait([publishing], timeout=0.5).done
        assert publishing.result(timeout=60) == dict.fromkeys(TABLES, 1000)


def test_last_good_version_stays_when_publishing_fails(home: Settings) -> None:
    publish_gold(home, "run-1")
    write(home, "create view gold.broken as select 1 / x from silver.fct")
    write(home, "drop table silver.fct")
    with pytest.raises(duckdb.Error):
        publish_gold(home, "run-2")
    assert read_manifest(home)["run_id"] == "run-1"
    assert figures(home.published_dir / "current") == {0}


def test_gold_is_stale_after_a_new_file_and_a_changed_model(home: Settings, models: Path) -> None:
    assert not is_published(home)
    publish_gold(home, "run-1")
    assert is_published(home)
    write(home, "insert into bronze.load_ledger values ('md5', '2024-10-01', 13)")
    assert not is_published(home)
    publish_gold(home, "run-2")
    assert is_published(home)
    (models / "a.sql").write_text("select 2")
    assert not is_published(home)


def test_what_is_published_of_a_table_that_a_killed_rebuild_has_dropped_is_stale(home: Settings) -> None:
    publish_gold(home, "run-1")
    write(home, "drop table gold.facilities")
    assert not is_published(home)


def test_what_is_published_without_a_warehouse_is_stale(home: Settings) -> None:
    publish_gold(home, "run-1")
    home.warehouse_path.unlink()
    assert not is_published(home)


def test_apostrophe_in_the_home_is_no_trouble(home: Settings, tmp_path: Path) -> None:
    other = Settings(healthcare_home=tmp_path / "Anna's home")
    other.healthcare_home.mkdir()
    shutil.copy(home.warehouse_path, other.warehouse_path)
    assert publish_gold(other, "run-1") == dict.fromkeys(TABLES, 1000)


def test_warehouse_is_opened_for_reading_only(home: Settings) -> None:
    with read_warehouse(home) as warehouse, pytest.raises(duckdb.Error, match="read-only"):
        warehouse.execute("create table gold.x (y int)")
