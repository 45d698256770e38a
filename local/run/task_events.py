"""Writes what each task of a `make run` does, as it does it: one line of JSON per event. Airflow calls it as a listener."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.listeners import hookimpl

from local.run.stages import EVENTS_FILE_VARIABLE

# The files that a mapped task runs for are what the task before it returns.
_LISTS_FILES_OF = {"plan": "land", "to_certify": "certify"}


def write_tasks(task_ids: list[str]) -> None:
    """Which tasks there are; those that run once per file are counted later."""
    _write({"counts": dict.fromkeys(task_ids, 1)})


@hookimpl
def on_task_instance_running(task_instance: Any) -> None:
    _write_state(task_instance, "running")


@hookimpl
def on_task_instance_success(task_instance: Any) -> None:
    if mapped := _LISTS_FILES_OF.get(task_instance.task_id):
        _write({"counts": {mapped: len(task_instance.xcom_pull(task_ids=task_instance.task_id))}})
    _write_state(task_instance, "success")


@hookimpl
def on_task_instance_failed(task_instance: Any) -> None:
    _write_state(task_instance, "failed")


@hookimpl
def on_task_instance_skipped(task_instance: Any) -> None:
    _write_state(task_instance, "skipped")


def _write_state(task_instance: Any, state: str) -> None:
    _write(
        {
            "run_id": task_instance.run_id,
            "task_id": task_instance.task_id,
            "map_index": task_instance.map_index,
            "label": task_instance.rendered_map_index or task_instance.task_id,
            "state": state,
            "at": datetime.now(UTC).isoformat(),
        }
    )


def _write(event: dict[str, Any]) -> None:
    with Path(os.environ[EVENTS_FILE_VARIABLE]).open("a", encoding="utf-8") as events:
        events.write(json.dumps(event) + "\n")
