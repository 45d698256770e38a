"""What has been told and is not over: kept between runs in Airflow's Variables, one for each writer.

The report of a run writes `alerts_open`; the callback for a run that could not report writes `alerts_open_outside_of_reports`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from airflow.sdk import Variable

from include.alerts.causes import Alert, AlertKind, Cause

OPEN, OPEN_OUTSIDE = "alerts_open", "alerts_open_outside_of_reports"
_LONGEST_REASON = 1500


@dataclass(frozen=True)
class OpenCauses:
    """By subject: kind, identity, reason, section, since, and the run that told it first."""

    by_subject: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, variable: str = OPEN) -> Self:
        kept = Variable.get(variable, default={}, deserialize_json=True)
        return cls({subject: was for subject, was in kept.items() if "identity" in was})  # 0.1 kept no identity: told once more

    def save(self, variable: str = OPEN) -> None:
        Variable.set(variable, dict(self.by_subject), serialize_json=True)

    def news(self, causes: Iterable[Cause], run_id: str) -> list[Cause]:
        """Those that nobody has been told about: a new subject, another cause of a known one, or one that this run told first."""
        return [cause for cause in causes if not self._is_known(cause) or self.by_subject[cause.subject]["run_id"] == run_id]

    def untold(self, causes: Iterable[Cause]) -> list[Cause]:
        return [cause for cause in causes if not self._is_known(cause)]

    def _is_known(self, cause: Cause) -> bool:
        known = self.by_subject.get(cause.subject)
        return known is not None and known["identity"] == cause.identity

    def over(self, causes: Iterable[Cause], is_well: Callable[[str], bool]) -> OpenCauses:
        """What is open no longer; `is_well` says of a subject whether the run has looked at it at all."""
        still = {cause.subject for cause in causes}
        return OpenCauses({name: was for name, was in self.by_subject.items() if name not in still and is_well(name)})

    def without(self, subjects: Iterable[str]) -> OpenCauses:
        left_out = set(subjects)
        return OpenCauses({name: was for name, was in self.by_subject.items() if name not in left_out})

    def opened(self, causes: Iterable[Cause], run_id: str) -> OpenCauses:
        """These as well; `since` stays of a cause that is open already."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        new = {cause.subject: _kept(cause, run_id, now) for cause in causes if not cause.kind.is_event}
        known = {name: {**self.by_subject[name], "reason": kept["reason"]} for name, kept in new.items() if self._has(name, kept)}
        return OpenCauses({**self.by_subject, **new, **known})

    def _has(self, subject: str, kept: Mapping[str, Any]) -> bool:
        return subject in self.by_subject and self.by_subject[subject]["identity"] == kept["identity"]

    def alerts(self) -> list[Alert]:
        """One for each cause, whichever subjects it has hit; `since` is the earliest."""
        groups: dict[tuple[str, ...], list[tuple[str, Mapping[str, Any]]]] = {}
        for subject, was in sorted(self.by_subject.items(), key=lambda item: str(item[1]["since"])):
            groups.setdefault(tuple(was["identity"][:-1]), []).append((subject, was))
        return [_alert(members) for members in groups.values()]


def _kept(cause: Cause, run_id: str, now: str) -> dict[str, Any]:
    return {
        "kind": str(cause.kind),
        "identity": cause.identity,
        "reason": cause.reason[:_LONGEST_REASON],
        "section": cause.section,
        "since": now,
        "run_id": run_id,
    }


def _alert(members: list[tuple[str, Mapping[str, Any]]]) -> Alert:
    _, was = members[0]
    names = tuple(subject.partition(":")[2] for subject, _ in members)
    return Alert(AlertKind(was["kind"]), names, was["reason"], was["section"], since=was["since"])
