"""What can go wrong with a connection of Airflow."""

from __future__ import annotations

from include.contracts.errors import PipelineError


class ConnectionFailedError(PipelineError):
    """AWS, Google or Snowflake refused or did not answer: one sentence with the Airflow connection and the fix."""

    same_cause = ("connection", "advice")

    def __init__(self, connection: str, advice: str, words: str) -> None:
        self.connection, self.advice, self.words = connection, advice, words
        super().__init__(f"{connection}: {advice} ({words}).")
