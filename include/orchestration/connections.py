"""Connects the steps to the outside world: all credentials come from Airflow's connections, wherever Airflow keeps them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from include.ingest.drive import service_account
from include.ingest.pipeline import Services, connect
from include.orchestration.connection_errors import AWS_CONNECTION, DRIVE_CONNECTION
from include.settings import load_settings

if TYPE_CHECKING:
    from botocore.config import Config
    from google.auth.credentials import Credentials


@cache
def connect_services() -> Services:
    """Once a process: S3 and DynamoDB by the Amazon provider's hooks, Drive by Google's client."""
    return connect(load_settings(), *aws_clients(), drive_credentials())


def aws_clients() -> tuple[Any, Any]:
    """The S3 client and the DynamoDB resource of the connection `aws_default`."""
    from airflow.providers.amazon.aws.hooks.dynamodb import DynamoDBHook  # noqa: PLC0415 - heavy, not for parse time

    return aws_client("s3"), DynamoDBHook(aws_conn_id=AWS_CONNECTION).get_conn()


def aws_client(service: str, config: Config | None = None) -> Any:
    """A boto3 client with the connection `aws_default`; without one, boto3 looks for credentials by itself."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook  # noqa: PLC0415 - heavy, not for parse time

    return AwsBaseHook(aws_conn_id=AWS_CONNECTION, client_type=service, config=config).get_conn()


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
