"""Sends a message to every configured channel through Airflow's notifiers; keys and passwords are in its connections.

The notifiers are given finished texts and asked to send them as they are: rendered as templates, a file named
`{{ conn.aws_default.password }}` would tell the password.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from tenacity import retry, stop_after_attempt, wait_fixed

from include.alerts.causes import Severity
from include.alerts.errors import AlertNotSentError
from include.alerts.messages import Message
from include.orchestration.connection_errors import AWS_CONNECTION
from include.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import BaseNotifier

_log = logging.getLogger(__name__)
SMTP_CONNECTION, SLACK_CONNECTION = "smtp_default", "slack_default"
_TRIES, _PAUSE_SECONDS, _TIMEOUT_SECONDS = 3, 2, 15

Channel = Callable[[Message], None]


def send(message: Message, settings: Settings) -> None:
    """Raises AlertNotSentError, when all have been tried, if a channel refuses: `was_told` says whether another has taken it."""
    wanted = channels(settings, message.severity)
    refused: dict[str, str] = {}
    for connection, channel in wanted.items():
        try:
            _patiently(channel, message)
        except Exception as error:  # noqa: BLE001 - whatever a provider raises, the other channels are tried
            _log.exception("the alert could not be sent through %s", connection)
            refused[connection] = f"{type(error).__name__}: {error}"
    if refused:
        raise AlertNotSentError(message.subject, refused, was_told=len(refused) < len(wanted))
    _log.info("alert (%s): %s", ", ".join(wanted) or "no channel is configured", message.text.replace("\n", " | "))


def channels(settings: Settings, severity: Severity) -> dict[str, Channel]:
    """Those that take messages of this severity, by connection."""
    found: dict[str, Channel] = {}
    if settings.alert_sns_topic_arn and _takes(settings.alert_sns_severity, severity):
        found[AWS_CONNECTION] = lambda message: _notify(_sns(message, settings))
    if settings.alert_email_to and _takes(settings.alert_email_severity, severity):
        found[SMTP_CONNECTION] = lambda message: _notify(_email(message, settings))
    if settings.alert_slack and _takes(settings.alert_slack_severity, severity):
        found[SLACK_CONNECTION] = lambda message: _notify(_slack(message))
    return found


def _takes(least: str, severity: Severity) -> bool:
    return severity >= Severity[least.upper()]


@retry(stop=stop_after_attempt(_TRIES), wait=wait_fixed(_PAUSE_SECONDS), reraise=True)
def _patiently(channel: Channel, message: Message) -> None:
    channel(message)


def _notify(notifier: BaseNotifier) -> None:
    notifier.notify({})


def _sns(message: Message, settings: Settings) -> BaseNotifier:
    from airflow.providers.amazon.aws.notifications.sns import SnsNotifier  # noqa: PLC0415 - only where it is asked for

    return SnsNotifier(
        aws_conn_id=AWS_CONNECTION, target_arn=settings.alert_sns_topic_arn, subject=message.subject, message=message.text
    )


def _email(message: Message, settings: Settings) -> BaseNotifier:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier  # noqa: PLC0415 - only where it is asked for

    return SmtpNotifier(
        smtp_conn_id=SMTP_CONNECTION,
        from_email=settings.alert_email_from,
        to=[address.strip() for address in settings.alert_email_to.split(",")],
        subject=message.subject,
        html_content=message.html,
    )


def _slack(message: Message) -> BaseNotifier:
    from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier  # noqa: PLC0415 - only where asked for

    return SlackWebhookNotifier(
        slack_webhook_conn_id=SLACK_CONNECTION,
        text=message.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        blocks=message.slack_blocks,
        unfurl_links=False,
        timeout=_TIMEOUT_SECONDS,
    )
