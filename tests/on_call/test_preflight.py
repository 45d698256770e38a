"""What `make preflight` says: a line each where all is well, and one sentence with connection and fix for each bad input."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from include.on_call import preflight
from include.settings import REPOSITORY, load_settings
from tests.cloud_fixtures import BUCKET, Aws
from tests.emulators.fixed_answer import answering
from tests.emulators.snowflake_emulator import SnowflakeEmulator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]  # what is silent is given up, not waited for
Change = Callable[..., None]


def outcome_of(name: str) -> preflight.Outcome:
    (check,) = [check for check in preflight.checks(load_settings()) if check.name == name]
    (outcome,) = preflight.outcomes([check])
    return outcome


def refused(name: str, connection: str, advice: str) -> None:
    outcome = outcome_of(name)
    assert not outcome.is_good, outcome
    assert outcome.words.startswith(f"{connection}: ") or f"connection {connection}" in outcome.words
    assert advice in outcome.words, outcome.words
    assert "\n" not in str(outcome)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def set_aws(cloud: Change, aws: Aws, **changed: Any) -> None:
    cloud(AIRFLOW_CONN_AWS_DEFAULT=json.dumps(aws.connection(**changed)))


def run_preflight() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "include.on_call.preflight"]
    return subprocess.run(command, cwd=REPOSITORY, env=dict(os.environ), capture_output=True, text=True, check=False)


class TestAsTyped:
    @pytest.mark.usefixtures("cloud")
    def test_everything_in_place_is_ten_lines_and_exit_code_0(self) -> None:
        done = run_preflight()
        lines = done.stdout.splitlines()
        assert done.returncode == 0, done.stdout + done.stderr
        assert [line[:4] for line in lines[:-1]] == ["ok  "] * 10, done.stdout
        assert lines[-1] == "Everything the pipeline needs is there."

    def test_one_fault_is_one_line_and_the_other_checks_go_on(self, cloud: Change) -> None:
        cloud(DYNAMODB_TABLE="no-such-table")
        done = run_preflight()
        assert done.returncode == 1
        assert [line.split("  ")[1].strip() for line in done.stdout.splitlines() if line.startswith("FAIL")] == [
            "DynamoDB table",
            "DynamoDB items",
        ]
        assert done.stdout.splitlines()[-1] == "2 of these must be fixed before a run."

    def test_embedded_default_is_told_that_it_needs_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DBT_TARGET", "duckdb")
        done = run_preflight()
        assert (done.returncode, "needs no connection" in done.stdout) == (2, True)

    def test_nothing_that_it_wrote_is_left(self, cloud: Change, aws: Aws, emulator: SnowflakeEmulator) -> None:
        cloud()
        assert run_preflight().returncode == 0
        client = boto3.client(
            "s3", endpoint_url=aws.url, aws_access_key_id=aws.key_id, aws_secret_access_key=aws.secret, region_name="us-east-1"
        )
        assert client.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
        assert client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []
        left = emulator.query("select count(*) from information_schema.tables where lower(table_name) like 'preflight%'")
        assert left == [(0,)]


class TestDrive:
    def sign_in_answered(self, cloud: Change, token_uri: str) -> None:
        cloud(AIRFLOW_CONN_GOOGLE_DRIVE=json.dumps(drive_connection(token_uri)))

    def test_key_that_google_does_not_know(self, cloud: Change) -> None:
        with answering(400, '{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}') as token_uri:
            self.sign_in_answered(cloud, token_uri)
            refused("Google Drive folder", "google_drive", "Make a new key for the service account")

    def test_expired_token(self, cloud: Change) -> None:
        with answering(400, '{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}') as token_uri:
            self.sign_in_answered(cloud, token_uri)
            refused("Google Drive folder", "google_drive", "the token has expired")

    def test_wrong_clock(self, cloud: Change) -> None:
        words = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
        with answering(400, json.dumps({"error": "invalid_grant", "error_description": words})) as token_uri:
            self.sign_in_answered(cloud, token_uri)
            refused("Google Drive folder", "google_drive", "clock is wrong")

    def test_key_that_is_none(self, cloud: Change) -> None:
        cloud(AIRFLOW_CONN_GOOGLE_DRIVE=json.dumps({"conn_type": "google_cloud_platform", "extra": {"keyfile_dict": {"a": 1}}}))
        refused("Google Drive folder", "google_drive", "Put the whole JSON key into the field keyfile_dict")

    def test_folder_that_is_not_shared(self, cloud: Change) -> None:
        cloud(DRIVE_FOLDER_ID="somebody-elses")
        refused("Google Drive folder", "google_drive", "that the folder is shared with the service account")

    def test_no_way_to_google(self, cloud: Change) -> None:
        cloud(DRIVE_API_ENDPOINT=f"http://127.0.0.1:{closed_port()}")
        refused("Google Drive folder", "google_drive", "Google cannot be reached")

    def test_silent_network_is_given_up(self, cloud: Change, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(preflight, "_SECONDS_A_CHECK", 1)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            cloud(DRIVE_API_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}")
            refused("Google Drive folder", "google_drive", "no answer within 1 s")


class TestAws:
    def test_wrong_key(self, cloud: Change, aws: Aws) -> None:
        set_aws(cloud, aws, login="AKIAIOSFODNN7EXAMPLE")
        refused("AWS identity", "aws_default", "the access key is wrong")

    def test_wrong_secret(self, cloud: Change, aws: Aws) -> None:
        set_aws(cloud, aws, password="not-the-secret")
        refused("S3 objects", "aws_default", "the access key is wrong")

    def test_expired_token(self, cloud: Change, aws: Aws) -> None:
        body = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The token has expired</Message></Error></ErrorResponse>"
        with answering(403, body, "text/xml") as url:
            set_aws(cloud, aws, extra={"endpoint_url": url})
            refused("AWS identity", "aws_default", "the session token has expired")

    def test_missing_grant(self, cloud: Change, aws: Aws) -> None:
        iam = boto3.client(
            "iam", endpoint_url=aws.url, aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
        )
        aws.checks_keys(False)
        iam.create_user(UserName="stranger")
        key = iam.create_access_key(UserName="stranger")["AccessKey"]
        aws.checks_keys(True)
        set_aws(cloud, aws, login=key["AccessKeyId"], password=key["SecretAccessKey"])
        for check in ("S3 objects", "DynamoDB table"):
            refused(check, "aws_default", "Attach the policy AirflowPolicyArn")

    def test_missing_bucket(self, cloud: Change) -> None:
        cloud(S3_BUCKET="no-such-bucket")
        refused("S3 bucket", "aws_default", "the bucket does not exist")

    def test_bucket_of_another_region(self, cloud: Change, aws: Aws) -> None:
        elsewhere = boto3.client(
            "s3", endpoint_url=aws.url, aws_access_key_id=aws.key_id, aws_secret_access_key=aws.secret, region_name="eu-west-1"
        )
        elsewhere.create_bucket(Bucket="irish-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        cloud(S3_BUCKET="irish-bucket")
        refused("S3 bucket", "aws_default", "Set it to eu-west-1")

    def test_missing_table(self, cloud: Change) -> None:
        cloud(DYNAMODB_TABLE="no-such-table")
        refused("DynamoDB table", "aws_default", "the table does not exist in this region")

    def test_no_way_to_aws(self, cloud: Change, aws: Aws) -> None:
        set_aws(cloud, aws, extra={"endpoint_url": f"http://127.0.0.1:{closed_port()}"})
        refused("S3 bucket", "aws_default", "AWS cannot be reached")


# What Snowflake answers, by its own codes; the emulator knows no keys, privileges or suspended warehouses.
LOGIN_REFUSALS = {
    "wrong key": ("390144", "JWT token is invalid. [0a1b]", "the key is not this user's"),
    "expired token": ("390114", "Authentication token has expired. The user must authenticate again.", "the token has expired"),
    "role not granted": (
        "390189",
        "Role 'HEALTHCARE_TRANSFORMER' specified in the connect string is not granted to this user. Contact your administrator.",
        "Run deploy/snowflake.sql again",
    ),
    "network policy": (
        "390422",
        "IP/Token 192.0.2.1 is not allowed to access Snowflake.",
        "Allow its address",
    ),
}
STATEMENT_REFUSALS = {
    "no warehouse": (
        "Snowflake schemas",
        "information_schema",
        "000606",
        "No active warehouse selected in the current session. Select an active warehouse with the 'use warehouse' command.",
        "no warehouse runs",
    ),
    "warehouse stopped by its monitor": (
        "Snowflake loader",
        "copy into",
        "090073",
        "Warehouse 'HEALTHCARE_WH' cannot be resumed because resource monitor 'HEALTHCARE_MONITOR' has exceeded its quota.",
        "the month's credits are spent",
    ),
    "loader role not granted": (
        "Snowflake loader",
        "use role",
        "003013",
        "Requested role 'HEALTHCARE_LOADER' is not assigned to the executing user. Specify another role to activate.",
        "the user may not take the role",
    ),
    "loader may not create": (
        "Snowflake loader",
        "create or replace table",
        "003001",
        "SQL access control error: Insufficient privileges to operate on schema 'BRONZE'.",
        "a grant or an object is missing",
    ),
    "role of the integration not trusted": (
        "Snowflake loader",
        "copy into",
        "003167",
        "Error assuming AWS_ROLE: User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole",
        "describe integration HEALTHCARE_S3",
    ),
    "transformer may not create": (
        "Snowflake transformer",
        "gold",
        "003001",
        "SQL access control error: Insufficient privileges to operate on schema 'GOLD'.",
        "a grant or an object is missing",
    ),
}


@pytest.mark.usefixtures("cloud")
class TestSnowflake:
    @pytest.mark.parametrize("case", LOGIN_REFUSALS)
    def test_sign_in_refused(self, case: str, emulator: SnowflakeEmulator) -> None:
        code, message, advice = LOGIN_REFUSALS[case]
        emulator.refuse({"matching": "login", "code": code, "message": message})
        refused("Snowflake sign-in", "snowflake_default", advice)

    @pytest.mark.parametrize("case", STATEMENT_REFUSALS)
    def test_statement_refused(self, case: str, emulator: SnowflakeEmulator) -> None:
        check, matching, code, message, advice = STATEMENT_REFUSALS[case]
        emulator.refuse({"matching": matching, "code": code, "message": message})
        refused(check, "snowflake_default", advice)

    def test_stage_that_points_elsewhere(self, emulator: SnowflakeEmulator) -> None:
        stage = "create or replace stage HEALTHCARE.bronze.landing_stage url = 's3://{}/'"
        emulator.run([stage.format("elsewhere")])
        refused("Snowflake loader", "snowflake_default", "It points elsewhere")
        emulator.run([stage.format(BUCKET)])

    def test_missing_schema(self, emulator: SnowflakeEmulator) -> None:
        emulator.run(["drop schema HEALTHCARE.published"])
        refused("Snowflake schemas", "snowflake_default", "no schema or no grant: published")
        emulator.run(["create schema HEALTHCARE.published"])

    def test_key_that_cannot_be_read(self, cloud: Change, emulator: SnowflakeEmulator) -> None:
        set_snowflake(cloud, emulator.connection(private_key_content="bm90IGEga2V5"))
        refused("Snowflake sign-in", "snowflake_default", "the private key cannot be read")

    def test_damaged_key_is_not_repeated(self, cloud: Change, emulator: SnowflakeEmulator) -> None:
        lines = emulator.private_key.splitlines()
        set_snowflake(cloud, emulator.connection(private_key_content="\n".join([*lines[:9], *lines[11:]])))
        outcome = outcome_of("Snowflake sign-in")
        assert "the private key cannot be read" in outcome.words, outcome.words
        assert not [line for line in lines if len(line) == 64 and line in outcome.words]

    def test_no_way_to_snowflake(self, cloud: Change, emulator: SnowflakeEmulator) -> None:
        set_snowflake(cloud, emulator.connection(port=closed_port()))
        refused("Snowflake sign-in", "snowflake_default", "Snowflake cannot be reached")

    def test_no_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AIRFLOW_CONN_SNOWFLAKE_DEFAULT")
        refused("Snowflake sign-in", "snowflake_default", "Airflow has no connection of this name")


def set_snowflake(cloud: Change, connection: Mapping[str, Any]) -> None:
    cloud(AIRFLOW_CONN_SNOWFLAKE_DEFAULT=json.dumps(connection))


def drive_connection(token_uri: str) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    keyfile = {
        "type": "service_account",
        "client_email": "pipeline@project.iam.gserviceaccount.com",
        "private_key": pem.decode(),
        "private_key_id": "1",
        "token_uri": token_uri,
    }
    return {"conn_type": "google_cloud_platform", "extra": {"keyfile_dict": keyfile}}
