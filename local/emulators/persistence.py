"""S3 objects and DynamoDB items survive the end of moto, which keeps everything in memory.

Kept is what the pipeline writes: all buckets with the current version of every object (content, ETag, user metadata) and all
checkpoint tables with their items. Not kept: older versions, unfinished multipart uploads, headers, tags, LastModified. The ETag
of a multipart object is a hash of its parts' hashes, so the sizes of the parts are saved and it is uploaded in the same parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from local.emulators.aws_clients import LocalAws
from local.emulators.cloud_state import SavedCloud, StateFolder
from local.emulators.saved_buckets import restore_buckets, save_buckets
from local.emulators.saved_tables import restore_tables, save_tables
from local.errors import CloudStateUnreadableError

STATE_FOLDER = "cloud_state"


@dataclass(frozen=True)
class SaveSummary:
    objects: int
    objects_written: int
    items: int


def save_cloud(home: Path, aws: LocalAws) -> SaveSummary:
    folder = StateFolder(home / STATE_FOLDER)
    before = _saved_before(folder)
    # Checkpoints first: whatever a saved checkpoint speaks of is then among the objects saved after it.
    tables = save_tables(aws.dynamodb, folder)
    buckets = save_buckets(aws.s3, folder, before)
    cloud = SavedCloud(tables=tables, buckets=buckets)
    if cloud != before or not folder.manifest.exists():
        folder.commit(cloud)
    saved = [saved.file for _, saved in cloud.objects()]
    return SaveSummary(
        objects=len(saved),
        objects_written=len(set(saved) - before.files()),
        items=sum(table.items for table in tables),
    )


def restore_cloud(home: Path, aws: LocalAws) -> None:
    """Into a moto that holds nothing yet."""
    folder = StateFolder(home / STATE_FOLDER)
    cloud = folder.read()
    folder.check_contents(cloud)
    restore_buckets(aws.s3, folder, cloud)
    restore_tables(aws, folder, cloud)


def _saved_before(folder: StateFolder) -> SavedCloud:
    try:
        return folder.read()
    except CloudStateUnreadableError:
        # The running servers hold everything (they were restored whole): a damaged copy is written again.
        return SavedCloud()
