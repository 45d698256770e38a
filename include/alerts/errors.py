"""How a run ends that needs a person, and an alert that nobody took."""

from __future__ import annotations

from collections.abc import Mapping

from include.contracts.errors import PipelineError


class RunFailedError(PipelineError):
    """The run did its work, and something in it needs a person."""


class AlertNotSentError(PipelineError):
    """`was_told` when another channel has taken the alert."""

    def __init__(self, subject: str, refused: Mapping[str, str], *, was_told: bool) -> None:
        self.subject, self.refused, self.was_told = subject, dict(refused), was_told
        said = "; ".join(f"{connection}: {error}" for connection, error in refused.items())
        super().__init__(
            f"The alert {subject!r} was not taken by {said}. Check the Airflow connection and the ALERT_ settings; "
            + ("another channel has it." if was_told else "the next run tells it again.")
        )
