"""The runs of the DAG, to say in which of them something happened to a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Run:
    run_id: str
    started: datetime
    ended: datetime | None


@dataclass(frozen=True)
class Runs:
    known: tuple[Run, ...] = ()

    def has(self, run_id: str) -> bool:
        """Airflow's own clean-up deletes old runs."""
        return any(run.run_id == run_id for run in self.known)

    def at(self, moment: str | None) -> str | None:
        """The one run that was going on then; None where a cleared run has lost its first start, or two ran side by side."""
        if moment is None:
            return None
        then = datetime.fromisoformat(moment)
        going_on = [run.run_id for run in self.known if run.started <= then <= (run.ended or datetime.now(UTC))]
        return going_on[0] if len(going_on) == 1 else None
