"""All that the page takes from Airflow's database: the runs of the DAG, and entries of the audit log.

Airflow promises the stability of neither. It has no other way to write its audit log, and its REST API gives a page of 100 runs
per request, which the server would have to send to itself for each visitor. An upgrade that changes either fails in
tests/on_call/test_landing_page_requests.py, which asks a real API server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from airflow.models import DagRun, Log
from airflow.utils.session import create_session
from sqlalchemy import select

from include.on_call.landing_page.runs import Run, Runs
from include.on_call.landing_page.verbs import Outcome


def read_runs(dag_id: str) -> Runs:
    wanted = select(DagRun.run_id, DagRun.start_date, DagRun.end_date).where(
        DagRun.dag_id == dag_id, DagRun.start_date.is_not(None)
    )
    with create_session(scoped=False) as session:
        return Runs(tuple(Run(*row) for row in session.execute(wanted)))


def logged(event: str, dag_id: str, user: str, file: Mapping[str, object], act: Callable[[], Outcome]) -> Outcome:
    """Who pressed which button on which file, and the outcome. The entry is there before anything is done, then completed."""
    with create_session(scoped=False) as session:
        entry = Log(event=event, owner=user, owner_display_name=user, dag_id=dag_id, extra=json.dumps(dict(file)))
        session.add(entry)
        session.commit()
        entry_id = entry.id
    outcome = act()
    with create_session(scoped=False) as session:
        entry = session.get_one(Log, entry_id)
        entry.extra = json.dumps({**file, "done": outcome.is_done, "outcome": outcome.words})
    return outcome
