"""Decides what a run has to do: which file versions of the Drive folder are new, known, doubled or not ours."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from include.cms_contracts.contract import contracts_version
from include.cms_contracts.errors import BadFileError
from include.cms_contracts.file_name import match_family, period_in_name
from include.cms_contracts.periods import days_of
from include.cms_ingest.checkpoints import Checkpoint, CheckpointTable, Status
from include.cms_ingest.drive import DriveFile, IgnoredEntry, Listing
from include.cms_ingest.errors import DuplicateContentError, RenamedToAnotherPeriodError


@dataclass(frozen=True)
class Selection:
    """Which files of the folder a run looks at: all of them, unless it is told families, or days that their periods touch."""

    families: Collection[str] = ()
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """From the parameters of a DAG run, where a day is a text like 2024-01-31, or None."""
        since, until = (date.fromisoformat(params[name]) if params[name] else None for name in ("since", "until"))
        return cls(params["families"], since, until)

    def takes(self, file: DriveFile) -> bool:
        """A file whose name tells no period is taken whatever the days: only its content can tell."""
        try:
            contract = match_family(file.name)
        except BadFileError:
            return not self.families
        if self.families and contract.family not in self.families:
            return False
        if (period := period_in_name(file.name, contract.period.kind)) is None:
            return True
        first, last = days_of(period)
        return (self.since is None or last >= self.since) and (self.until is None or first <= self.until)


EVERY_FILE = Selection()


@dataclass(frozen=True)
class Refused:
    """A file of the folder that cannot be loaded as it is."""

    name: str
    code: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """`work` goes through landing and certification; the rest is what the summary tells about."""

    work: tuple[DriveFile, ...]
    unchanged: int
    quarantined: tuple[Refused, ...]
    ignored: tuple[IgnoredEntry, ...]


def plan_files(listing: Listing, checkpoints: CheckpointTable, selection: Selection = EVERY_FILE) -> Plan:
    """Compares the folder with the checkpoints."""
    wanted = [file for file in listing.files if selection.takes(file)]
    known = {(item.file_id, item.file_md5): item for item in checkpoints.all()}
    originals = _originals(wanted, known)
    work: list[DriveFile] = []
    quarantined: list[Refused] = []
    unchanged = 0
    for file in wanted:
        checkpoint = known.get((file.file_id, file.file_md5))
        original = originals[file.file_md5]
        if checkpoint and _is_loaded(checkpoint, file, original):
            if _tells_another_period(checkpoint, file):
                error = RenamedToAnotherPeriodError(
                    file.name, checkpoint.filename, checkpoint.attributes["period"], checkpoint.file_id
                )
                quarantined.append(Refused(file.name, error.code, str(error)))
            elif _is_restored(checkpoint, file, known.values()):
                checkpoints.reset(checkpoint, Status.CERTIFIED, file.name, modified_at=file.modified_at)
                work.append(file)
            else:
                unchanged += 1
        elif original.file_id != file.file_id:
            refused = _settle_repeat(file, original, checkpoints)
            quarantined += [refused] if refused else []
            unchanged += 0 if refused else 1
        elif checkpoint and _stays_refused(checkpoint, file):
            quarantined.append(_refused(checkpoint))
        else:
            if checkpoint and _starts_over(checkpoint, file):
                checkpoints.reset(checkpoint, _status_to_start_from(checkpoint), file.name)
            checkpoints.discover(file)
            work.append(file)
    return Plan(tuple(work), unchanged, tuple(quarantined), listing.ignored)


def _originals(files: list[DriveFile], known: dict[tuple[str, str], Checkpoint]) -> dict[str, DriveFile]:
    """For each content the one file that stands for it: the one loaded before, else the one named without additions."""

    def rank(file: DriveFile) -> tuple[bool, int, str, str]:
        checkpoint = known.get((file.file_id, file.file_md5))
        is_loaded = bool(checkpoint and _is_loaded(checkpoint, file, original=file))
        return (not is_loaded, len(file.name), file.name, file.file_id)

    originals: dict[str, DriveFile] = {}
    for file in sorted(files, key=rank):
        originals.setdefault(file.file_md5, file)
    return originals


def _settle_repeat(file: DriveFile, original: DriveFile, checkpoints: CheckpointTable) -> Refused | None:
    """The same bytes under another name: CMS re-releasing a table without a change is fine, a copy is not."""
    checkpoint = checkpoints.discover(file)
    with checkpoints.claim(checkpoint, owner=f"plan {uuid.uuid4()}") as lease:  # two plans at once take turns
        if _is_rerelease(file, original):
            lease.advance(Status.LOADED, duplicate_of=original.name)
            return None
        error = DuplicateContentError(file.name, original.name, file.file_md5)
        return _refused(lease.quarantine(error, contracts_version=contracts_version()))


def _is_rerelease(file: DriveFile, original: DriveFile) -> bool:
    """One family, two periods, and no column that would say which period the content is of."""
    try:
        contract, other = match_family(file.name), match_family(original.name)
    except BadFileError:
        return False
    periods = {period_in_name(name, contract.period.kind) for name in (file.name, original.name)}
    return contract.family == other.family and not contract.period.column and None not in periods and len(periods) == 2


def _is_loaded(checkpoint: Checkpoint, file: DriveFile, original: DriveFile) -> bool:
    """Its rows are in bronze, be it through the original that it repeats; that one may have left the folder since."""
    is_repeat = "duplicate_of" in checkpoint.attributes
    return checkpoint.status is Status.LOADED and not (is_repeat and original.file_id == file.file_id)


def _tells_another_period(checkpoint: Checkpoint, file: DriveFile) -> bool:
    """The period of its rows came from the old name alone, and the file has been renamed since."""
    loaded_period = checkpoint.attributes.get("period")
    if file.name == checkpoint.filename or loaded_period is None:
        return False
    try:
        contract = match_family(file.name)
    except BadFileError:
        return False
    return not contract.period.column and period_in_name(file.name, contract.period.kind) not in (None, loaded_period)


def _is_restored(checkpoint: Checkpoint, file: DriveFile, known: Collection[Checkpoint]) -> bool:
    """An older content is back under its id, after another one had taken its place: its rows speak for the period again."""
    loaded_at = str(checkpoint.attributes["modified_at"])
    return file.modified_at > loaded_at and any(
        other.file_id == file.file_id
        and other.file_md5 != file.file_md5
        and other.status is Status.LOADED
        and str(other.attributes["modified_at"]) >= loaded_at
        for other in known
    )


def _stays_refused(checkpoint: Checkpoint, file: DriveFile) -> bool:
    return (
        checkpoint.status is Status.QUARANTINED
        and checkpoint.filename == file.name
        and checkpoint.attributes.get("error_code") != DuplicateContentError.code
        and checkpoint.attributes.get("contracts_version") == contracts_version()
    )


def _starts_over(checkpoint: Checkpoint, file: DriveFile) -> bool:
    """What was refused, or found under another name, or a repeat of a file that is gone, goes through all steps again."""
    return checkpoint.status in (Status.QUARANTINED, Status.LOADED) or checkpoint.filename != file.name


def _status_to_start_from(checkpoint: Checkpoint) -> Status:
    return Status.LANDED if "raw_key" in checkpoint.attributes else Status.DISCOVERED


def _refused(checkpoint: Checkpoint) -> Refused:
    attributes = checkpoint.attributes
    return Refused(checkpoint.filename, attributes.get("error_code", "?"), attributes.get("reason", "?"))
