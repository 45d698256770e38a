"""Where alerts arrive in tests: SNS with a queue behind it (moto), an SMTP server, and an HTTP server in Slack's place."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from aiosmtpd.controller import Controller

REGION = "us-east-1"


@dataclass
class Topic:
    """An SNS topic, and what a subscriber of it gets."""

    url: str
    arn: str
    queue: str

    def messages(self) -> list[dict[str, str]]:
        """Each is read once."""
        sqs, found = _client("sqs", self.url), []
        while batch := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    @property
    def connection(self) -> str:
        """As Airflow keeps `aws_default`."""
        extra = {"region_name": REGION, "endpoint_url": self.url}
        return json.dumps({"conn_type": "aws", "login": "testing", "password": "testing", "extra": extra})


def make_topic(url: str, name: str) -> Topic:
    sns, sqs = _client("sns", url), _client("sqs", url)
    arn, queue = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
    return Topic(url, arn, queue)


def _client(service: str, url: str) -> Any:
    session: Any = boto3.Session("testing", "testing", region_name=REGION)  # the stubs take only literal names
    return session.client(service, endpoint_url=url)


@dataclass
class Mailbox:
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail: Any = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail)
        return "250 OK"

    @property
    def connection(self) -> str:
        """As Airflow keeps `smtp_default`."""
        extra = {"disable_ssl": True, "disable_tls": True, "timeout": 5, "retry_limit": 1}
        return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": self.port, "extra": extra})


class _Server(Controller):
    """Port 0 is whichever is free; the controller's own look at it would ask for port 0."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    server = _Server(mailbox, hostname="127.0.0.1", port=0)
    server.start()
    mailbox.port = server.port
    try:
        yield mailbox
    finally:
        server.stop()


@dataclass
class Webhook:
    """Slack's incoming webhook; answers with `status`."""

    url: str = ""
    status: int = 200
    posts: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def connection(self) -> str:
        """As Airflow keeps `slack_default`."""
        return json.dumps({"conn_type": "slackwebhook", "host": f"{self.url}/services", "password": "T0/B0/hidden-token"})


@contextmanager
def running_webhook() -> Iterator[Webhook]:
    webhook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            webhook.paths.append(self.path)
            webhook.posts.append(json.loads(body))
            self.send_response(webhook.status)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    webhook.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield webhook
    finally:
        server.shutdown()
        server.server_close()
