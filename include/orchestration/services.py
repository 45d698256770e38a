"""Connects the steps to the outside world through Airflow's connections (Amazon provider) and the environment."""

from __future__ import annotations

from functools import cache

from include.cms_ingest.pipeline import Services, connect
from include.cms_ingest.settings import load_settings

AWS_CONNECTION = "aws_default"


@cache
def connect_services() -> Services:
    """For use inside a task, once a process: S3 and DynamoDB by the Amazon provider's hooks, Drive by Google's client."""
    from airflow.providers.amazon.aws.hooks.dynamodb import DynamoDBHook  # noqa: PLC0415 - heavy, not for parse time
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook  # noqa: PLC0415

    s3_client = S3Hook(aws_conn_id=AWS_CONNECTION).get_conn()
    return connect(load_settings(), s3_client, DynamoDBHook(aws_conn_id=AWS_CONNECTION).get_conn())
