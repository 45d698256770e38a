"""A published gold folder of any size, made in seconds without the pipeline: for page tests (tens of facilities) and for
measuring (14,600 facilities, 12 quarters, 12 vintages).

Run `python tests/dashboard/national_gold.py <folder>` for the national size. Figures are invented, seeded and plausible;
every state row is computed from facility rows, as in gold itself.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

PUBLISHED_AT = "2024-11-01T06:30:00+00:00"


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


def _write_tables(folder: Path, size: Size) -> dict[str, int]:
    database = duckdb.connect()
    for name, value in asdict(size).items():
        database.execute(f"set variable {name} = {value}")
    database.execute((Path(__file__).parent / "national_gold.sql").read_text(encoding="utf-8"))
    rows = {}
    for (table,) in database.execute(
        "select table_name from duckdb_tables() where table_name not like '!_%' escape '!'"
    ).fetchall():
        database.execute(f"copy {table} to '{folder / table}.parquet' (format parquet, compression zstd)")
        ((rows[table],),) = database.execute(f"select count(*) from {table}").fetchall()
    database.close()
    return rows


def make_current(home: Path, version: str) -> Path:
    """The pipeline's atomic swap."""
    current = home / "published" / "current"
    link = home / "published" / f".current-{version}"
    link.symlink_to(Path("versions") / version)
    os.replace(link, current)  # noqa: PTH105 - replaces the link, not what it points at
    return current


if __name__ == "__main__":
    sys.stdout.write(f"{publish(Path(sys.argv[1]), NATIONAL)}\n")
