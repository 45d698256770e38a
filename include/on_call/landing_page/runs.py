"""The runs of the DAG in Airflow's database, to say in which of them something happened to a file."""

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


def read_runs(dag_id: str) -> Runs:
    from airflow.models import DagRun  # noqa: PLC0415 - only in the API server
    from airflow.utils.session import create_session  # noqa: PLC0415
    from sqlalchemy import select  # noqa: PLC0415

    wanted = select(DagRun.run_id, DagRun.start_date, DagRun.end_date).where(
        DagRun.dag_id == dag_id, DagRun.start_date.is_not(None)
    )
    with create_session(scoped=False) as session:
        return Runs(tuple(Run(*row) for row in session.execute(wanted)))


def unfinished_run_ids(dag_id: str) -> list[str]:
    from airflow.models import DagRun  # noqa: PLC0415 - only where Airflow's database is reached
    from airflow.utils.session import create_session  # noqa: PLC0415
    from sqlalchemy import select  # noqa: PLC0415

    wanted = select(DagRun.run_id).where(DagRun.dag_id == dag_id, DagRun.state.in_(["queued", "running"]))
    with create_session(scoped=False) as session:
        return list(session.scalars(wanted))
