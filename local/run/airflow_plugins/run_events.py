"""Airflow finds listeners through plugins; this folder of plugins is that of `make run` alone."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from local.run import task_events


class RunEvents(AirflowPlugin):
    name = "run_events"
    listeners = [task_events]  # noqa: RUF012 - as Airflow declares it
