"""Airflow's audit log: who pressed which button on which file, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from airflow.models import Log
from airflow.utils.session import create_session

from include.on_call.landing_page.verbs import Outcome


def logged(event: str, dag_id: str, user: str, file: Mapping[str, object], act: Callable[[], Outcome]) -> Outcome:
    """Written before the deed, so that none is without its entry; completed with the outcome."""
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
