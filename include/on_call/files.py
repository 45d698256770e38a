"""What the engineer on call can ask and order about files: status, verify, retry, forget. `rebuild` is about all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from include.contracts.errors import PossibleRenameError
from include.ingest.checkpoints import Checkpoint, CheckpointTable, Status
from include.ingest.errors import PartOfAWholeError
from include.ingest.file_version import FileVersion
from include.ingest.object_store import ObjectStore
from include.ingest.pipeline import Services
from include.on_call.errors import AmbiguousFileError, NothingToAcceptError, NothingToRetryError, UnknownFileError
from include.settings import Settings
from include.warehouse.operations import forget_in_bronze, read_rows

_OWNER = "on call"
_HELD = {PossibleRenameError.code, PartOfAWholeError.code}
_PREFIXES = ("raw/", "bronze/", "rejects/")
_COLUMNS = ("file", "family", "period", "status", "rows", "rejected", "since", "reason")


@dataclass(frozen=True)
class Finding:
    """One file held against Drive, S3, checkpoint and ledger; `mark` as in `rclone check --combined`, with Drive as the source.

    = the same everywhere, * differs, + only Drive has all of it, - Drive or the checkpoint lacks it, ! could not be read.
    """

    mark: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.name}" + (f" {self.detail}" if self.detail else "")


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
    return f"same bytes as {checkpoint.duplicate_of}" if checkpoint.duplicate_of else ""


def verify_files(services: Services, *, deep: bool = False) -> Iterator[Finding]:
    """Holds every version against Drive, S3, checkpoint and load ledger; `deep` reads the bytes back from S3."""
    known = list(services.checkpoints.all())
    landed = [checkpoint for checkpoint in known if checkpoint.landed]
    in_drive = {file.file_id: file for file in services.drive.list_folder().files}
    versions = {(checkpoint.file_id, checkpoint.file_md5) for checkpoint in landed}
    ledger = read_ledger(services.settings) if any(item.status is Status.LOADED for item in landed) else {}
    for checkpoint in sorted(landed, key=lambda found: (found.filename, found.timestamp)):
        try:
            finding = (
                _against_drive(checkpoint, in_drive, versions)
                or _against_store(checkpoint, services.store, deep=deep)
                or _against_ledger(checkpoint, ledger)
            )
        except (BotoCoreError, ClientError) as error:
            finding = Finding("!", checkpoint.filename, f"cannot be read: {error}")
        yield finding or Finding("=", checkpoint.filename)
    yield from _only_in_drive(known, in_drive.values())
    yield from _without_checkpoint(known, services.store, ledger)


def _only_in_drive(known: list[Checkpoint], files: Iterable[FileVersion]) -> Iterator[Finding]:
    """Files of which no version has landed; one that was refused before it was landed is settled."""
    settled = {item.file_id for item in known if item.landed or item.status is not Status.DISCOVERED}
    for file in sorted(files, key=lambda found: found.name):
        if file.file_id not in settled:
            yield Finding("+", file.name, "only in Drive; the next run takes it")


def _without_checkpoint(known: list[Checkpoint], store: ObjectStore, ledger: Mapping[str, int]) -> Iterator[Finding]:
    """What S3 and the ledger hold and nothing leads to."""
    kept = {key for item in known for key in item.object_keys}
    for prefix in _PREFIXES:
        yield from (Finding("-", key, "only in S3, no checkpoint has it") for key in store.keys(prefix) if key not in kept)
    md5s = {item.file_md5 for item in known}
    yield from (Finding("-", md5, "only in the load ledger, no checkpoint has it") for md5 in sorted(set(ledger) - md5s))


def read_ledger(settings: Settings) -> dict[str, int]:
    """Rows loaded by md5."""
    if settings.dbt_target == "duckdb" and not settings.warehouse_path.exists():
        return {}
    return dict(read_rows(settings, "select file_md5, rows_loaded from bronze.load_ledger"))


def _against_drive(checkpoint: Checkpoint, in_drive: Mapping[str, FileVersion], versions: set[tuple[str, str]]) -> Finding | None:
    """A member of an archive is as its archive is."""
    version = checkpoint.version
    now = in_drive.get(version.archive_id or version.file_id)
    if now is None:
        return Finding("-", checkpoint.filename, "missing in the Drive folder")
    landed_md5 = version.archive_md5 or version.file_md5
    is_superseded = (now.file_id, now.file_md5) in versions
    if now.file_md5 == landed_md5 or is_superseded:
        return None
    detail = f"Drive has md5 {now.file_md5}, landed was {landed_md5}; the next run takes it"
    return Finding("*", checkpoint.filename, f"differs: {detail}")


def _against_store(checkpoint: Checkpoint, store: ObjectStore, *, deep: bool) -> Finding | None:
    sizes = {key: store.size_of(key) for key in checkpoint.object_keys}
    if gone := [key for key, size in sizes.items() if size is None]:
        return Finding("+", checkpoint.filename, f"missing in S3: {', '.join(gone)}")
    raw_key = checkpoint.object_keys[0]
    if sizes[raw_key] != checkpoint.size:
        return Finding("*", checkpoint.filename, f"differs: S3 has {sizes[raw_key]:,} bytes, Drive had {checkpoint.size:,}")
    if deep and (found := store.md5_of(raw_key)) != checkpoint.file_md5:
        return Finding("*", checkpoint.filename, f"differs: S3 has md5 {found}, Drive had {checkpoint.file_md5}")
    return None


def _against_ledger(checkpoint: Checkpoint, ledger: Mapping[str, int]) -> Finding | None:
    if checkpoint.status is not Status.LOADED or checkpoint.certified is None:
        return None
    certified = checkpoint.certified.rows_certified
    loaded = ledger.get(checkpoint.file_md5)
    if loaded is None:
        return Finding("+", checkpoint.filename, "missing in the load ledger")
    if loaded != certified:
        return Finding("*", checkpoint.filename, f"differs: the ledger has {loaded:,} rows, {certified:,} were certified")
    return None


def retry_file(checkpoints: CheckpointTable, wanted: str, file_md5: str | None = None) -> list[Checkpoint]:
    """Sends the refused and unfinished versions of a file, or the one of this md5, back to the start: the next run takes them.

    Raises LeaseHeldError while a run works on one, NothingToRetryError when all are loaded.
    """
    found = [version for version in _versions(checkpoints, wanted) if file_md5 in (None, version.file_md5)]
    if not found:
        raise UnknownFileError(wanted)
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


def forget_file(settings: Settings, store: ObjectStore, checkpoints: CheckpointTable, wanted: str) -> list[Checkpoint]:
    """Takes all versions of one Drive file out of bronze, ledger, S3 and checkpoints, so that the next run lands it anew.

    Raises LeaseHeldError while a run works on one, AmbiguousFileError when the name is that of several Drive files.
    """
    found = _versions(checkpoints, wanted)
    if len(ids := {checkpoint.file_id for checkpoint in found}) > 1:
        raise AmbiguousFileError(wanted, ids)
    for checkpoint in found:
        checkpoint.refuse_while_leased()
    shared = {key for item in checkpoints.all() if item not in found for key in item.object_keys}
    for checkpoint in found:
        with checkpoints.claim(checkpoint, _OWNER) as lease:
            _forget_version(settings, store, lease.checkpoint, shared)
            checkpoints.delete(checkpoint)
        _unpack_again(checkpoints, checkpoint)
    return found


def _forget_version(settings: Settings, store: ObjectStore, checkpoint: Checkpoint, shared: Collection[str]) -> None:
    """A copy in an archive has the object of the original: the same bytes under the same name."""
    # A COPY that was killed behind its commit leaves a loaded file as CERTIFIED; one to be certified again has older rows there.
    if checkpoint.certified and checkpoint.file_md5 in read_ledger(settings):
        forget_in_bronze(settings, checkpoint.file_md5, checkpoint.certified.family)
    for key in checkpoint.object_keys:
        if key not in shared:
            store.delete(key)


def _versions(checkpoints: CheckpointTable, wanted: str) -> list[Checkpoint]:
    found = [checkpoint for checkpoint in checkpoints.all() if wanted in (checkpoint.filename, checkpoint.file_id)]
    if not found:
        raise UnknownFileError(wanted)
    return sorted(found, key=lambda checkpoint: checkpoint.timestamp)
