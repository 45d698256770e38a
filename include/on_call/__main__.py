"""The on-call verbs: `python -m include.on_call status, verify | rejects, retry, accept, forget <file> | layout FILE… | rebuild`.

A file is named by its name or its Drive id. Settings come from the environment; credentials too in the embedded default
(`python -m local.run env` prints them), and in the cloud from Airflow's connections, as in the tasks.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import HttpError

from include.contracts.errors import PipelineError
from include.ingest.checkpoints import CheckpointTable
from include.ingest.object_store import ObjectStore
from include.ingest.pipeline import Services, connect, connect_stores
from include.on_call import files
from include.on_call.airflow_runs import unfinished_run_ids
from include.on_call.errors import RunUnderWayError
from include.on_call.layout import describe_files
from include.on_call.verify import Finding, count_findings, verify_files
from include.orchestration.connection_errors import connection_errors_explained
from include.settings import Settings, load_settings
from include.warehouse.rebuild import rebuild_warehouse

_CLOUD_ERRORS = (BotoCoreError, ClientError, GoogleAuthError, HttpError, OSError)


def main(arguments: list[str] | None = None) -> int:
    parsed = argument_parser().parse_args(arguments)
    try:
        with connection_errors_explained():
            return int(parsed.verb(load_settings(), parsed))
    except PipelineError as error:
        print(error, file=sys.stderr)
    except _CLOUD_ERRORS as error:
        print(
            f"The services cannot be used: {error}. Check that they run and that AWS_ENDPOINT_URL, AWS_DEFAULT_REGION, the AWS "
            "credentials and DRIVE_API_ENDPOINT say where (embedded default: `python -m local.run env`).",
            file=sys.stderr,
        )
    return 2


def status(settings: Settings, _: argparse.Namespace) -> int:
    """every file version: family, period, status, rows and reason"""
    for line in files.status_table(_checkpoints(settings)):
        print(line)
    return 0


def verify(settings: Settings, parsed: argparse.Namespace) -> int:
    """every landed file against Drive, S3 and the load ledger; exit code 1 on any difference"""
    findings: list[Finding] = []
    with _warehouse(settings):
        for finding in verify_files(_services(settings), deep=parsed.deep):
            print(finding)
            findings.append(finding)
    print(count_findings(findings))
    return 1 if any(finding.is_difference for finding in findings) else 0


def rejects(settings: Settings, parsed: argparse.Namespace) -> int:
    """line, reason and text of each rejected record of a file"""
    for line in files.rejects_of(_store(settings), _checkpoints(settings), parsed.file):
        print(line)
    return 0


def retry(settings: Settings, parsed: argparse.Namespace) -> int:
    """send a refused or unfinished file back, so that the next run takes it"""
    for checkpoint in files.retry_file(_checkpoints(settings), parsed.file):
        print(f"{checkpoint.filename} ({checkpoint.file_md5}) was {checkpoint.status}; the next run takes it")
    return 0


def accept(settings: Settings, parsed: argparse.Namespace) -> int:
    """load a held file as it is: one that looks like a part of the whole, or whose columns may have been renamed"""
    for checkpoint in files.accept_file(_checkpoints(settings), parsed.file):
        print(f"{checkpoint.filename} ({checkpoint.file_md5}) is accepted; the next run loads it")
    return 0


def layout(_: Settings, parsed: argparse.Namespace) -> int:
    """what a CSV file or an archive on this machine holds, and what a run would say of it; needs no services"""
    is_fine = True
    for path in parsed.files:
        for described in describe_files(path, with_profile=parsed.profile):
            print("\n".join(described.lines()), end="\n\n")
            is_fine &= described.is_fine
    return 0 if is_fine else 1


def forget(settings: Settings, parsed: argparse.Namespace) -> int:
    """take a file out of bronze, ledger, S3 and checkpoints; says what will happen and asks first"""
    services = _services(settings)
    planned = files.plan_forgetting(services.checkpoints, services.drive, parsed.file, parsed.md5)
    if not parsed.yes:
        for item in planned:
            print(item.announcement)
        if parsed.dry_run or not _is_confirmed():
            print("nothing was changed")
            return 0
    with _warehouse(settings):
        files.forget_versions(settings, services.store, services.checkpoints, [item.version for item in planned])
    for item in planned:
        print(f"{item.name} is forgotten; {item.what_next}")
    return 0


def _is_confirmed() -> bool:
    if not sys.stdin.isatty():
        print("There is no terminal to ask at. Add --yes to go ahead.")
        return False
    return input("Forget this? [y/N] ").strip().lower() == "y"


def rebuild(settings: Settings, parsed: argparse.Namespace) -> int:
    """drop the warehouse, make it again from S3 alone, publish gold when every test has passed"""
    if alive := set(unfinished_run_ids(settings)) - set(parsed.dead_run):
        raise RunUnderWayError(alive)
    run_id = f"rebuild__{datetime.now(UTC).isoformat(timespec='seconds')}"
    with _warehouse(settings):
        rows = rebuild_warehouse(connect_stores(settings, *_aws(settings)), run_id, lambda line: print(line, flush=True))
    print(f"published {sum(rows.values()):,} rows in {len(rows)} gold tables as {run_id}")
    return 0


# In the cloud the credentials are Airflow's connections. Airflow takes seconds to import, so the embedded default does not.


def _services(settings: Settings) -> Services:
    if settings.dbt_target == "duckdb":
        return connect(settings, *_aws(settings))
    from include.orchestration.connections import connect_services

    return connect_services()


def _aws(settings: Settings) -> tuple[Any, Any]:
    """The S3 client and the DynamoDB resource."""
    if settings.dbt_target == "duckdb":
        return boto3.client("s3"), boto3.resource("dynamodb")
    from include.orchestration.connections import aws_clients

    return aws_clients()


def _warehouse(settings: Settings) -> AbstractContextManager[None]:
    if settings.dbt_target == "duckdb":
        return nullcontext()
    from include.orchestration.warehouse_profile import dbt_connection

    return dbt_connection()


def _store(settings: Settings) -> ObjectStore:
    s3_client, _ = _aws(settings)
    return ObjectStore(s3_client, settings.s3_bucket)


def _checkpoints(settings: Settings) -> CheckpointTable:
    _, dynamodb = _aws(settings)
    return CheckpointTable(dynamodb.Table(settings.dynamodb_table), settings.lease_seconds)


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.on_call", description=str(__doc__).splitlines()[0])
    verbs = parser.add_subparsers(required=True, metavar="verb")
    for verb in (status, verify, rejects, retry, accept, forget, layout, rebuild):
        command = verbs.add_parser(verb.__name__, help=verb.__doc__)
        command.set_defaults(verb=verb)
        if verb is verify:
            command.add_argument("--deep", action="store_true", help="read every object back from S3 and compare its md5")
        if verb in (rejects, retry, accept, forget):
            command.add_argument("file", help="file name or Drive id")
        if verb is forget:
            command.add_argument("--md5", help="only this version of the file")
            command.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
            command.add_argument("--yes", action="store_true", help="do not ask")
        if verb is layout:
            command.add_argument("files", nargs="+", type=Path, metavar="FILE")
            command.add_argument(
                "--profile", action="store_true", help="per column: blanks, distinct, least, greatest, mean, frequent"
            )
        if verb is rebuild:
            command.add_argument("--dead-run", action="append", default=[], metavar="RUN_ID", help="a run that was killed")
    return parser


if __name__ == "__main__":
    os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"  # in the cloud it would tell what it does on the verbs' own output
    sys.exit(main())
