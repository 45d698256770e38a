"""The steps of the DAG as plain functions: what each Airflow task does, with its collaborators passed in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from include.cms_ingest.certify import certify_file
from include.cms_ingest.checkpoints import Checkpoint, CheckpointTable, Status
from include.cms_ingest.drive import Drive, DriveFile, connect_drive
from include.cms_ingest.landing import land_file
from include.cms_ingest.object_store import ObjectStore
from include.cms_ingest.planning import Plan, plan_files
from include.cms_ingest.settings import Settings
from include.cms_ingest.warehouse import copy_into_bronze

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


@dataclass(frozen=True)
class Services:
    """The outside world of one task: Drive, S3 and the checkpoint table."""

    settings: Settings
    drive: Drive
    store: ObjectStore
    checkpoints: CheckpointTable


def connect(settings: Settings, s3_client: Any, dynamodb: Any, drive_credentials: Credentials | None = None) -> Services:
    """From a boto3 S3 client and a boto3 DynamoDB resource, however they were made; Drive as `connect_drive` says."""
    return Services(
        settings,
        connect_drive(settings, drive_credentials),
        ObjectStore(s3_client, settings.s3_bucket),
        CheckpointTable(dynamodb.Table(settings.dynamodb_table), settings.lease_seconds),
    )


def plan(services: Services, families: Collection[str]) -> Plan:
    return plan_files(services.drive.list_folder(), services.checkpoints, families)


def land(services: Services, file: Mapping[str, Any], owner: str) -> Checkpoint:
    version = DriveFile(**file)
    part_bytes = services.settings.part_bytes
    return land_file(version, services.drive, services.store, services.checkpoints, owner, part_bytes)


def certify(services: Services, file: Mapping[str, Any], owner: str) -> Checkpoint:
    checkpoint = services.checkpoints.get(file["file_id"], file["file_md5"])
    return certify_file(checkpoint, services.store, services.checkpoints, owner)


def copy_to_bronze(services: Services, run_id: str) -> list[dict[str, Any]]:
    """Loads every certified version, also those that an earlier run left behind; returns what was loaded."""
    certified = [item for item in services.checkpoints.all() if item.status is Status.CERTIFIED]
    if not certified and _has_warehouse(services.settings):
        return []
    files = [_bronze_file(services, checkpoint, run_id) for checkpoint in certified]
    copy_into_bronze(services.settings, files)
    for checkpoint in certified:
        with services.checkpoints.claim(checkpoint, owner=run_id) as lease:
            lease.advance(Status.LOADED, run_id=run_id)
    _drop_staged(services.settings)
    return files


#: What the report works with when the plan itself failed.
NO_PLAN: dict[str, Any] = {"work": [], "unchanged": 0, "quarantined": [], "ignored": []}


def plan_as_dict(made: Plan) -> dict[str, Any]:
    """For XCom: plain lists and numbers."""
    return {
        "work": [asdict(file) for file in made.work],
        "unchanged": made.unchanged,
        "quarantined": [asdict(item) for item in made.quarantined],
        "ignored": [asdict(item) for item in made.ignored],
    }


def _has_warehouse(settings: Settings) -> bool:
    return settings.dbt_target != "duckdb" or settings.warehouse_path.exists()


def _bronze_file(services: Services, checkpoint: Checkpoint, run_id: str) -> dict[str, Any]:
    """What the COPY macro needs to know about one certified file."""
    known = checkpoint.attributes
    return {
        **{name: known[name] for name in ("family", "period", "rows_in_file", "rows_certified", "rows_rejected")},
        "file_md5": checkpoint.file_md5,
        "file_id": checkpoint.file_id,
        "file_name": checkpoint.filename,
        "modified_at": _timestamp(known["modified_at"]),
        "landed_at": _timestamp(known["landed_at"]),
        "loaded_at": _timestamp(datetime.now(UTC).isoformat()),
        "run_id": run_id,
        "bronze_path": _path_for_copy(services, known["bronze_key"]),
        "rejects_path": _path_for_copy(services, known["rejects_key"]),
    }


def _path_for_copy(services: Services, key: str) -> str:
    """Snowflake reads the object through its stage; DuckDB reads a local copy of it."""
    if services.settings.dbt_target == "snowflake":
        return key
    path = services.settings.stage_dir / key
    path.parent.mkdir(parents=True, exist_ok=True)
    services.store.download_file(key, path)  # also over a copy that a failed COPY left: the file may be certified anew
    return str(path)


def _drop_staged(settings: Settings) -> None:
    for path in settings.stage_dir.rglob("*.parquet"):
        path.unlink()


def _timestamp(text: str) -> str:
    """RFC 3339 to the warehouse's timestamp in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
