"""Which runs of the DAG have not ended, as Airflow's own command lists them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from include.on_call.errors import RunsUnknownError
from include.settings import REPOSITORY, Settings

DAG_ID = "healthcare_pipeline"
_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_NOT_ENDED = {"queued", "running"}


def unfinished_run_ids(settings: Settings) -> list[str]:
    """Empty where Airflow has no database yet, or has not seen the DAG yet."""
    environment = _environment(settings)
    if environment is None:
        return []
    command = [sys.executable, "-m", "airflow", "dags", "list-runs", DAG_ID, "--output", "json"]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.stderr.strip().endswith("does not exist in 'dag' table"):
        return []
    if done.returncode:
        raise RunsUnknownError(_last_line(done.stderr) or _last_line(done.stdout))
    runs = json.loads(_last_line(done.stdout))  # Airflow may log before it answers
    return [run["run_id"] for run in runs if run["state"] in _NOT_ENDED]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def _environment(settings: Settings) -> dict[str, str] | None:
    """Airflow's own where it is configured, else that of `make run` and `make up`; None when those have not run yet."""
    if _DATABASE in os.environ or settings.dbt_target != "duckdb":
        return dict(os.environ)
    home = settings.healthcare_home.resolve() / "airflow"
    database = home / "airflow.db"
    if not database.exists():
        return None
    return {**os.environ, "AIRFLOW_HOME": str(home), _DATABASE: f"sqlite:///{database}", "PYTHONPATH": str(REPOSITORY)}
