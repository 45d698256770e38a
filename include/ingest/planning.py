"""Decides what a run has to do: which file versions of the Drive folder are new, known, doubled or not ours.

An archive is landed and unpacked first; its members are then decided about as files of the folder are.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

from include.contracts.contract import contracts_version, load_contract
from include.contracts.header import maps_any
from include.contracts.periods import days_of
from include.ingest.checkpoints import CERTIFICATION, Checkpoint, CheckpointTable, Refusal, Status
from include.ingest.drive import IgnoredEntry, Listing
from include.ingest.errors import DuplicateContentError, RenamedToAnotherPeriodError
from include.ingest.file_version import FileVersion

_Key = tuple[str, str]


@dataclass(frozen=True)
class Selection:
    """Which files of the folder a run looks at: all, or those of some families, or those whose periods touch some days."""

    families: Collection[str] = ()
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """From the parameters of a DAG run, where a day is a text like 2024-01-31, or None."""
        since, until = (date.fromisoformat(params[name]) if params[name] else None for name in ("since", "until"))
        return cls(params["families"], since, until)

    def takes(self, file: FileVersion) -> bool:
        """An archive is taken, as its members are chosen from; so is a file whose rows alone can tell the period."""
        if file.is_archive:
            return True
        if not file.family:
            return not self.families
        if self.families and file.family not in self.families:
            return False
        if not file.period:
            return True
        first, last = days_of(file.period)
        return (self.since is None or last >= self.since) and (self.until is None or first <= self.until)


EVERY_FILE = Selection()


@dataclass(frozen=True)
class Refused:
    """A file of the folder that cannot be loaded as it is; `facts` are those that every file with the same cause shares."""

    name: str
    code: str
    reason: str
    facts: tuple[str, ...] = ()
    file_md5: str = ""

    @classmethod
    def of(cls, name: str, refusal: Refusal, file_md5: str) -> Self:
        return cls(name, refusal.error_code, refusal.reason, tuple(refusal.facts), file_md5)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """From XCom, which knows lists only."""
        return cls(**{**value, "facts": tuple(value["facts"])})


@dataclass(frozen=True)
class Plan:
    """`work` goes through the next steps; the rest is what the summary reports about.

    `gone`: names of loaded files that are no longer in the Drive folder.
    """

    work: tuple[FileVersion, ...] = ()
    unchanged: int = 0
    quarantined: tuple[Refused, ...] = ()
    ignored: tuple[IgnoredEntry, ...] = ()
    gone: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """From XCom, which knows lists only."""
        return cls(
            tuple(FileVersion(**file) for file in value["work"]),
            value["unchanged"],
            tuple(map(Refused.from_dict, value["quarantined"])),
            tuple(IgnoredEntry(**item) for item in value["ignored"]),
            tuple(value["gone"]),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "work": [vars(file) for file in self.work],
            "unchanged": self.unchanged,
            "quarantined": [vars(item) for item in self.quarantined],
            "ignored": [vars(item) for item in self.ignored],
            "gone": list(self.gone),
        }


def plan_files(listing: Listing, checkpoints: CheckpointTable, selection: Selection = EVERY_FILE) -> Plan:
    """Compares the folder, and the archives that are unpacked already, with the checkpoints."""
    known = _known(checkpoints)
    unpacked = [file for file in listing.files if _has_status(known.get(_key(file)), Status.UNPACKED)]
    unpacked = [archive for archive in unpacked if not _unpack_again(archive, known, checkpoints)]
    files = [file for file in listing.files if file not in unpacked]
    files += [member for archive in unpacked for member in _members(archive, known.values())]
    made = _decide([file for file in files if selection.takes(file)], known, checkpoints)
    gone = tuple(_note_gone(listing, known.values(), checkpoints))
    return replace(made, ignored=(*listing.ignored, *_ignored_in(unpacked, known)), gone=gone)


def _note_gone(listing: Listing, known: Iterable[Checkpoint], checkpoints: CheckpointTable) -> Iterator[str]:
    """Marks files that have left the folder, unmarks those that are back; gives the loaded ones that are gone."""
    there = {file.file_id for file in listing.files}
    for checkpoint in known:
        is_there = (checkpoint.version.archive_id or checkpoint.file_id) in there
        if is_there and checkpoint.gone_since:
            checkpoints.note_back(checkpoint)
        elif not is_there and checkpoint.landed:
            if not checkpoint.gone_since:
                checkpoints.note_gone(checkpoint)
            if checkpoint.status is Status.LOADED:
                yield checkpoint.filename


def plan_certification(landed: Plan, checkpoints: CheckpointTable, selection: Selection = EVERY_FILE) -> Plan:
    """What the plan's files have become: themselves, and of its archives the members. `unchanged` and the rest are members'."""
    known = _known(checkpoints)
    archives = [file for file in landed.work if _has_status(known.get(_key(file)), Status.UNPACKED)]
    members = [file for archive in archives for file in _members(archive, known.values()) if selection.takes(file)]
    loose = [file for file in landed.work if not file.is_archive and _has_landed(known.get(_key(file)))]
    made = _decide([*loose, *members], known, checkpoints)
    return replace(made, ignored=tuple(_ignored_in(archives, known)))


@dataclass
class _Decisions:
    work: list[FileVersion] = field(default_factory=list)
    unchanged: int = 0
    quarantined: list[Refused] = field(default_factory=list)


def _decide(files: list[FileVersion], known: Mapping[_Key, Checkpoint], checkpoints: CheckpointTable) -> Plan:
    """A member of an archive brings nothing when its bytes have been loaded, be it from a file that has left the folder."""
    originals, made = _originals(files, known), _Decisions()
    loaded = {item.file_md5: item.version for item in known.values() if item.status is Status.LOADED and not item.duplicate_of}
    for file in files:
        before = loaded.get(file.file_md5) if file.archive_id else None
        checkpoint, original = known.get(_key(file)), before or originals[file.file_md5]
        if checkpoint and _is_loaded(checkpoint, file, original):
            _decide_loaded(file, checkpoint, known, checkpoints, made)
        elif original.file_id != file.file_id:
            refused = _settle_repeat(file, original, checkpoints)
            made.quarantined += [refused] if refused else []
            made.unchanged += 0 if refused else 1
        elif checkpoint and _stays_refused(checkpoint, file):
            made.quarantined.append(_refused(checkpoint))
        else:
            if checkpoint and _starts_over(checkpoint, file):
                checkpoints.reset(checkpoint, _status_to_start_from(checkpoint), file.name)
            checkpoints.discover(file)
            made.work.append(file)
    return Plan(tuple(made.work), made.unchanged, tuple(made.quarantined))


def _decide_loaded(
    file: FileVersion, checkpoint: Checkpoint, known: Mapping[_Key, Checkpoint], checkpoints: CheckpointTable, made: _Decisions
) -> None:
    if _tells_another_period(checkpoint, file):
        loaded_period = checkpoint.certified.period if checkpoint.certified else "?"
        error = RenamedToAnotherPeriodError(file.name, checkpoint.filename, loaded_period, checkpoint.file_id)
        made.quarantined.append(Refused(file.name, error.code, str(error), error.facts, file.file_md5))
    elif is_outdated(checkpoint):
        checkpoints.reset(checkpoint, Status.LANDED, file.name, replaces=True)
        made.work.append(file)
    elif _is_restored(checkpoint, file, known.values()):
        checkpoints.reset(checkpoint, Status.CERTIFIED, file.name, modified_at=file.modified_at)
        made.work.append(file)
    else:
        made.unchanged += 1


def _key(file: FileVersion) -> _Key:
    return file.file_id, file.file_md5


def _known(checkpoints: CheckpointTable) -> dict[_Key, Checkpoint]:
    return {(item.file_id, item.file_md5): item for item in checkpoints.all()}


def _has_status(checkpoint: Checkpoint | None, status: Status) -> bool:
    return checkpoint is not None and checkpoint.status is status


def _unpack_again(archive: FileVersion, known: Mapping[_Key, Checkpoint], checkpoints: CheckpointTable) -> bool:
    """Whether a member must land once more, as S3 has lost it: its bytes come from the archive, which S3 has too."""
    if not any(_has_status(known[_key(member)], Status.DISCOVERED) for member in _members(archive, known.values())):
        return False
    checkpoints.reset(known[_key(archive)], Status.LANDED)
    return True


def _has_landed(checkpoint: Checkpoint | None) -> bool:
    return checkpoint is not None and checkpoint.landed is not None


def _members(archive: FileVersion, known: Iterable[Checkpoint]) -> Iterator[FileVersion]:
    """The files of an unpacked archive, as new as the archive is."""
    for checkpoint in known:
        version = checkpoint.version
        if (version.archive_id, version.archive_md5) == _key(archive):
            yield replace(version, modified_at=archive.modified_at)


def _ignored_in(archives: Iterable[FileVersion], known: Mapping[_Key, Checkpoint]) -> Iterator[IgnoredEntry]:
    for archive in archives:
        if unpacked := known[_key(archive)].unpacked:
            yield from (IgnoredEntry(f"{archive.name}/{path}", reason) for path, reason in unpacked.ignored)


def _originals(files: Iterable[FileVersion], known: Mapping[_Key, Checkpoint]) -> dict[str, FileVersion]:
    """For each content the one file that stands for it: the one loaded before, else the one with the plainest CMS name."""

    def rank(file: FileVersion) -> tuple[bool, bool, int, str, str]:
        checkpoint = known.get(_key(file))
        is_loaded = bool(checkpoint and _is_loaded(checkpoint, file, original=file))
        return (not is_loaded, not file.family, len(file.name), file.name, file.file_id)

    originals: dict[str, FileVersion] = {}
    for file in sorted(files, key=rank):
        originals.setdefault(file.file_md5, file)
    return originals


def _settle_repeat(file: FileVersion, original: FileVersion, checkpoints: CheckpointTable) -> Refused | None:
    """The same bytes again are loaded once, whatever holds them; under a name that says something else they are an error."""
    checkpoint = checkpoints.discover(file)
    with checkpoints.claim(checkpoint, owner=f"plan {uuid.uuid4()}") as lease:  # two plans at once take turns
        if _says_the_same(file, original):
            lease.advance(Status.LOADED, duplicate_of=original.name)
            return None
        return _refused(lease.quarantine(DuplicateContentError(file.name, original.name, file.file_md5)))


def _says_the_same(file: FileVersion, original: FileVersion) -> bool:
    """A copy, or CMS releasing a table again without a change: one family, and no two periods that the rows would deny."""
    if file.is_archive and original.is_archive:
        return True
    if not file.family or file.family != original.family:
        return False
    is_one_period = file.period == original.period or not (file.period and original.period)
    return is_one_period or not load_contract(file.family).period.column


def _is_loaded(checkpoint: Checkpoint, file: FileVersion, original: FileVersion) -> bool:
    """Its rows are in bronze, be it through the original that it repeats; that one may have left the folder since."""
    return checkpoint.status is Status.LOADED and not (checkpoint.duplicate_of and original.file_id == file.file_id)


def _tells_another_period(checkpoint: Checkpoint, file: FileVersion) -> bool:
    """The period of its rows came from the old name alone, and the file has been renamed since."""
    if file.name == checkpoint.filename or checkpoint.certified is None or not file.family:
        return False
    return not load_contract(file.family).period.column and file.period not in ("", checkpoint.certified.period)


def is_outdated(checkpoint: Checkpoint) -> bool:
    """Certified before a contract learned one of its columns, or before certification wrote what bronze needs now."""
    made = checkpoint.certified
    if made is None or checkpoint.duplicate_of:
        return False
    return made.certification < CERTIFICATION or (bool(made.unmapped) and maps_any(load_contract(made.family), made.unmapped))


def _is_restored(checkpoint: Checkpoint, file: FileVersion, known: Collection[Checkpoint]) -> bool:
    """An older content is back under its id, after another one had taken its place: its rows speak for the period again."""
    return file.modified_at > checkpoint.modified_at and any(
        other.file_id == file.file_id
        and other.file_md5 != file.file_md5
        and other.status is Status.LOADED
        and other.modified_at >= checkpoint.modified_at
        for other in known
    )


def _stays_refused(checkpoint: Checkpoint, file: FileVersion) -> bool:
    refusal = checkpoint.refusal
    return (
        checkpoint.status is Status.QUARANTINED
        and refusal is not None
        and checkpoint.filename == file.name
        and refusal.error_code != DuplicateContentError.code
        and refusal.contracts_version == contracts_version()
    )


def _starts_over(checkpoint: Checkpoint, file: FileVersion) -> bool:
    """What was refused, or found under another name, or a repeat of a file that is gone, goes through all steps again."""
    return checkpoint.status in (Status.QUARANTINED, Status.LOADED) or checkpoint.filename != file.name


def _status_to_start_from(checkpoint: Checkpoint) -> Status:
    return Status.LANDED if checkpoint.landed else Status.DISCOVERED


def _refused(checkpoint: Checkpoint) -> Refused:
    return Refused.of(checkpoint.filename, checkpoint.refusal or Refusal("?", "?"), checkpoint.file_md5)
