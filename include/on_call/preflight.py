"""`make preflight`: one line for each connection, permission, bucket, table, stage and role; what fails says what to do.

Everything it writes (two S3 objects, one checkpoint, a few empty tables) it takes away again.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from include.ingest.checkpoints import TTL_ATTRIBUTE
from include.ingest.drive import connect_drive
from include.ingest.object_keys import BRONZE
from include.orchestration.connection_errors import AWS_CONNECTION, DRIVE_CONNECTION, SNOWFLAKE_CONNECTION, explain
from include.orchestration.connections import aws_client, drive_credentials
from include.orchestration.warehouse_profile import dbt_connection
from include.settings import Settings, load_settings
from include.warehouse.operations import read_rows, run_operation

_SECONDS_A_CHECK = 55  # a person waits: an answer, or the reason for none, within a minute
_PREFIX = f"{BRONZE}preflight"  # one of the two that Snowflake's role may read
_SCHEMAS = {"bronze", "staging", "silver", "gold", "published"}


@dataclass(frozen=True)
class Check:
    """`connection` is the Airflow connection that an error speaks of; `run` returns what was found."""

    name: str
    connection: str
    run: Callable[[], str]


@dataclass(frozen=True)
class Outcome:
    name: str
    is_good: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.is_good else 'FAIL'}  {self.name:<22}  {self.words}"


class WrongSetupError(Exception):
    """Everything answers, and what it answers is not what the pipeline needs."""


def main() -> int:
    settings = load_settings()
    if settings.dbt_target == "duckdb":
        print("DBT_TARGET is duckdb: the embedded default needs no connection. For the cloud size set what deploy/.env lists.")
        return 2
    logging.disable(logging.WARNING)  # Airflow, Cosmos and boto3 tell what they do; here only the outcomes count
    failed = 0
    for outcome in outcomes(checks(settings)):
        print(outcome, flush=True)
        failed += not outcome.is_good
    print(f"{failed} of these must be fixed before a run." if failed else "Everything the pipeline needs is there.")
    return 1 if failed else 0


def outcomes(wanted: list[Check]) -> Iterator[Outcome]:
    """One after the other; a check that never ends is given up, and the ones after it still run."""
    for check in wanted:
        try:
            yield Outcome(check.name, True, _answer_in_time(check.run))
        except FutureTimeoutError:
            words = f"{check.connection}: no answer within {_SECONDS_A_CHECK} s. Check its host or region, and the firewall."
            yield Outcome(check.name, False, words)
        except WrongSetupError as error:
            yield Outcome(check.name, False, f"{check.connection}: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a line of the report, and the next check continues
            yield Outcome(check.name, False, explain(error, check.connection))


def _answer_in_time(run: Callable[[], str]) -> str:
    """In a daemon thread: one that hangs in a socket must not keep the process from ending."""
    answer: Future[str] = Future()

    def work() -> None:
        try:
            answer.set_result(run())
        except BaseException as error:  # noqa: BLE001 - it is raised again by whoever asks for the result
            answer.set_exception(error)

    with redirect_stdout(io.StringIO()):  # dbt says its errors aloud, and they stand in the outcome
        threading.Thread(target=work, daemon=True).start()
        return answer.result(timeout=_SECONDS_A_CHECK)


def checks(settings: Settings) -> list[Check]:
    """In the order in which a later one needs an earlier one."""
    wanted: list[tuple[str, str, Callable[[Settings], str]]] = [
        ("Google Drive folder", DRIVE_CONNECTION, drive_folder),
        ("AWS identity", AWS_CONNECTION, aws_identity),
        ("S3 bucket", AWS_CONNECTION, s3_bucket),
        ("S3 objects", AWS_CONNECTION, s3_objects),
        ("DynamoDB table", AWS_CONNECTION, dynamodb_table),
        ("DynamoDB items", AWS_CONNECTION, dynamodb_items),
        ("Snowflake sign-in", SNOWFLAKE_CONNECTION, snowflake_sign_in),
        ("Snowflake schemas", SNOWFLAKE_CONNECTION, snowflake_schemas),
        ("Snowflake loader", SNOWFLAKE_CONNECTION, snowflake_loader),
        ("Snowflake transformer", SNOWFLAKE_CONNECTION, snowflake_transformer),
    ]
    return [Check(name, connection, lambda run=run: run(settings)) for name, connection, run in wanted]  # type: ignore[misc]


def drive_folder(settings: Settings) -> str:
    """The folder can be listed with the key of the connection."""
    impatient = settings.model_copy(update={"drive_attempts": 2, "drive_answer_seconds": 20})
    listing = connect_drive(impatient, drive_credentials()).list_folder()
    return f"{len(listing.files)} CSV files in {settings.drive_folder_id}, {len(listing.ignored)} other entries"


def aws_identity(_: Settings) -> str:
    """Who the credentials are."""
    return str(_impatient("sts").get_caller_identity()["Arn"])


def s3_bucket(settings: Settings) -> str:
    """The bucket is there, in the region of the connection."""
    client = _impatient("s3")
    answer = client.head_bucket(Bucket=settings.s3_bucket)
    region = answer.get("BucketRegion") or client.meta.region_name
    if region != client.meta.region_name:
        raise WrongSetupError(
            f"the bucket {settings.s3_bucket} lies in {region}, and region_name of its extra is {client.meta.region_name}. "
            f"Set it to {region}."
        )
    return f"{settings.s3_bucket} in {region}"


def s3_objects(settings: Settings) -> str:
    """The role may write, read, list and delete objects, and send a large one in parts."""
    client, where = _impatient("s3"), {"Bucket": settings.s3_bucket, "Key": f"{_PREFIX}/object"}
    client.put_object(**where, Body=b"preflight")
    try:
        client.get_object(**where)["Body"].read()
        client.list_objects_v2(Bucket=settings.s3_bucket, Prefix=_PREFIX)
        upload = client.create_multipart_upload(**where)["UploadId"]
        client.list_parts(**where, UploadId=upload)
        client.abort_multipart_upload(**where, UploadId=upload)
    finally:
        client.delete_object(**where)
    return "written, read, listed and deleted"


def dynamodb_table(settings: Settings) -> str:
    """The table is there with the key of the checkpoints."""
    table = _impatient("dynamodb").describe_table(TableName=settings.dynamodb_table)["Table"]
    key = {part["AttributeName"]: part["KeyType"] for part in table["KeySchema"]}
    if key != {"file_id": "HASH", "file_md5": "RANGE"}:
        raise WrongSetupError(
            f"the table {settings.dynamodb_table} has the key {', '.join(key)}, not file_id and file_md5. "
            "Make it with deploy/aws.yml."
        )
    return f"{settings.dynamodb_table} ({table['TableStatus'].lower()})"


def dynamodb_items(settings: Settings) -> str:
    """The role may write under a condition, read, list and delete checkpoints."""
    client, table = _impatient("dynamodb"), {"TableName": settings.dynamodb_table}
    key = {"file_id": {"S": "preflight"}, "file_md5": {"S": "preflight"}}
    item = {**key, TTL_ATTRIBUTE: {"N": str(int(time.time()) + 3600)}}  # should this process be killed before it deletes it
    client.put_item(**table, Item=item, ConditionExpression="attribute_not_exists(lease_owner)")
    try:
        client.get_item(**table, Key=key)
        client.update_item(
            **table, Key=key, UpdateExpression="set checked = :yes", ExpressionAttributeValues={":yes": {"BOOL": True}}
        )
        client.scan(**table, Limit=1)
    finally:
        client.delete_item(**table, Key=key)
    return "written under a condition, read, changed and deleted"


def snowflake_sign_in(settings: Settings) -> str:
    """The key signs in."""
    with dbt_connection():
        ((user, role),) = read_rows(settings, "select current_user(), current_role()")
    return f"{user} as {role}"


def snowflake_schemas(settings: Settings) -> str:
    """A warehouse answers, and the role sees the database's five schemas."""
    with dbt_connection():
        found = {name for (name,) in read_rows(settings, "select lower(schema_name) from information_schema.schemata")}
    if missing := _SCHEMAS - found:
        raise WrongSetupError(f"no schema or no grant: {', '.join(sorted(missing))}. Run deploy/snowflake.sql again.")
    return ", ".join(sorted(_SCHEMAS))


def snowflake_loader(settings: Settings) -> str:
    """The role that loads bronze copies one object of the bucket through the stage into a table."""
    client, where = _impatient("s3"), {"Bucket": settings.s3_bucket, "Key": f"{_PREFIX}/rows.parquet"}
    client.put_object(**where, Body=_one_row())
    try:
        with dbt_connection():
            run_operation(settings, "check_copy", quiet=True, path=where["Key"])
    finally:
        client.delete_object(**where)
    return f"a COPY through {settings.snowflake_stage} reads {settings.s3_bucket}"


def snowflake_transformer(settings: Settings) -> str:
    """The role that runs the models makes tables and views where dbt does."""
    with dbt_connection():
        run_operation(settings, "check_transformer", quiet=True)
    return "makes views in staging, tables in silver, gold and published"


def _impatient(service: str) -> Any:
    """A boto3 client of the connection that gives up soon: a person waits."""
    from botocore.config import Config  # noqa: PLC0415 - only when asked

    return aws_client(service, Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2}))


def _one_row() -> bytes:
    import pyarrow as pa  # noqa: PLC0415 - only when asked
    import pyarrow.parquet as pq  # noqa: PLC0415

    buffer = io.BytesIO()
    pq.write_table(pa.table({"checked": ["preflight"]}), buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
