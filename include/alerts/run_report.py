"""What one run did to every file of the folder, in numbers and in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from include.contracts.drift import LayoutNotice, NoticeKind
from include.ingest.checkpoints import Checkpoint, CheckpointTable, Refusal, Status
from include.ingest.drive import IgnoredEntry
from include.ingest.planning import Plan, Refused

#: The mapped tasks of single files: what is wrong with one is reported with its file.
FILE_TASKS = ("land", "certify")

_CHANGES = {
    NoticeKind.NEW: "new column {!r}, its cells are kept in bronze (_unmapped)",
    NoticeKind.RENAMED: "new column {!r}, perhaps a new name of one that is missing; its cells are kept in bronze (_unmapped)",
    NoticeKind.WITHDRAWN: "column {!r} is missing",
}

_FINISHED = (Status.LOADED, Status.UNPACKED)


@dataclass(frozen=True)
class LoadedFile:
    name: str
    family: str
    period: str
    rows_in_file: int
    rows_loaded: int
    rows_rejected: int
    notices: tuple[LayoutNotice, ...] = ()


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
    """`quarantined` are bad files, `unfinished` good ones that a failed task left behind; `dbt_failures` is by task."""

    run_id: str
    landed: int
    unchanged: int
    loaded: tuple[LoadedFile, ...]
    quarantined: tuple[Refused, ...]
    unfinished: tuple[Refused, ...]
    ignored: tuple[IgnoredEntry, ...]
    published_rows: Mapping[str, int]
    red_tasks: tuple[str, ...]
    dbt_failures: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "layout_changes": [str(change) for change in self.layout_changes]}

    @property
    def rows_rejected(self) -> int:
        return sum(file.rows_rejected for file in self.loaded)

    @property
    def layout_changes(self) -> tuple[LayoutChange, ...]:
        """One per family, column and kind, with the files in the order of their periods."""
        found: dict[tuple[str, LayoutNotice], list[str]] = {}
        for file in sorted(self.loaded, key=lambda file: (file.family, file.period, file.name)):
            for notice in file.notices:
                found.setdefault((file.family, notice), []).append(file.name)
        return tuple(LayoutChange(family, notice, tuple(files)) for (family, notice), files in found.items())

    def reasons_to_fail(self) -> list[str]:
        """Empty when the run is clean."""
        reasons = [f"quarantined {item.name}: {item.reason}" for item in self.quarantined]
        reasons += [f"not loaded {item.name}: {item.reason}" for item in self.unfinished]
        reasons += [
            f"{file.name}: {file.rows_rejected} of {file.rows_in_file} records were rejected, see bronze.rejected_rows"
            for file in self.loaded
            if file.rows_rejected
        ]
        dbt_or_publish = [task for task in self.red_tasks if not task.startswith(FILE_TASKS)]
        return reasons + [f"task {task} did not succeed{self._why(task)}" for task in dbt_or_publish]

    def _why(self, task: str) -> str:
        return f": {self.dbt_failures[task]}" if task in self.dbt_failures else ""

    def lines(self) -> list[str]:
        lines = [f"loaded {file.name}: {file.rows_loaded:,} rows into bronze.{file.family}" for file in self.loaded]
        lines += [f"ignored {item.name}: {item.reason}" for item in self.ignored]
        lines += [f"layout of {change}" for change in self.layout_changes]
        return lines + self.reasons_to_fail()


def make_report(
    *,
    run_id: str,
    plans: Sequence[Plan],
    checkpoints: CheckpointTable,
    loaded: Sequence[Mapping[str, Any]],
    published: Mapping[str, int],
    red_tasks: Sequence[str],
    dbt_failures: Mapping[str, str],
) -> RunReport:
    """From what the run planned, the checkpoints of its files as they are now, and what the COPY and publish returned."""
    quarantined = {item.name: item for plan in plans for item in plan.quarantined}
    unfinished: list[Refused] = []
    landed = 0
    for file in dict.fromkeys(file for plan in plans for file in plan.work):
        checkpoint = checkpoints.get(file.file_id, file.file_md5)
        landed += checkpoint.landed is not None and not file.is_archive
        if checkpoint.status is Status.QUARANTINED and checkpoint.refusal:
            quarantined[file.name] = Refused(file.name, checkpoint.refusal.error_code, checkpoint.refusal.reason)
        elif checkpoint.status not in _FINISHED:
            unfinished.append(_unfinished(file.name, checkpoint))
    return RunReport(
        run_id=run_id,
        landed=landed,
        unchanged=sum(plan.unchanged for plan in plans),
        loaded=tuple(_loaded_file(file) for file in loaded),
        quarantined=tuple(quarantined.values()),
        unfinished=tuple(unfinished),
        ignored=tuple(item for plan in plans for item in plan.ignored),
        published_rows=published,
        red_tasks=tuple(red_tasks),
        dbt_failures=dbt_failures,
    )


def _unfinished(name: str, checkpoint: Checkpoint) -> Refused:
    stopped = f"it stopped as {checkpoint.status}; see its task in the grid, clear it to try again"
    refusal = checkpoint.refusal or Refusal("unfinished", stopped)
    return Refused(name, refusal.error_code, refusal.reason)


def _loaded_file(file: Mapping[str, Any]) -> LoadedFile:
    return LoadedFile(
        name=file["file_name"],
        family=file["family"],
        period=file["period"],
        rows_in_file=file["rows_in_file"],
        rows_loaded=file["rows_certified"],
        rows_rejected=file["rows_rejected"],
        notices=tuple(LayoutNotice(notice["column_name"], NoticeKind(notice["kind"])) for notice in file.get("notices", ())),
    )
