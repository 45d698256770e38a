"""What a run says needs a person, or somebody should know: one list, which the summary, the task's color and the alerts read.

A cause has a subject (a file, a task, a family, a layout, the run). Causes of one code with the same facts are told together,
whichever files and tasks they have hit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """Who has to act: nobody, somebody in working hours, somebody now."""

    INFORMATION = 0
    TICKET = 1
    PAGE = 2


class AlertKind(StrEnum):
    """Each is a section of docs/runbook.md."""

    FAILED_TASK = "failed_task"
    FAILED_DATA_TEST = "failed_data_test"
    FAILED_FILE = "failed_file"
    QUARANTINED_FILE = "quarantined_file"
    REJECTED_RECORDS = "rejected_records"
    STALE_SOURCE = "stale_source"
    LAYOUT_CHANGE = "layout_change"
    TIMED_OUT_RUN = "timed_out_run"
    UNREPORTED_RUN = "unreported_run"

    @property
    def severity(self) -> Severity:
        if self in _PAGES:
            return Severity.PAGE
        return Severity.INFORMATION if self is AlertKind.LAYOUT_CHANGE else Severity.TICKET

    @property
    def is_event(self) -> bool:
        """Told once and not kept open: the run after it neither repeats it nor can know that it is over."""
        return self is AlertKind.REJECTED_RECORDS

    @property
    def ends_every_run_red(self) -> bool:
        """It happened in this very run. A quarantined file is found again by every run, and only the first one is red for it."""
        return self in _OF_THIS_RUN


_PAGES = {AlertKind.FAILED_TASK, AlertKind.FAILED_DATA_TEST, AlertKind.TIMED_OUT_RUN, AlertKind.UNREPORTED_RUN}
_OF_THIS_RUN = {AlertKind.FAILED_TASK, AlertKind.FAILED_DATA_TEST, AlertKind.FAILED_FILE, AlertKind.REJECTED_RECORDS}


@dataclass(frozen=True)
class Cause:
    """`subject` is `file:<name>`, `task:<id>`, `family:<name>`, `layout:<family>, <column>` or `run:<id>`.

    `code` is the error's, where it is one of ours. `facts` are what all subjects of one cause share; `version` tells a new
    upload under an old name from the one that was told before. `details` are the rows or records that are wrong.
    """

    kind: AlertKind
    subject: str
    reason: str
    code: str = ""
    facts: tuple[str, ...] = ()
    version: str = ""
    log_url: str = ""
    details: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.subject.partition(":")[2]

    @property
    def section(self) -> str:
        """Of docs/runbook.md."""
        return self.code or self.kind

    @property
    def group(self) -> tuple[str, ...]:
        return (self.section, *self.facts)

    @property
    def identity(self) -> list[str]:
        """Equal means: told already, if it was told of the same subject."""
        return [*self.group, self.version]

    def __str__(self) -> str:
        code = f" ({self.code})" if self.code else ""
        return f"{self.kind.replace('_', ' ')} {self.name}{code}: {self.reason}"


@dataclass(frozen=True)
class Alert:
    """One cause with everything that it has hit, or what it was when it is over."""

    kind: AlertKind
    names: tuple[str, ...]
    reason: str
    section: str
    log_url: str = ""
    since: str = ""
    details: tuple[str, ...] = ()


def alerts_of(causes: Iterable[Cause]) -> list[Alert]:
    """One per group, the gravest first."""
    groups: dict[tuple[str, ...], list[Cause]] = {}
    for cause in causes:
        groups.setdefault(cause.group, []).append(cause)
    alerts = [_alert_of(group) for group in groups.values()]
    return sorted(alerts, key=lambda alert: -alert.kind.severity)


def _alert_of(causes: list[Cause]) -> Alert:
    first = causes[0]
    names = tuple(dict.fromkeys(cause.name for cause in causes))
    details = tuple(detail for cause in causes for detail in cause.details)
    return Alert(first.kind, names, first.reason, first.section, first.log_url, details=details)
