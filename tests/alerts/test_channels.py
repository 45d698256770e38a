"""An alert arrives in SNS, in a mailbox and in Slack, as one text each, and nothing in a file name acts on its reader."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from include.alerts import channels as alert_channels
from include.alerts.causes import Alert, AlertKind
from include.alerts.channels import send
from include.alerts.errors import AlertNotSentError
from include.alerts.messages import Message, items_of
from include.settings import Settings
from tests.alerts.alert_receivers import Mailbox, Topic, Webhook, make_topic, running_mailbox, running_webhook

NAME = "NH_Penalties_Feb2025.csv"
HOSTILE = """<img src=x onerror=alert(1)>{{ conn.aws_default.password }}<!channel>\r\nBcc: all@example.org\x1b[2J=1+1é.csv"""


@pytest.fixture(scope="module")
def topic() -> Iterator[Topic]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line a request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield make_topic(f"http://{host}:{port}", "alerts")
    server.stop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as running:
        yield running


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with running_webhook() as running:
        yield running


@pytest.fixture
def settings(topic: Topic, mailbox: Mailbox, webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """All three channels; the pause between tries is left out."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", topic.connection)
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", mailbox.connection)
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_DEFAULT", webhook.connection)
    monkeypatch.setattr(alert_channels._patiently.retry, "wait", lambda _: 0)
    return Settings(
        alert_sns_topic_arn=topic.arn,
        alert_email_to="one@example.org, two@example.org",
        alert_email_from="pipeline@example.org",
        alert_slack=True,
    )


def quarantined(name: str = NAME, reason: str | None = None) -> Message:
    said = reason or f"{name!r} is empty. Download it from CMS again."
    alert = Alert(AlertKind.QUARANTINED_FILE, (name,), said, "empty_file", "http://airflow/dags/d/runs/r/tasks/plan")
    return message_of(alert)


def message_of(alert: Alert) -> Message:
    items = items_of([alert], "https://wiki.example.org/runbook.md")
    return Message(alert.kind.severity, "test", "d", "Nothing new to publish.", items)


def test_each_channel_gets_file_reason_log_and_section(
    settings: Settings, topic: Topic, mailbox: Mailbox, webhook: Webhook
) -> None:
    send(quarantined(), settings)

    (published,) = topic.messages()
    (mail,) = mailbox.mails
    (post,) = webhook.posts
    title = f"[test] TICKET d: A file is quarantined: {NAME}"
    assert (published["Subject"], mail["Subject"]) == (title, title)
    assert (mail["From"], mail["To"]) == ("pipeline@example.org", "one@example.org, two@example.org")
    for text in (published["Message"], mail.get_body().get_content(), str(post["blocks"][-1]["text"]["text"])):  # type: ignore[union-attr]
        for part in (NAME, "is empty. Download it", "http://airflow/dags/d/runs/r/tasks/plan", "runbook.md#empty_file"):
            assert part in text
    assert webhook.paths == ["/services/T0/B0/hidden-token"]


def test_hostile_name_is_a_text_everywhere(settings: Settings, topic: Topic, mailbox: Mailbox, webhook: Webhook) -> None:
    send(quarantined(HOSTILE), settings)

    (published,) = topic.messages()
    (mail,) = mailbox.mails
    (post,) = webhook.posts
    html = mail.get_body().get_content()  # type: ignore[union-attr]
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert (mail["Bcc"], mail["Cc"], mail["To"]) == (None, None, "one@example.org, two@example.org")
    assert "<!channel>" not in json.dumps(post)
    assert "&lt;!channel&gt;" in json.dumps(post["blocks"])
    for text in (published["Message"], html, str(post["blocks"][-1]["text"]["text"])):
        assert "{{ conn.aws_default.password }}" in text
        assert "testing" not in text
        assert "\x1b" not in text
        assert "\\r\\nBcc: all@example.org\\x1b[2J" in text
    assert published["Subject"].isascii()
    assert published["Subject"].isprintable()
    assert len(published["Subject"]) < 100


def test_secret_in_a_reason_is_masked_as_in_the_logs(settings: Settings, webhook: Webhook) -> None:
    from airflow.sdk.log import mask_secret

    mask_secret("an-account-key-of-ours")
    message = quarantined(reason="sign-in with an-account-key-of-ours was refused")
    assert "***" in message.text
    assert "an-account-key-of-ours" not in message.text + message.html + str(message.slack_blocks)


def test_channel_that_refuses_does_not_keep_the_others_from_it(
    settings: Settings, topic: Topic, mailbox: Mailbox, webhook: Webhook
) -> None:
    webhook.status = 500
    with pytest.raises(AlertNotSentError, match="slack_default") as raised:
        send(quarantined(), settings)

    assert raised.value.was_told
    assert "hidden-token" not in str(raised.value)
    assert len(webhook.posts) == 3
    assert (len(topic.messages()), len(mailbox.mails)) == (1, 1)


def test_nobody_is_told_when_every_channel_refuses(settings: Settings, webhook: Webhook) -> None:
    only_slack = settings.model_copy(update={"alert_sns_topic_arn": "", "alert_email_to": ""})
    webhook.status = 403
    with pytest.raises(AlertNotSentError) as raised:
        send(quarantined(), only_slack)
    assert not raised.value.was_told


def test_webhook_token_is_in_no_log(settings: Settings, webhook: Webhook, caplog: pytest.LogCaptureFixture) -> None:
    webhook.status = 500
    only_slack = settings.model_copy(update={"alert_sns_topic_arn": "", "alert_email_to": ""})
    with caplog.at_level(logging.DEBUG), pytest.raises(AlertNotSentError):
        send(quarantined(), only_slack)
    assert caplog.records
    assert "hidden-token" not in caplog.text


def test_without_a_channel_the_alert_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        send(quarantined(), Settings())
    assert f"A file is quarantined: {NAME}" in caplog.text


def test_channel_takes_what_is_grave_enough_for_it(settings: Settings, mailbox: Mailbox, webhook: Webhook) -> None:
    at_night = settings.model_copy(update={"alert_sns_topic_arn": "", "alert_slack_severity": "page"})
    send(quarantined(), at_night)
    assert (len(mailbox.mails), len(webhook.posts)) == (1, 0)
    send(message_of(Alert(AlertKind.FAILED_TASK, ("publish",), "It failed.", "failed_task")), at_night)
    assert (len(mailbox.mails), len(webhook.posts)) == (2, 1)
