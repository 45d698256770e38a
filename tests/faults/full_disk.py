"""The disk is full: from the start, in the middle of a file, or from any boundary on; somebody makes room and clears the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.faults.benches import Bench, StepFault
from tests.faults.comparison import is_whole_publication
from tests.faults.rounds import BY_ITSELF, Disturbance
from tests.faults.undisturbed import RUN
from tests.faults.worker import Fault
from tests.faults.worlds import File, Outcome, World

CHAPTER = "Full disk"
NAME = "no space left"
RECOVERED = "making room, clearing the task"
FROM_THE_START = Fault(largest_file_bytes=0)
_IN_THE_RAW_BYTES = "in the middle of the raw bytes"
_FAULTS = {
    "from the start": FROM_THE_START,
    # Behind the last block of the raw bytes of a large file, before the first of its Parquet file.
    "before its Parquet": Fault(disk_full_at="before DynamoDB UpdateItem lease renewed (2)"),
    "before the rejects": Fault(disk_full_at="before S3 PutObject bronze/"),
}


def full_disk_while_ingesting() -> list[Disturbance]:
    """To land needs no disk at all; to certify needs room for the raw bytes, for Parquet and for the rejects."""
    return [
        _ingestion("land, small file", "from the start", BY_ITSELF),
        _ingestion("land, large file", "from the start", BY_ITSELF),
        _ingestion("certify, small file", "from the start"),
        _ingestion("certify, small file", _IN_THE_RAW_BYTES),
        _ingestion("certify, small file", "before the rejects"),
        _ingestion("certify, large file", "from the start"),
        _ingestion("certify, large file", _IN_THE_RAW_BYTES),
        _ingestion("certify, large file", "before its Parquet"),
    ]


def _fault(where: str, file: File) -> Fault:
    if where == _IN_THE_RAW_BYTES:
        return Fault(largest_file_bytes=file["size"] // 2)
    return _FAULTS[where]


def _ingestion(kind: str, where: str, recovery: str = RECOVERED) -> Disturbance:
    step = kind.partition(",")[0]

    def disturb(world: World, file: File) -> str:
        if step == "certify":
            world.must("land", RUN, files=[file])
        outcome = world.run(step, RUN, _fault(where, file), files=[file])
        assert outcome.is_done is (recovery == BY_ITSELF), (kind, where, outcome.error, outcome.message)
        assert recovery == BY_ITSELF or tells_of_the_disk(outcome), (kind, where, outcome.error, outcome.message)
        for rest in ("land", "certify"):
            world.clear(rest, RUN, files=[file])
        return recovery

    return Disturbance(CHAPTER, NAME, f"{kind}: {where}", disturb, is_large="large" in kind)


def full_disk_in_step(made: Bench, kind: str, points: Sequence[str], largest: int) -> list[StepFault]:
    """`largest` is the size of the largest file that the step writes."""
    faults = {
        "from the start": FROM_THE_START,
        "in the middle of its largest file": Fault(largest_file_bytes=largest // 2),
        **{point: Fault(disk_full_at=point) for point in points},
    }
    return [StepFault(CHAPTER, NAME, f"{kind}: {where}", _filled(made, fault)) for where, fault in faults.items()]


def _filled(made: Bench, fault: Fault) -> Callable[[World], str]:
    def disturb(world: World) -> str:
        outcome = world.run(made.step, RUN, fault, **made.arguments)
        assert outcome.exit_code == 0, outcome.log[-3000:]
        assert outcome.is_done or tells_of_the_disk(outcome), (outcome.error, outcome.message, outcome.log[-3000:])
        assert is_whole_publication(world)
        if outcome.is_done:  # nothing was left to write
            return BY_ITSELF
        world.clear(made.step, RUN, **made.arguments)
        return RECOVERED

    return disturb


def tells_of_the_disk(outcome: Outcome) -> bool:
    """In the kernel's words for a file that may not grow, as this suite fills the disk, and for a disk without room; in Python's
    where no folder takes a temporary file.
    """
    words = ("File too large", "No space left", "EFBIG", "ENOSPC", "No usable temporary directory")
    return any(said in outcome.message for said in words)
