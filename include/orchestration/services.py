"""Connects the steps to the outside world: all credentials come from Airflow's connections, wherever Airflow keeps them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from include.cms_ingest.drive import service_account
from include.cms_ingest.pipeline import Services, connect
from include.cms_ingest.settings import load_settings

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

AWS_CONNECTION = "aws_default"
DRIVE_CONNECTION = "google_drive"


@cache
def connect_services() -> Services:
    """For use inside a task, once a process: S3 and DynamoDB by the Amazon provider's hooks, Drive by Google's client."""
    from airflow.providers.amazon.aws.hooks.dynamodb import DynamoDBHook  # noqa: PLC0415 - heavy, not for parse time
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook  # noqa: PLC0415

    s3_client = S3Hook(aws_conn_id=AWS_CONNECTION).get_conn()
    dynamodb = DynamoDBHook(aws_conn_id=AWS_CONNECTION).get_conn()
    return connect(load_settings(), s3_client, dynamodb, drive_credentials())


def drive_credentials() -> Credentials | None:
    """The service account key of the connection `google_drive`: `keyfile_dict` (the JSON key) or `key_path` in its extra.

    None without such a connection, or where it holds no key (workload identity): Google's application default credentials.
    """
    try:
        extra: dict[str, Any] = Connection.get(DRIVE_CONNECTION).extra_dejson
    except AirflowNotFoundException:
        return None
    if key := extra.get("keyfile_dict"):
        return service_account(json.loads(key) if isinstance(key, str) else key)
    if path := extra.get("key_path"):
        return service_account(json.loads(Path(path).read_text(encoding="utf-8")))
    return None
