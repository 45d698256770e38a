"""What a failed task leaves behind for the report of its run: the sentence it failed with, and the runbook's section."""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import AirflowTaskTimeout

from include.contracts.errors import BadFileError

#: XCom of a task that has failed for good. One whose process was killed leaves none.
FAILURE = "failure"
_LONGEST = 4000
_TIMED_OUT = (
    "It was not done within its execution timeout and was stopped. Look in its log at what took so long, then clear it with its "
    "downstream: it continues where it stopped."
)


def note_failure(context: Any) -> None:
    """Callback of every task; `exception` is missing where the scheduler noticed the end of the process."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        context["ti"].xcom_push(FAILURE, {"reason": _sentence(error)[:_LONGEST], "section": _section(error)})


def _sentence(error: BaseException) -> str:
    """Ours say it all; of others the kind is half of what there is to know."""
    if isinstance(error, AirflowTaskTimeout):  # says its process id, and nothing else
        return _TIMED_OUT
    said = " ".join(str(error).split())
    return said if _is_ours(error) else f"{type(error).__name__}: {said}"


def _section(error: BaseException) -> str:
    if isinstance(error, BadFileError):
        return error.code
    return type(error).__name__ if _is_ours(error) else ""


def _is_ours(error: BaseException) -> bool:
    return type(error).__module__.startswith("include.cms_")
