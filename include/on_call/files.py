"""What the engineer on call can ask and order about files: status, rejects, retry, accept, forget."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.contracts.errors import PossibleRenameError
from include.ingest.checkpoints import Checkpoint, CheckpointTable, Status
from include.ingest.drive import Drive
from include.ingest.errors import PartOfAWholeError
from include.ingest.object_store import ObjectStore
from include.on_call.errors import AmbiguousFileError, NothingToAcceptError, NothingToRetryError, UnknownFileError
from include.on_call.verify import read_ledger
from include.settings import Settings
from include.warehouse.operations import forget_in_bronze

_OWNER = "on call"
_HELD = {PossibleRenameError.code, PartOfAWholeError.code}
_COLUMNS = ("file", "family", "period", "status", "rows", "rejected", "since", "reason")


def status_table(checkpoints: CheckpointTable) -> list[str]:
    """One line a file version, by family, period and name, under a line of headings."""
    rows = sorted(_status_row(checkpoint) for checkpoint in checkpoints.all())
    cells = [_COLUMNS, *rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(_COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _status_row(checkpoint: Checkpoint) -> tuple[str, ...]:
    made = checkpoint.certified
    return (
        checkpoint.filename if checkpoint.filename.isprintable() else repr(checkpoint.filename),
        made.family if made else "-",
        made.period if made else "-",
        str(checkpoint.status),
        f"{made.rows_certified:,}" if made else "-",
        f"{made.rows_rejected:,}" if made else "-",
        checkpoint.timestamp[:19],
        _remark(checkpoint),
    )


def _remark(checkpoint: Checkpoint) -> str:
    if checkpoint.holder and checkpoint.is_leased:
        return f"worked on by {checkpoint.holder.lease_owner}"
    if checkpoint.refusal:
        return checkpoint.refusal.reason
    if checkpoint.gone_since:
        return f"no longer in Drive since {checkpoint.gone_since[:10]}; its rows stay until `forget`"
    return f"same bytes as {checkpoint.duplicate_of}" if checkpoint.duplicate_of else ""


def retry_file(checkpoints: CheckpointTable, wanted: str, file_md5: str | None = None) -> list[Checkpoint]:
    """Sends the refused and unfinished versions of a file, or the one of this md5, back to the start: the next run takes them.

    Raises LeaseHeldError while a run works on one, NothingToRetryError when all are loaded.
    """
    found = _versions(checkpoints, wanted, file_md5)
    waiting = [checkpoint for checkpoint in found if checkpoint.status not in (Status.LOADED, Status.UNPACKED)]
    if not waiting:
        raise NothingToRetryError(wanted)
    for checkpoint in waiting:
        checkpoints.reset(checkpoint, Status.DISCOVERED)
        _unpack_again(checkpoints, checkpoint)
    return waiting


def accept_file(checkpoints: CheckpointTable, wanted: str) -> list[Checkpoint]:
    """Takes the held versions of a file as they are: the next run loads them.

    Raises LeaseHeldError while a run works on one, NothingToAcceptError when none is held.
    """
    held = [item for item in _versions(checkpoints, wanted) if item.refusal and item.refusal.error_code in _HELD]
    if not held:
        raise NothingToAcceptError(wanted)
    for checkpoint in held:
        checkpoints.reset(checkpoint, Status.LANDED, accepted=True)
    return held


def _unpack_again(checkpoints: CheckpointTable, checkpoint: Checkpoint) -> None:
    """The bytes of an archive's member come from the archive, which S3 has."""
    version = checkpoint.version
    for archive in checkpoints.versions_of(version.archive_id) if version.archive_id else []:
        if archive.file_md5 == version.archive_md5 and archive.status is Status.UNPACKED:
            checkpoints.reset(archive, Status.LANDED)


@dataclass(frozen=True)
class Forgetting:
    """What `forget` is about to do."""

    version: Checkpoint
    is_in_drive: bool
    #: An older version of the same period, which is current again when this one is gone.
    older: Checkpoint | None

    @property
    def name(self) -> str:
        return f"{self.version.filename} ({self.version.file_md5})"

    @property
    def announcement(self) -> str:
        made = self.version.certified
        rows = f"its {made.rows_certified:,} rows in bronze.{made.family}" if made else "no rows in bronze"
        return f"{self.name}: {rows}, its objects in S3 and its checkpoint go; {self.what_next}"

    @property
    def what_next(self) -> str:
        then = "the next run lands it again" if self.is_in_drive else "it is no longer in Drive, so no run brings it back"
        if self.older:
            then += f"; until then {self.older.filename!r} of {self.older.modified_at[:10]} is current for {_period(self.older)}"
        return then


def plan_forgetting(checkpoints: CheckpointTable, drive: Drive, wanted: str, file_md5: str | None = None) -> list[Forgetting]:
    """All versions of one Drive file, or the one of this md5.

    Raises LeaseHeldError while a run works on one, AmbiguousFileError when the name is that of several Drive files.
    """
    found = _versions(checkpoints, wanted, file_md5)
    if len(ids := {checkpoint.file_id for checkpoint in found}) > 1:
        raise AmbiguousFileError(wanted, ids)
    for checkpoint in found:
        checkpoint.refuse_while_leased()
    in_drive = {(file.file_id, file.file_md5) for file in drive.list_folder().files}
    others = [item for item in checkpoints.all() if item not in found]
    return [Forgetting(item, _drive_key(item) in in_drive, _older_version(item, others)) for item in found]


def forget_versions(settings: Settings, store: ObjectStore, checkpoints: CheckpointTable, versions: Sequence[Checkpoint]) -> None:
    """Takes them out of bronze, ledger, S3 and checkpoints."""
    shared = {key for item in checkpoints.all() if item not in versions for key in item.object_keys}
    for checkpoint in versions:
        with checkpoints.claim(checkpoint, _OWNER) as lease:
            _forget_version(settings, store, lease.checkpoint, shared)
            checkpoints.delete(checkpoint)
        _unpack_again(checkpoints, checkpoint)


def _drive_key(checkpoint: Checkpoint) -> tuple[str, str]:
    """A file of an archive is in Drive as its archive is."""
    version = checkpoint.version
    return version.archive_id or version.file_id, version.archive_md5 or version.file_md5


def _older_version(version: Checkpoint, others: Iterable[Checkpoint]) -> Checkpoint | None:
    """The newest loaded one of the same family and period."""
    same = [item for item in others if item.status is Status.LOADED and _family_and_period(item) == _family_and_period(version)]
    return max(same, key=lambda item: item.modified_at, default=None) if version.status is Status.LOADED else None


def _family_and_period(checkpoint: Checkpoint) -> tuple[str, str]:
    made = checkpoint.certified
    return (made.family, made.period) if made else ("", "")


def _period(checkpoint: Checkpoint) -> str:
    return _family_and_period(checkpoint)[1]


def rejects_of(store: ObjectStore, checkpoints: CheckpointTable, wanted: str) -> Iterator[str]:
    """Line, reason and text of every record that was rejected, version by version."""
    for checkpoint in _versions(checkpoints, wanted):
        if checkpoint.certified:
            yield f"{checkpoint.filename} ({checkpoint.file_md5}): {checkpoint.certified.rows_rejected:,} rejected"
            yield from map(_rejected_record, _read_rejects(store, checkpoint.certified.rejects_key))
        else:
            yield f"{checkpoint.filename} ({checkpoint.file_md5}) is {checkpoint.status}: nothing of it was certified"


def _read_rejects(store: ObjectStore, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(pa.BufferReader(b"".join(store.read_chunks(key)))).to_pylist()
    return rows


def _rejected_record(row: Mapping[str, Any]) -> str:
    return f"  line {row['source_row']}: {row['reason']}\n    {row['raw_line']!r}"


def _forget_version(settings: Settings, store: ObjectStore, checkpoint: Checkpoint, shared: Collection[str]) -> None:
    """A copy in an archive has the object of the original: the same bytes under the same name."""
    # A COPY that was killed behind its commit leaves a loaded file as CERTIFIED; one to be certified again has older rows there.
    if checkpoint.certified and checkpoint.file_md5 in read_ledger(settings):
        forget_in_bronze(settings, checkpoint.file_md5, checkpoint.certified.family)
    for key in checkpoint.object_keys:
        if key not in shared:
            store.delete(key)


def _versions(checkpoints: CheckpointTable, wanted: str, file_md5: str | None = None) -> list[Checkpoint]:
    """By name or Drive id; all of them, or the one of this md5."""
    named = [checkpoint for checkpoint in checkpoints.all() if wanted in (checkpoint.filename, checkpoint.file_id)]
    found = [checkpoint for checkpoint in named if file_md5 in (None, checkpoint.file_md5)]
    if not found:
        raise UnknownFileError(wanted)
    return sorted(found, key=lambda checkpoint: checkpoint.timestamp)
