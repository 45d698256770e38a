"""What a failed task leaves behind for the report."""

from __future__ import annotations

from airflow.sdk.exceptions import AirflowTaskTimeout

from include.alerts.failures import FAILURE, note_failure


class TaskInstance:
    """As much of Airflow's as the callback uses."""

    def __init__(self) -> None:
        self.xcoms: dict[str, dict[str, str]] = {}

    def xcom_push(self, key: str, value: dict[str, str]) -> None:
        self.xcoms[key] = value


def test_task_that_ran_out_of_time_says_so_and_what_to_do() -> None:
    ti = TaskInstance()
    note_failure({"exception": AirflowTaskTimeout("Timeout, PID: 4711"), "ti": ti})
    assert ti.xcoms[FAILURE]["reason"].startswith("It was not done within its execution timeout")
    assert "clear it" in ti.xcoms[FAILURE]["reason"]
