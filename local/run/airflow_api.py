"""What Airflow under `make up` says about itself: which of its components are unhealthy, and when the DAG runs next."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import requests

from local.run.stages import DAG_ID

HEALTH_PATH = "/api/v2/monitor/health"
_COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
_ANSWER_SECONDS = 10
_POLL_SECONDS = 0.5


def unhealthy_components(url: str) -> list[str]:
    """By their heartbeats: a scheduler that was killed is named half a minute later."""
    health = _get(url, HEALTH_PATH).json()
    return [name for name in _COMPONENTS if (health.get(name) or {}).get("status") != "healthy"]


def is_healthy(url: str, seconds: float) -> bool:
    """Waits so many seconds for all components."""
    deadline = time.monotonic() + seconds
    while unhealthy_components(url):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def next_run(url: str, seconds: float) -> str:
    """One line for a terminal; waits so many seconds for the DAG to be read."""
    deadline = time.monotonic() + seconds
    while (answer := _get(url, f"/api/v2/dags/{DAG_ID}")).status_code == requests.codes.not_found:
        if time.monotonic() >= deadline:
            return f"The DAG {DAG_ID} is not read yet: see Airflow's page."
        time.sleep(_POLL_SECONDS)
    dag = answer.json()
    if dag["is_paused"]:
        return f"The DAG {DAG_ID} is paused: unpause it on Airflow's page to have it run daily."
    if _get(url, f"/api/v2/dags/{DAG_ID}/dagRuns?state=running&state=queued").json()["total_entries"]:
        return f"The DAG {DAG_ID} runs daily; a run is under way now."
    due = datetime.fromisoformat(dag["next_dagrun_run_after"])
    when = "now" if due <= datetime.now(UTC) else f"at {due:%Y-%m-%d %H:%M} UTC"
    return f"The DAG {DAG_ID} runs daily; the next run starts {when}."


def _get(url: str, path: str) -> requests.Response:
    """Everybody on this machine is an admin of this Airflow, so a token is to be had without a password."""
    session = requests.Session()
    session.trust_env = False  # no proxy of a company's machine comes in between
    token: dict[str, Any] = session.get(f"{url}/auth/token", timeout=_ANSWER_SECONDS).json()
    return session.get(url + path, headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=_ANSWER_SECONDS)
