"""boto3 clients that can only ever reach the local S3 and DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
ACCESS_KEY_ID = "testing"
SECRET_ACCESS_KEY = "testing"  # noqa: S105 (no secret: moto takes anything)
_READ_SECONDS = 300
_CONNECTIONS = 16


@dataclass(frozen=True)
class LocalAws:
    s3: S3Client
    dynamodb: DynamoDBClient


def connect(url: str) -> LocalAws:
    # Endpoint and keys are spelt out, and proxies switched off: no setting of the machine (AWS_PROFILE,
    # ~/.aws, HTTP_PROXY) may send a restore into somebody's real account. Bodies are neither signed nor
    # given a checksum: on the loopback that would only double the time of a restore.
    config = Config(
        proxies={}, read_timeout=_READ_SECONDS, max_pool_connections=_CONNECTIONS,
        retries={"max_attempts": 2}, request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"payload_signing_enabled": False, "addressing_style": "path"},
    )  # fmt: skip
    session = boto3.Session(ACCESS_KEY_ID, SECRET_ACCESS_KEY, region_name=REGION)
    return LocalAws(
        s3=session.client("s3", endpoint_url=url, config=config),
        dynamodb=session.client("dynamodb", endpoint_url=url, config=config),
    )
