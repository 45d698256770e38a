"""The cloud size on this machine: S3, DynamoDB and STS by moto with real IAM users, a Drive server, the Snowflake emulator."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from include.settings import Settings, load_settings
from include.warehouse.dbt_project import parse_project
from tests.emulators.drive_server import running_drive_server
from tests.emulators.snowflake_emulator import SnowflakeEmulator, running_emulator

BUCKET, TABLE, REGION = "preflight-bucket", "preflight-checkpoints", "us-east-1"
PIPELINE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "dynamodb:*", "sts:*"], "Resource": "*"}],
}


@dataclass(frozen=True)
class Aws:
    """moto, and a user whose key it checks once `checks_keys` is on."""

    url: str
    key_id: str
    secret: str

    def connection(self, **changed: Any) -> dict[str, Any]:
        """As Airflow keeps `aws_default`."""
        extra = {"region_name": REGION, "endpoint_url": self.url, **changed.pop("extra", {})}
        return {"conn_type": "aws", "login": self.key_id, "password": self.secret, "extra": extra, **changed}

    def checks_keys(self, does: bool) -> None:
        """moto answers everybody until it is told after how many actions to look at keys and policies."""
        actions = "0" if does else "inf"
        requests.post(f"{self.url}/moto-api/reset-auth", data=actions, timeout=10).raise_for_status()


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line a request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    session = boto3.Session("testing", "testing", region_name=REGION)
    iam = session.client("iam", endpoint_url=url)
    iam.create_user(UserName="pipeline")
    iam.put_user_policy(UserName="pipeline", PolicyName="pipeline", PolicyDocument=json.dumps(PIPELINE_POLICY))
    key = iam.create_access_key(UserName="pipeline")["AccessKey"]
    session.client("s3", endpoint_url=url).create_bucket(Bucket=BUCKET)
    session.client("dynamodb", endpoint_url=url).create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "file_id", "KeyType": "HASH"}, {"AttributeName": "file_md5", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("file_id", "file_md5")],
        BillingMode="PAY_PER_REQUEST",
    )
    yield Aws(url, key["AccessKeyId"], key["SecretAccessKey"])
    server.stop()


@pytest.fixture(scope="session")
def emulator(aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnowflakeEmulator]:
    with pytest.MonkeyPatch.context() as patch:  # Snowflake's storage integration has credentials of its own
        patch.setenv("AWS_ACCESS_KEY_ID", aws.key_id)
        patch.setenv("AWS_SECRET_ACCESS_KEY", aws.secret)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        with running_emulator(tmp_path_factory.mktemp("emulator"), aws.url, BUCKET) as running:
            patch.undo()
            yield running


@pytest.fixture(scope="session")
def parsed_for_snowflake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the dbt project parsed for Snowflake, as the image has it."""
    settings = Settings(healthcare_home=tmp_path_factory.mktemp("home"), dbt_target="snowflake")
    assert parse_project(settings)
    return settings.healthcare_home


@pytest.fixture
def cloud(
    aws: Aws, emulator: SnowflakeEmulator, parsed_for_snowflake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """Everything set as docs/deployment.md says; called with names and values, changes the environment."""

    def change(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        load_settings.cache_clear()

    (tmp_path / "rawdata").mkdir()
    (tmp_path / "rawdata" / "NH_Penalties_Feb2025.csv").write_bytes(b"a\n1\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "DBT_PROFILES_DIR"):
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    aws.checks_keys(True)
    with running_drive_server(tmp_path / "rawdata") as drive:
        change(
            **emulator.environment,
            HEALTHCARE_HOME=str(parsed_for_snowflake),
            AIRFLOW_CONN_AWS_DEFAULT=json.dumps(aws.connection()),
            DRIVE_API_ENDPOINT=drive.url,
            DRIVE_LONGEST_WAIT_SECONDS="0.01",
            S3_BUCKET=BUCKET,
            DYNAMODB_TABLE=TABLE,
        )
        yield change
    aws.checks_keys(False)
    emulator.refuse()
    for name in set(os.environ) - set(before):
        monkeypatch.delenv(name)
    load_settings.cache_clear()
