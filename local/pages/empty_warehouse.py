"""Builds every table of the dbt project without a row, and has dbt say what it has built.

`python -m local.pages.empty_warehouse FOLDER` leaves `manifest.json` and `catalog.json` in the folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).parents[2] / "include" / "dbt_healthcare"
COMMANDS = (
    ["run-operation", "copy_all_bronze_tables"],
    ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"],
    ["docs", "generate", "--no-compile"],
)


def build(folder: Path) -> bool:
    """Whether every command of dbt succeeded."""
    os.environ.update(HEALTHCARE_HOME=str(folder), DBT_TARGET="duckdb")  # profiles.yml reads them
    where = [
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROJECT),
        "--target-path",
        str(folder),
        "--log-path",
        str(folder),
    ]
    parsed = dbtRunner().invoke(["--quiet", "parse", *where])
    runner = dbtRunner(manifest=parsed.result)  # type: ignore[arg-type]  # of `parse` it is the manifest
    return bool(parsed.success) and all(runner.invoke(["--quiet", *command, *where]).success for command in COMMANDS)


if __name__ == "__main__":
    raise SystemExit(0 if build(Path(sys.argv[1])) else 1)
