"""The on-call verb `verify`: every file version held against Drive, S3, checkpoint and load ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from include.ingest.checkpoints import Checkpoint, Status
from include.ingest.file_version import FileVersion
from include.ingest.object_keys import PREFIXES
from include.ingest.object_store import ObjectStore
from include.ingest.pipeline import Services
from include.settings import Settings
from include.warehouse.operations import read_rows


@dataclass(frozen=True)
class Finding:
    """One file held against Drive, S3, checkpoint and ledger; `mark` as in `rclone check --combined`, with Drive as the source.

    = the same everywhere, * differs, + only Drive has all of it, - Drive or the checkpoint lacks it, ! could not be read.
    `version` is period and md5. A file that somebody took out of Drive is marked, and is no difference.
    """

    mark: str
    name: str
    detail: str = ""
    version: str = ""
    is_difference: bool = True

    def __str__(self) -> str:
        return " ".join(filter(None, (self.mark, self.name, self.version, self.detail)))


def count_findings(findings: Sequence[Finding]) -> str:
    """The closing line of `verify`."""
    marks = Counter(finding.mark for finding in findings)
    differences = sum(finding.is_difference for finding in findings)
    counted = ", ".join(f"{count:,} {mark}" for mark, count in sorted(marks.items())) or "nothing to compare"
    return f"{len(findings):,} compared ({counted}); {differences:,} {'difference' if differences == 1 else 'differences'}"


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
        made = checkpoint.certified
        version = " ".join(filter(None, (made.period if made else checkpoint.version.period, checkpoint.file_md5)))
        yield replace(finding or Finding("=", checkpoint.filename, is_difference=False), version=version)
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
    for prefix in PREFIXES:
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
    if now is None and checkpoint.gone_since:
        detail = f"deleted from Drive, as a run noticed on {checkpoint.gone_since[:10]}; its rows stay until `forget`"
        return Finding("-", checkpoint.filename, detail, is_difference=False)
    if now is None:
        return Finding("-", checkpoint.filename, "missing in the Drive folder; the next run notes it as deleted")
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
