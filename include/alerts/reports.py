"""Which runs have reported: kept in the Airflow Variable `alerts_reports`, for the callback of a run that could not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Variable

REPORTS = "alerts_reports"
_KEPT_REPORTS = 20


def begin_report(run_id: str, run_after: datetime) -> None:
    """A run that is cleared reports a second time, and what its first report has told says nothing about this one."""
    _note(run_id, begun_at=datetime.now(UTC).isoformat(), run_after=run_after.isoformat(), is_told=False)


def end_report(run_id: str) -> None:
    _note(run_id, is_told=True)


def is_newest_run(run_id: str) -> bool:
    """Whether no later run has reported: an older one that somebody has cleared does not know what is true now."""
    times = {name: datetime.fromisoformat(note["run_after"]) for name, note in read_reports().items() if "run_after" in note}
    return times[run_id] == max(times.values())


def read_reports() -> dict[str, dict[str, Any]]:
    """By run: `begun_at`, `run_after` and `is_told`."""
    known: dict[str, dict[str, Any]] = Variable.get(REPORTS, default={}, deserialize_json=True)
    return known


def _note(run_id: str, **note: Any) -> None:
    known = read_reports()
    before = known.pop(run_id, {})
    newest = list(known.items())[1 - _KEPT_REPORTS :]
    Variable.set(REPORTS, {**dict(newest), run_id: {**before, **note}}, serialize_json=True)
