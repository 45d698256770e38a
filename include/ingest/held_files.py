"""Holds a certified file that would replace a larger one: a page of the API or one state must never pass for the whole."""

from __future__ import annotations

from collections.abc import Iterable

from include.ingest.checkpoints import Checkpoint, CheckpointTable, Status, certified_of
from include.ingest.errors import PartOfAWholeError

LEAST_SHARE = 0.9  # CMS's own corrections change far less than a tenth of a table


def hold_parts(checkpoints: CheckpointTable, owner: str) -> list[Checkpoint]:
    """The certified versions to load; those that look like a part of what they would replace are quarantined instead.

    What a person has accepted passes, and so does what has been loaded before.
    """
    known = [item for item in checkpoints.all() if item.certified and not item.duplicate_of]
    in_force = [item for item in known if item.status is Status.LOADED]
    passed: list[Checkpoint] = []
    for checkpoint in sorted((item for item in known if item.status is Status.CERTIFIED), key=_order):
        is_known = checkpoint.accepted or checkpoint.loaded
        error = None if is_known else _part_of_a_whole(checkpoint, [*in_force, *passed])
        if error is None:
            passed.append(checkpoint)
            continue
        with checkpoints.claim(checkpoint, owner) as lease:
            if lease.checkpoint.status is Status.CERTIFIED:  # else a COPY of another run has been faster
                lease.quarantine(error)
    return passed


def _order(checkpoint: Checkpoint) -> tuple[str, str]:
    """The last one in this order speaks for its family and period (dbt model `current_files`)."""
    return checkpoint.modified_at, checkpoint.file_md5


def _part_of_a_whole(checkpoint: Checkpoint, others: Iterable[Checkpoint]) -> PartOfAWholeError | None:
    mine = certified_of(checkpoint)
    rivals = [other for other in others if _is_replaced(other, checkpoint)]
    if not rivals:
        return None
    whole = max(rivals, key=_order)
    theirs = certified_of(whole)
    for what, has, had in (
        ("rows", mine.rows_certified, theirs.rows_certified),
        ("facilities", mine.facilities, theirs.facilities),
        ("columns", mine.columns, theirs.columns),
    ):
        if has < LEAST_SHARE * had:
            return PartOfAWholeError(checkpoint.filename, mine.period, what, has, whole.filename, had)
    return None


def _is_replaced(other: Checkpoint, by: Checkpoint) -> bool:
    theirs, mine = certified_of(other), certified_of(by)
    is_same_period = (theirs.family, theirs.period) == (mine.family, mine.period)
    return is_same_period and other.file_md5 != by.file_md5 and _order(other) < _order(by)
