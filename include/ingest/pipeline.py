"""The steps of the DAG as plain functions: what each Airflow task does, with its collaborators passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.ingest.archives import unpack_archive
from include.ingest.certify import certify_file
from include.ingest.checkpoints import Checkpoint, CheckpointTable
from include.ingest.drive import Drive, connect_drive
from include.ingest.file_version import FileVersion
from include.ingest.landing import land_file
from include.ingest.object_store import ObjectStore
from include.ingest.planning import EVERY_FILE, Plan, Selection, plan_certification, plan_files
from include.settings import Settings

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


@dataclass(frozen=True)
class Stores:
    """What a step needs that never asks Drive: S3 and the checkpoint table."""

    settings: Settings
    store: ObjectStore
    checkpoints: CheckpointTable


@dataclass(frozen=True)
class Services(Stores):
    """The outside world of one task."""

    drive: Drive


def connect(settings: Settings, s3_client: Any, dynamodb: Any, drive_credentials: Credentials | None = None) -> Services:
    """From a boto3 S3 client and a boto3 DynamoDB resource, however they were made; Drive as `connect_drive` says."""
    stores = connect_stores(settings, s3_client, dynamodb)
    return Services(settings, stores.store, stores.checkpoints, connect_drive(settings, drive_credentials))


def connect_stores(settings: Settings, s3_client: Any, dynamodb: Any) -> Stores:
    return Stores(
        settings,
        ObjectStore(s3_client, settings.s3_bucket),
        CheckpointTable(dynamodb.Table(settings.dynamodb_table), settings.lease_seconds),
    )


def plan(services: Services, selection: Selection = EVERY_FILE) -> Plan:
    return plan_files(services.drive.list_folder(), services.checkpoints, selection)


def land(services: Services, file: FileVersion, owner: str) -> Checkpoint:
    """Of an archive, its members too."""
    part_bytes = services.settings.part_bytes
    landed = land_file(file, services.drive, services.store, services.checkpoints, owner, part_bytes)
    if not file.is_archive:
        return landed
    return unpack_archive(file, services.store, services.checkpoints, owner, part_bytes)


def plan_to_certify(services: Stores, planned: Plan, selection: Selection = EVERY_FILE) -> Plan:
    return plan_certification(planned, services.checkpoints, selection)


def certify(services: Stores, file: FileVersion, owner: str) -> Checkpoint:
    refuse_drift = services.settings.header_drift == "refuse"
    return certify_file(file, services.store, services.checkpoints, owner, refuse_drift=refuse_drift)
