"""How an alert reads: one subject line, plain text, HTML and Slack's markup.

File names and reasons come from outside: what is not printable is shown as its escape, and no markup of theirs is anybody's.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from airflow.sdk.log import redact  # type: ignore[attr-defined]  # what masks the logs; Airflow has no other way to it

from include.alerts.causes import Alert, AlertKind

_MOST_NAMES = 20
_LONGEST_SUBJECT = 99  # Amazon SNS takes less than 100 characters of ASCII
_TITLES = {
    AlertKind.FAILED_TASK: "A task has failed",
    AlertKind.FAILED_DATA_TEST: "The data failed a test: nothing is published",
    AlertKind.FAILED_FILE: "A file could not be loaded",
    AlertKind.QUARANTINED_FILE: "A file is quarantined",
    AlertKind.REJECTED_RECORDS: "Records were rejected",
    AlertKind.STALE_SOURCE: "A source is stale",
    AlertKind.LAYOUT_CHANGE: "For information: CMS has changed a layout",
    AlertKind.TIMED_OUT_RUN: "A run took too long and was stopped",
    AlertKind.UNREPORTED_RUN: "A run has failed without its report",
}


@dataclass(frozen=True)
class Message:
    subject: str
    lines: tuple[tuple[str, str], ...]  # label, value

    @property
    def text(self) -> str:
        return "\n".join((self.subject, "", *(f"{label}: {value}" for label, value in self.lines)))

    @property
    def html(self) -> str:
        rows = "".join(f"<dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd>" for label, value in self.lines)
        return f"<h1>{html.escape(self.subject)}</h1><dl>{rows}</dl>"

    @property
    def slack(self) -> str:
        """Slack asks for these three to be escaped; without them no name mentions a channel or hides a link."""
        return self.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message_of(alert: Alert, runbook_url: str) -> Message:
    title = f"Recovered: {_TITLES[alert.kind].lower()}" if alert.is_recovery else _TITLES[alert.kind]
    names = [_plain(name) for name in alert.names if name]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    subject = f"{title}: {names[0]}{more}" if names else title
    told = f"{', '.join(names[:_MOST_NAMES])}{f', and {len(names) - _MOST_NAMES} more' if len(names) > _MOST_NAMES else ''}"
    lines = [("What", told)] if names else []
    lines.append(("It was" if alert.is_recovery else "Reason", _plain(alert.reason)))
    lines += [("Since", alert.since)] if alert.since else []
    lines += [("Log", alert.log_url)] if alert.log_url else []
    lines.append(("Runbook", f"{runbook_url}#{anchor(alert)}"))
    return Message(subject.encode("ascii", "backslashreplace").decode()[:_LONGEST_SUBJECT], tuple(lines))


def anchor(alert: Alert) -> str:
    """Of the section's heading, as GitHub makes it."""
    return "recovered" if alert.is_recovery else alert.section.lower()


def _plain(text: str) -> str:
    """On one line, with secrets masked as in the logs."""
    masked = str(redact(text))
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in masked)
