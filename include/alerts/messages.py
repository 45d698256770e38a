"""How the message of a run reads: who has to act, what it means for readers, then each cause; as text, HTML and Slack blocks.

File names and reasons come from outside: what is not printable is shown as its escape, and no markup of theirs is anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow.sdk.log import redact  # type: ignore[attr-defined]  # what masks the logs; Airflow has no other way to it
from jinja2 import Environment, FileSystemLoader

from include.alerts.causes import Alert, AlertKind, Severity

_MOST_NAMES, _MOST_BLOCKS = 20, 45
_LONGEST_SUBJECT = 99  # Amazon SNS takes less than 100 characters of ASCII
_LONGEST_REASON, _LONGEST_BLOCK = 1500, 2900
#: One and many; `{}` is how many.
_TITLES = {
    AlertKind.FAILED_TASK: ("A task failed", "{} tasks failed"),
    AlertKind.FAILED_DATA_TEST: ("The data failed a test", "The data failed the tests of {} tasks"),
    AlertKind.FAILED_FILE: ("A file could not be loaded", "{} files could not be loaded"),
    AlertKind.QUARANTINED_FILE: ("A file is quarantined", "{} files are quarantined"),
    AlertKind.REJECTED_RECORDS: ("Records of a file were rejected", "Records of {} files were rejected"),
    AlertKind.STALE_SOURCE: ("A source is stale", "{} sources are stale"),
    AlertKind.LAYOUT_CHANGE: ("A layout changed", "{} layouts changed"),
    AlertKind.TIMED_OUT_RUN: ("A run took too long and was stopped", "{} runs took too long and were stopped"),
    AlertKind.UNREPORTED_RUN: ("A run failed without a report", "{} runs failed without a report"),
}
_WHO = {
    Severity.PAGE: ("PAGE", "Please act now."),
    Severity.TICKET: ("TICKET", "Please act within the next working day; nobody has to get up."),
    Severity.INFORMATION: ("INFO", "Nobody has to act."),
}


@dataclass(frozen=True)
class Item:
    """One cause as it is shown."""

    title: str
    names: str
    reason: str
    since: str
    details: tuple[str, ...]
    log_url: str
    runbook_url: str


@dataclass(frozen=True)
class Message:
    """`impact`: what the run means for the readers of the dashboard. `open_items` were told before and are not over."""

    severity: Severity
    environment: str
    dag: str
    impact: str
    items: tuple[Item, ...]
    recovered: tuple[Item, ...] = ()
    open_items: tuple[Item, ...] = ()

    @property
    def subject(self) -> str:
        """Environment, who has to act, DAG, what."""
        shown = self.items or self.recovered or self.open_items
        what = f"{shown[0].title}: {shown[0].names}" if shown[0].names else shown[0].title
        if not self.items:
            what = f"Recovered: {what}" if self.recovered else f"Still open: {what}"
        more = f" (and {len(shown) - 1} more)" if len(shown) > 1 else ""
        head = f"[{self.environment}] {_WHO[self.severity][0]} {self.dag}: "
        room = _LONGEST_SUBJECT - len(head) - len(more)
        return head + what.encode("ascii", "backslashreplace").decode()[:room] + more

    @property
    def who(self) -> str:
        return _WHO[self.severity][1]

    @property
    def text(self) -> str:
        return _PLAIN_TEXT.get_template("message.txt").render(message=self)

    @property
    def html(self) -> str:
        return _HTML.get_template("message.html").render(message=self)

    @property
    def slack_blocks(self) -> list[dict[str, Any]]:
        """https://api.slack.com/reference/block-kit/blocks: at most 50 blocks, 3,000 characters each."""
        head = {"type": "header", "text": {"type": "plain_text", "text": self.subject}}
        groups = (("", self.items), ("Recovered", self.recovered), ("Still open", self.open_items))
        sections = [_slack_section(heading, item) for heading, items in groups for item in items]
        return [head, _slack_text(f"*{_escaped(self.impact)}* {self.who}"), *sections[:_MOST_BLOCKS]]


_TEMPLATES = FileSystemLoader(Path(__file__).parent / "templates")
_PLAIN_TEXT = Environment(loader=_TEMPLATES, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - no markup in plain text
_HTML = Environment(loader=_TEMPLATES, trim_blocks=True, lstrip_blocks=True, autoescape=True)


def items_of(alerts: Sequence[Alert], runbook_url: str, *, section: str = "") -> tuple[Item, ...]:
    """`section` of the runbook, where it is the same for all."""
    return tuple(_item(alert, f"{runbook_url}#{(section or alert.section).lower()}") for alert in alerts)


def severity_of(alerts: Sequence[Alert]) -> Severity:
    return max((alert.kind.severity for alert in alerts), default=Severity.INFORMATION)


def _item(alert: Alert, runbook_url: str) -> Item:
    names = [_plain(name) for name in alert.names if name]
    one, many = _TITLES[alert.kind]
    more = f", and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return Item(
        title=one if len(names) <= 1 else many.format(len(names)),
        names=", ".join(names[:_MOST_NAMES]) + more,
        reason=_plain(alert.reason[:_LONGEST_REASON]),
        since=alert.since,
        details=tuple(_plain(detail) for detail in alert.details),
        log_url=alert.log_url,
        runbook_url=runbook_url,
    )


def _slack_section(heading: str, item: Item) -> dict[str, Any]:
    title = _escaped(f"{heading}: {item.title}" if heading else item.title)
    links = f"<{item.runbook_url}|Runbook>" + (f" · <{item.log_url}|Log>" if item.log_url else "")
    details = [f"• {_escaped(line)}" for line in item.details]
    return _slack_text("\n".join((f"*{title}*: {_escaped(item.names)}", _escaped(item.reason), *details, links)))


def _slack_text(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_LONGEST_BLOCK]}}


def _escaped(text: str) -> str:
    """Slack asks for these three to be escaped; without them no name mentions a channel or hides a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    """On one line, with secrets masked as in the logs."""
    masked = str(redact(text))
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in masked)
