"""What one run did to every file of the folder, in numbers and in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from include.contracts.drift import LayoutNotice, NoticeKind
from include.ingest.checkpoints import Checkpoint, CheckpointTable, Refusal, Status
from include.ingest.drive import IgnoredEntry
from include.ingest.planning import Plan, Refused
from include.warehouse.bronze_copy import LoadedFile

_CHANGES = {
    NoticeKind.NEW: "new column {!r}, its cells are kept in bronze (_unmapped)",
    NoticeKind.RENAMED: "new column {!r}, perhaps a new name of one that is missing; its cells are kept in bronze (_unmapped)",
    NoticeKind.WITHDRAWN: "column {!r} is missing",
}

_FINISHED = (Status.LOADED, Status.UNPACKED)


@dataclass(frozen=True)
class LayoutChange:
    """A column that the loaded files of a family have, or lack, other than its contract says."""

    family: str
    notice: LayoutNotice
    files: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return f"{self.family}: {_CHANGES[self.notice.kind].format(self.notice.column_name)}, first in {self.files[0]}{more}"


@dataclass(frozen=True)
class RunReport:
    """`quarantined` are bad files, `unfinished` good ones that a failed task left behind; `gone` ones have left the folder."""

    run_id: str
    landed: int
    unchanged: int
    loaded: tuple[LoadedFile, ...]
    quarantined: tuple[Refused, ...]
    unfinished: tuple[Refused, ...]
    ignored: tuple[IgnoredEntry, ...]
    published_rows: Mapping[str, int]
    gone: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "layout_changes": [str(change) for change in self.layout_changes]}

    @property
    def layout_changes(self) -> tuple[LayoutChange, ...]:
        """One per family, column and kind, with the files in the order of their periods."""
        found: dict[tuple[str, LayoutNotice], list[str]] = {}
        for file in sorted(self.loaded, key=lambda file: (file.family, file.period, file.file_name)):
            for notice in file.notices:
                found.setdefault((file.family, notice), []).append(file.file_name)
        return tuple(LayoutChange(family, notice, tuple(files)) for (family, notice), files in found.items())

    def lines(self) -> Iterator[str]:
        yield from (f"loaded {file.file_name}: {file.rows_certified:,} rows into bronze.{file.family}" for file in self.loaded)
        yield from (f"ignored {item.name}: {item.reason}" for item in self.ignored)
        yield from (f"layout of {change}" for change in self.layout_changes)
        yield from (f"no longer in Drive: {name}; its rows stay until `forget`" for name in self.gone)


def make_report(
    *,
    run_id: str,
    plans: Sequence[Plan],
    checkpoints: CheckpointTable,
    loaded: Sequence[Mapping[str, Any]],
    published: Mapping[str, int],
) -> RunReport:
    """From what the run planned, the checkpoints of its files as they are now, and what the COPY and publish returned."""
    quarantined = {item.name: item for plan in plans for item in plan.quarantined}
    unfinished: list[Refused] = []
    landed = 0
    for file in dict.fromkeys(file for plan in plans for file in plan.work):
        checkpoint = checkpoints.get(file.file_id, file.file_md5)
        landed += checkpoint.landed is not None and not file.is_archive
        if checkpoint.status is Status.QUARANTINED and checkpoint.refusal:
            quarantined[file.name] = Refused.of(file.name, checkpoint.refusal, file.file_md5)
        elif checkpoint.status not in _FINISHED:
            unfinished.append(_unfinished(file.name, checkpoint))
    return RunReport(
        run_id=run_id,
        landed=landed,
        unchanged=sum(plan.unchanged for plan in plans),
        loaded=tuple(LoadedFile.from_dict(file) for file in loaded),
        quarantined=tuple(quarantined.values()),
        unfinished=tuple(unfinished),
        ignored=tuple(item for plan in plans for item in plan.ignored),
        published_rows=published,
        gone=tuple(name for plan in plans for name in plan.gone),
    )


def _unfinished(name: str, checkpoint: Checkpoint) -> Refused:
    stopped = f"it stopped as {checkpoint.status}; its task in the grid says why. Clear that task to try again"
    return Refused.of(name, checkpoint.refusal or Refusal("", stopped, facts=(checkpoint.status,)), checkpoint.file_md5)
