"""What `make run` does to Airflow before it runs the DAG."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from include.settings import REPOSITORY

_ROUTES = """
import json, sys
from local.run.dag_run import serve_newest_version_only
from airflow.api_fastapi.execution_api.app import create_task_execution_api_app

if sys.argv[1] == "newest":
    serve_newest_version_only()
app = create_task_execution_api_app()
app._cadwyn_initialize()
routers = app.router.versioned_routers
newest = max(routers)
routes = sorted((sorted(route.methods), route.path) for route in routers[newest].routes)
print(json.dumps([len(routers), [str(newest), routes]]))
"""


def _served(which: str, home: Path) -> tuple[int, list[object]]:
    """How many versions the API serves; the newest one and its routes."""
    command, environment = [sys.executable, "-c", _ROUTES, which], {**os.environ, "AIRFLOW_HOME": str(home)}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    count, newest = json.loads(done.stdout.splitlines()[-1])
    return count, newest


def test_tasks_find_every_route_of_their_release_and_none_of_earlier_ones(tmp_path: Path) -> None:
    versions, routes = _served("whole", tmp_path)
    assert versions > 1
    assert _served("newest", tmp_path) == (1, routes)
