"""Airflow's REST API as the on-call engineer's browser uses it: runs, task instances, clearing; with a token of a login."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import TypeAdapter

_POLL_SECONDS = 0.5
_ANSWER_SECONDS = 60
_PAGE = 1000  # Airflow's own limit is raised to it: a run fits into one answer
_ENDED = {"success", "failed"}


@dataclass(frozen=True)
class TaskInstance:
    id: str
    task_id: str
    map_index: int
    label: str | None
    state: str | None
    try_number: int
    started: datetime | None
    ended: datetime | None

    @property
    def name(self) -> str:
        return f"{self.task_id} [{self.label}]" if self.label else self.task_id


class AirflowApi:
    def __init__(self, url: str, dag_id: str, login: Mapping[str, str]) -> None:
        self._dag = f"/api/v2/dags/{dag_id}"
        self._client = httpx.Client(base_url=url, timeout=_ANSWER_SECONDS, trust_env=False)
        token = self._client.post("/auth/token", json=dict(login))
        token.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def close(self) -> None:
        self._client.close()

    def health(self) -> dict[str, str | None]:
        """What each component says of itself, through the metadata database."""
        return {name: said["status"] for name, said in self._ask("GET", "/api/v2/monitor/health").items()}

    def has_dag(self) -> bool:
        return self._client.get(self._dag).status_code == httpx.codes.OK

    def unpause(self) -> None:
        self._ask("PATCH", self._dag, json={"is_paused": False})

    def longest_run(self) -> float:
        """Seconds after which Airflow stops a run."""
        said = self._ask("GET", f"{self._dag}/details")["dag_run_timeout"]
        return TypeAdapter(timedelta).validate_python(said).total_seconds()

    def downstream(self, task_id: str) -> set[str]:
        """The task and all that comes behind it, as the DAG's graph says."""
        behind = {task["task_id"]: task["downstream_task_ids"] for task in self._ask("GET", f"{self._dag}/tasks")["tasks"]}
        found, waiting = {task_id}, [task_id]
        while waiting:
            new = set(behind[waiting.pop()]) - found
            found |= new
            waiting += new
        return found

    def trigger(self, **conf: Any) -> str:
        run_id: str = self._ask("POST", f"{self._dag}/dagRuns", json={"logical_date": None, "conf": conf})["dag_run_id"]
        return run_id

    def state(self, run_id: str) -> str:
        state: str = self._ask("GET", f"{self._dag}/dagRuns/{run_id}")["state"]
        return state

    def finish(self, run_id: str, seconds: float) -> str:
        """Waits for the end of the run; the state it ended in."""
        wait_for(lambda: self.state(run_id) in _ENDED, seconds, f"the end of {run_id}")
        return self.state(run_id)

    def events(self, run_id: str) -> set[str]:
        """What the audit log tells of the run."""
        events = self._ask("GET", "/api/v2/eventLogs", params={"run_id": run_id, "limit": _PAGE})["event_logs"]
        return {event["event"] for event in events}

    def tasks(self, run_id: str) -> list[TaskInstance]:
        found = self._ask("GET", f"{self._dag}/dagRuns/{run_id}/taskInstances", params={"limit": _PAGE})
        assert found["total_entries"] == len(found["task_instances"])
        return [_task_instance(item) for item in found["task_instances"]]

    def task(self, run_id: str, task_id: str, label: str | None = None) -> TaskInstance:
        (task,) = [task for task in self.tasks(run_id) if (task.task_id, task.label) == (task_id, label)]
        return task

    def clear(self, run_id: str, task_ids: Iterable[str], *, dry_run: bool = False) -> set[str]:
        """Clears what is red of these tasks and of all behind them, as the button "Clear" with "Downstream" does; their ids."""
        wish = {"dag_run_id": run_id, "task_ids": list(task_ids), "include_downstream": True, "only_failed": True}
        cleared = self._ask("POST", f"{self._dag}/clearTaskInstances", json={**wish, "dry_run": dry_run})
        return {item["task_id"] for item in cleared["task_instances"]}

    def clear_run(self, run_id: str) -> None:
        """Clears every task of the run, as the run's button "Clear" with "All tasks" does."""
        self._ask("POST", f"{self._dag}/dagRuns/{run_id}/clear", json={"dry_run": False})

    def _ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = self._client.request(method, path, **arguments)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        content: dict[str, Any] = answer.json()
        return content


def wait_for(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(_POLL_SECONDS)


def _task_instance(item: Mapping[str, Any]) -> TaskInstance:
    return TaskInstance(
        id=item["id"],
        task_id=item["task_id"],
        map_index=item["map_index"],
        label=item["rendered_map_index"],
        state=item["state"],
        try_number=item["try_number"],
        started=_time(item["start_date"]),
        ended=_time(item["end_date"]),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
