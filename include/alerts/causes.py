"""What somebody is told about: causes of trouble, grouped so that one cause is one alert, told once and taken back when gone.

A cause has a subject (a file, a task, a family, the run). What is open is kept by subject between runs: the same cause is not
told again the next day, another cause of the same subject is, and a subject that is well again is told as recovered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from include.alerts.run_report import RunReport
from include.contracts.contract import load_contract
from include.ingest.checkpoints import Checkpoint

_LONGEST_REASON = 1500


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


#: Told once and not kept: the run after it neither repeats them nor can know that they are over.
_EVENTS = {AlertKind.REJECTED_RECORDS}


@dataclass(frozen=True)
class Cause:
    """`subject` is `file:<name>`, `task:<id>`, `family:<name>`, `layout:<family>, <column>` or `run:`.

    `section` is the runbook's, where an error has its own. `facts` make two causes the same one, whatever their reasons say.
    """

    kind: AlertKind
    subject: str
    reason: str
    section: str = ""
    log_url: str = ""
    facts: str = ""

    @property
    def name(self) -> str:
        return self.subject.partition(":")[2]

    @property
    def fingerprint(self) -> str:
        """The facts; else the reason without what differs between two subjects or two days of one cause: name and numbers."""
        if self.facts:
            return self.facts
        without_name = self.reason.replace(self.name, "") if self.name else self.reason
        return re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", without_name)


@dataclass(frozen=True)
class Alert:
    """One cause with everything that it has hit."""

    kind: AlertKind
    names: tuple[str, ...]
    reason: str
    section: str
    log_url: str
    is_recovery: bool = False
    since: str = ""


#: By subject: kind, fingerprint, reason, section, since.
OpenCauses = dict[str, dict[str, str]]


def group(causes: Iterable[Cause]) -> list[list[Cause]]:
    """Causes of one alert stand together: the same reason, whichever files and tasks it has hit."""
    groups: dict[str, list[Cause]] = {}
    for cause in causes:
        groups.setdefault(cause.fingerprint, []).append(cause)
    return list(groups.values())


def alert_of(causes: list[Cause]) -> Alert:
    first = causes[0]
    names = tuple(dict.fromkeys(cause.name for cause in causes))
    return Alert(first.kind, names, first.reason[:_LONGEST_REASON], first.section or first.kind, first.log_url)


def untold(causes: Iterable[Cause], known: Mapping[str, Mapping[str, str]]) -> list[Cause]:
    """Those that nobody has been told about: a new subject, or another reason than before."""
    return [cause for cause in causes if known.get(cause.subject, {}).get("fingerprint") != cause.fingerprint]


def opened(causes: Iterable[Cause], now: datetime) -> OpenCauses:
    """What is kept of causes that have been told."""
    return {
        cause.subject: {
            "kind": cause.kind,
            "fingerprint": cause.fingerprint,
            "reason": cause.reason[:_LONGEST_REASON],
            "section": cause.section,
            "since": now.isoformat(timespec="seconds"),
        }
        for cause in causes
        if cause.kind not in _EVENTS
    }


def recovered(causes: Iterable[Cause], known: OpenCauses, is_well: Callable[[str], bool]) -> list[str]:
    """Subjects that are open no longer; `is_well` says whether the run has looked at one at all."""
    still = {cause.subject for cause in causes}
    return [subject for subject in known if subject not in still and is_well(subject)]


def recovery_of(subjects: Iterable[str], known: OpenCauses) -> list[Alert]:
    """One for each cause that is gone."""
    alerts: dict[str, Alert] = {}
    for subject in subjects:
        was = known[subject]
        names = (*(alerts[was["fingerprint"]].names if was["fingerprint"] in alerts else ()), subject.partition(":")[2])
        alerts[was["fingerprint"]] = Alert(
            AlertKind(was["kind"]), names, was["reason"], was["section"] or was["kind"], "", is_recovery=True, since=was["since"]
        )
    return list(alerts.values())


def causes_in_files(report: RunReport, failures: Mapping[str, Mapping[str, str]], log_url: str) -> list[Cause]:
    """What the report has against files; `failures` is what a file's own task said, by file name."""

    def cause(kind: AlertKind, name: str, reason: str, code: str) -> Cause:
        said = failures.get(name, {})
        return Cause(kind, f"file:{name}", said.get("reason", reason), said.get("section", code), said.get("log_url", log_url))

    rejected = [
        (file, f"{file.rows_rejected:,} of {file.rows_in_file:,} records of {file.name} were rejected, see bronze.rejected_rows")
        for file in report.loaded
        if file.rows_rejected
    ]
    return [
        *(cause(AlertKind.QUARANTINED_FILE, item.name, item.reason, item.code) for item in report.quarantined),
        *(cause(AlertKind.FAILED_FILE, item.name, item.reason, "") for item in report.unfinished),
        *(Cause(AlertKind.REJECTED_RECORDS, f"file:{file.name}", reason, log_url=log_url) for file, reason in rejected),
    ]


def causes_in_layouts(report: RunReport, log_url: str) -> list[Cause]:
    """Nobody has to get up for these; each column is told once."""
    return [
        Cause(
            AlertKind.LAYOUT_CHANGE,
            f"layout:{change.family}, {change.notice.column_name}",
            str(change),
            log_url=log_url,
            facts=f"{change.family}, {change.notice.column_name}: {change.notice.kind}",
        )
        for change in report.layout_changes
    ]


def stale_sources(checkpoints: Iterable[Checkpoint], now: datetime, log_url: str) -> list[Cause]:
    """Families whose newest file landed longer ago than their contract expects; one that has never come is not expected."""
    newest: dict[str, datetime] = {}
    for checkpoint in checkpoints:
        if checkpoint.certified and checkpoint.landed:
            family, landed = checkpoint.certified.family, datetime.fromisoformat(checkpoint.landed.landed_at)
            newest[family] = max(landed, newest.get(family, landed))
    stale = [(family, landed) for family, landed in sorted(newest.items()) if now - landed > _window(family)]
    return [
        Cause(AlertKind.STALE_SOURCE, f"family:{family}", _stale(family, landed), log_url=log_url) for family, landed in stale
    ]


def _window(family: str) -> timedelta:
    return timedelta(days=load_contract(family).expected_every_days)


def _stale(family: str, landed: datetime) -> str:
    """The same words for every family, so that a release that CMS has skipped is one alert."""
    contract = load_contract(family)
    return (
        f"No new file since {landed:%Y-%m-%d}, and one is expected every {contract.expected_every_days} days ({contract.path}). "
        "Look whether CMS has published one, and why it is not in the Drive folder."
    )
