"""The bucket and the checkpoint table that the pipeline expects to find, as deploy/ creates them in AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from local.emulators.aws_clients import LocalAws


@dataclass(frozen=True)
class ResourceNames:
    bucket: str = "cms-nursing-home-data"
    table: str = "cms-file-checkpoints"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ResourceNames:
        return cls(
            environment.get("S3_BUCKET") or cls.bucket,
            environment.get("DYNAMODB_TABLE") or cls.table,
        )


def create_missing(aws: LocalAws, names: ResourceNames) -> None:
    if names.bucket not in {bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]}:
        aws.s3.create_bucket(Bucket=names.bucket)
    try:
        aws.dynamodb.describe_table(TableName=names.table)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        create_table(aws, names.table)


def create_table(aws: LocalAws, table: str) -> None:
    aws.dynamodb.create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": "file_id", "KeyType": "HASH"},
            {"AttributeName": "file_md5", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "file_id", "AttributeType": "S"},
            {"AttributeName": "file_md5", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
