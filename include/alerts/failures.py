"""What a failed task leaves behind for the report of its run: the sentence it failed with, its code and its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from airflow.sdk.exceptions import AirflowTaskTimeout

from include.contracts.errors import PipelineError

#: XCom of a task that has failed for good. One whose process was killed leaves none.
FAILURE = "failure"
_LONGEST = 4000
_TIMED_OUT = (
    "It was not done within its execution timeout and was stopped. Look in its log at what took so long, then clear it with its "
    "downstream: it continues where it stopped."
)
_KILLED = "It could not say why: its process was killed or lost. What it did before is in its log."


@dataclass(frozen=True)
class Failure:
    """`code` is the error's where it is one of ours; `facts` are what every task shares that the same cause has hit."""

    reason: str
    code: str = ""
    facts: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Our errors say it all; of others the kind is half of what there is to know."""
        if isinstance(error, AirflowTaskTimeout):  # says its process id, and nothing else
            return cls(_TIMED_OUT, facts=("timeout",))
        said = " ".join(str(error).split())[:_LONGEST]
        if isinstance(error, PipelineError):
            return cls(said, error.code, error.facts)
        return cls(f"{type(error).__name__}: {said}", facts=(type(error).__name__,))

    @classmethod
    def from_xcom(cls, value: Mapping[str, Any] | None) -> Self:
        if value is None:
            return cls(_KILLED, facts=("killed",))
        return cls(value["reason"], value["code"], tuple(value["facts"]))


def note_failure(context: Any) -> None:
    """Callback of every task; `exception` is missing where the scheduler noticed the end of the process."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        context["ti"].xcom_push(FAILURE, asdict(Failure.of(error)))
