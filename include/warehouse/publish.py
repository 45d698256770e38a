"""Publishes gold: the dashboard sees all tables of one refresh, and the last good one until then.

DuckDB: every gold table as Parquet in a version folder of its own, then one atomic swap of `current`; the dashboard never
opens the pipeline's warehouse. Snowflake: a copy of gold in the schema `published`, replaced in one transaction.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from include.settings import Settings
from include.warehouse.dbt_runs import turn_at_the_warehouse
from include.warehouse.errors import GoldOutdatedError
from include.warehouse.operations import read_rows, read_warehouse, run_operation

_KEPT_VERSIONS = 3
_FILTERS = ("state", "ccn", "quarter", "month")
_VERSION = "%Y%m%dT%H%M%S%fZ"
MANIFEST = "manifest.json"


def gold_fingerprint(settings: Settings) -> str:
    """Changes with the files in the ledger and with the dbt project: equal means gold would come out the same."""
    with turn_at_the_warehouse(settings):
        return _fingerprint(settings)


def _fingerprint(settings: Settings) -> str:
    project, files = (hashlib.md5(usedforsecurity=False) for _ in range(2))
    for path in sorted(_dbt_sources(settings.dbt_dir)):
        project.update(path.read_bytes())
    for row in read_rows(settings, "select file_md5, modified_at, columns_mapped from bronze.load_ledger order by 1, 2"):
        files.update(" ".join(map(str, row)).encode())
    return f"{project.hexdigest()}-{files.hexdigest()}"


def _same_files(one: str, other: str) -> bool:
    return one.rpartition("-")[2] == other.rpartition("-")[2]


def is_published(settings: Settings) -> bool:
    """Whether what is published was built from the very files and models of now."""
    manifest = read_manifest(settings)
    return bool(manifest) and _has_gold(settings, manifest["rows"]) and manifest["fingerprint"] == gold_fingerprint(settings)


def _has_gold(settings: Settings, tables: Collection[str]) -> bool:
    """Not when somebody has deleted the warehouse, or killed a rebuild of it."""
    if settings.dbt_target != "duckdb":
        return True
    if not settings.warehouse_path.exists():
        return False
    with turn_at_the_warehouse(settings):
        found = read_rows(settings, "select table_name from information_schema.tables where table_schema = 'gold'")
    return set(tables) <= {table for (table,) in found}


def read_manifest(settings: Settings) -> dict[str, Any]:
    """What is published now; empty when nothing is."""
    if settings.dbt_target == "snowflake":
        found = read_rows(settings, "{{ current_publication() }}")
        return json.loads(found[0][0]) if found else {}
    path = settings.published_dir / "current" / MANIFEST
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return manifest


def publish_gold(settings: Settings, run_id: str, built_from: str | None = None) -> dict[str, int]:
    """Makes gold as it is now the current publication; returns rows by table.

    `built_from` is the fingerprint when the run began to build gold. Raises GoldOutdatedError when the ledger has other files by
    now: gold then lacks them, or a run is just building it. A model that was fixed meanwhile is no reason, it is why somebody
    has cleared this run; but gold still counts as built from the former project, so that the next run builds all of it again.
    """
    published_at = datetime.now(UTC)
    manifest: dict[str, Any] = {"published_at": published_at.isoformat(), "run_id": run_id}
    with turn_at_the_warehouse(settings):
        now = _fingerprint(settings)
        manifest["fingerprint"] = built_from or now
        if not _same_files(manifest["fingerprint"], now):
            raise GoldOutdatedError
        manifest["version"] = _next_version(settings, published_at)
        if settings.dbt_target == "snowflake":
            run_operation(settings, "publish_gold", manifest=manifest)
        else:
            _publish_files(settings, manifest)
        rows: dict[str, int] = read_manifest(settings)["rows"]
    return rows


def _next_version(settings: Settings, published_at: datetime) -> str:
    """Named by the time, and behind every version that is there: this machine's clock may be slower than that of the last run."""
    names = [path.name for path in _versions(settings.published_dir)]
    newest = datetime.strptime(names[-1], _VERSION).replace(tzinfo=UTC) if names else published_at
    return max(published_at, newest + timedelta(microseconds=1) if names else newest).strftime(_VERSION)


def _versions(published_dir: Path) -> list[Path]:
    """Whole ones, oldest first."""
    return sorted(path for path in (published_dir / "versions").glob("*") if not path.name.startswith("."))


def _publish_files(settings: Settings, manifest: dict[str, Any]) -> None:
    """A version carries its name when it is whole; what a killed publication left behind goes first."""
    versions = settings.published_dir / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    _drop_leftovers(settings.published_dir)
    folder = versions / f".{manifest['version']}"
    folder.mkdir()
    rows = _export_gold(settings, folder)
    (folder / MANIFEST).write_text(json.dumps({**manifest, "rows": rows}, indent=2), encoding="utf-8")
    folder.rename(versions / manifest["version"])
    _make_current(settings.published_dir, manifest["version"])
    _drop_old_versions(settings.published_dir)


def _drop_leftovers(published_dir: Path) -> None:
    for link in published_dir.glob(".current-*"):
        link.unlink()
    for folder in (published_dir / "versions").glob(".*"):
        shutil.rmtree(folder)


def _dbt_sources(dbt_dir: Path) -> list[Path]:
    folders = ("models", "macros", "seeds")
    return [path for folder in folders for path in (dbt_dir / folder).rglob("*") if path.suffix in {".sql", ".csv"}]


def _export_gold(settings: Settings, folder: Path) -> dict[str, int]:
    rows: dict[str, int] = {}
    with read_warehouse(settings) as warehouse:
        tables = warehouse.execute(
            "select table_name, list(column_name order by ordinal_position) from information_schema.columns"
            " where table_schema = 'gold' group by 1 order by 1"
        ).fetchall()
        for table, columns in tables:
            path = str(folder / f"{table}.parquet").replace("'", "''")
            ordered = f'select * from gold."{table}" order by {_sort_key(columns)}'
            (written,) = warehouse.execute(f"copy ({ordered}) to '{path}' (format parquet, compression zstd)").fetchone()
            rows[table] = written
    return rows


def _sort_key(columns: Sequence[str]) -> str:
    """First what the dashboard filters by, so that Parquet's statistics skip the rest; then all else: same rows, same bytes."""
    filters = [column for column in _FILTERS if column in columns]
    return ", ".join(f'"{column}"' for column in [*filters, *(column for column in columns if column not in filters)])


def _make_current(published_dir: Path, version: str) -> None:
    link = published_dir / f".current-{version}"
    link.symlink_to(Path("versions") / version)
    os.replace(link, published_dir / "current")  # noqa: PTH105 - replaces the link itself, never what it points at


def _drop_old_versions(published_dir: Path) -> None:
    """Readers that opened an older version a moment ago still find it."""
    for folder in _versions(published_dir)[:-_KEPT_VERSIONS]:
        shutil.rmtree(folder)
