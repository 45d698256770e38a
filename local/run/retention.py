"""Airflow keeps each run's logs and history for good; a home keeps them for some months."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.run.airflow_home import AirflowHome

KEPT = timedelta(days=90)
_BETWEEN = timedelta(days=7)  # `airflow db clean` takes seconds, so not every start pays for it
_STAMP = "cleaned"


def clean_if_due(airflow: AirflowHome) -> None:
    """Before Airflow starts: removes history and logs older than KEPT, at most once per week."""
    stamp = airflow.folder / _STAMP
    if stamp.exists() and time.time() - stamp.stat().st_mtime < _BETWEEN.total_seconds():
        return
    oldest = datetime.now(UTC) - KEPT
    if stamp.exists():  # a new home has nothing that is old
        before = ("--clean-before-timestamp", oldest.isoformat())
        airflow.run("airflow-cleaning.log", "-m", "airflow", "db", "clean", *before, "--skip-archive", "--yes")
        _remove_logs(airflow.folder / "logs", oldest)
    stamp.touch()


def _remove_logs(folder: Path, oldest: datetime) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before the folder
        if path.is_symlink():
            continue
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.stat().st_mtime < oldest.timestamp():
            path.unlink()
