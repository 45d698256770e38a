"""SIGKILL of the worker that lands, certifies, copies, builds or publishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle

from tests.faults.benches import Bench, StepFault
from tests.faults.comparison import is_whole_publication
from tests.faults.rounds import CLEARED, NEXT_RUN, Disturbance
from tests.faults.undisturbed import RUN
from tests.faults.worker import Fault
from tests.faults.worlds import File, World

CHAPTER = "Killed workers"
RESUMED = "land, large file that goes on"
INGESTION = ("land", "certify")
_INTERRUPTED = Fault(kill_at="before S3 UploadPart (2)")


def kill_of_file(kind: str, point: str, recovery: str = CLEARED) -> Disturbance:
    """The worker that lands or certifies one file is killed; its task is cleared, or the next run takes the file over."""
    step = kind.split(",", maxsplit=1)[0]

    def disturb(world: World, file: File) -> str:
        if step == "certify":
            world.must("land", RUN, files=[file])
        if kind == RESUMED:
            assert world.run("land", RUN, _INTERRUPTED, files=[file]).was_killed
        killed = world.run(step, RUN, Fault(kill_at=point), files=[file])
        assert killed.was_killed, (kind, point, killed.log[-2000:])
        run_id = RUN if recovery == CLEARED else "run-2"
        for rest in INGESTION[INGESTION.index(step) :]:
            world.clear(rest, run_id, files=[file])
        return recovery

    return Disturbance(CHAPTER, "SIGKILL", f"{kind}: {point}", disturb, is_large="large" in kind)


def kills_of_files(points: dict[str, tuple[str, ...]]) -> list[Disturbance]:
    """Every second one is left to the next run, which has to wait for the lease of the dead one."""
    return [
        kill_of_file(kind, point, CLEARED if number % 2 else NEXT_RUN)
        for kind, found in {**points, RESUMED: resumed(points["land, large file"])}.items()
        for number, point in enumerate(found)
    ]


def resumed(points: Sequence[str]) -> tuple[str, ...]:
    """Where an upload that continues behind its first part can be killed: it does not begin again, and sends one part less."""
    rest = [point for point in points if "CreateMultipartUpload" not in point and "upload_id" not in point]
    return ("before S3 ListParts", *(point for point in rest if "(3)" not in point))


def kills_of_step(made: Bench, kind: str, points: Sequence[str], recoveries: Sequence[str] = (CLEARED,)) -> list[StepFault]:
    """The worker is killed at each of the points; the last publication stands, and the recoveries take turns."""

    def kill_at(point: str, recovery: str) -> Callable[[World], str]:
        def disturb(world: World) -> str:
            killed = world.run(made.step, RUN, Fault(kill_at=point), **made.arguments)
            assert killed.was_killed, (point, killed.log[-2000:])
            assert is_whole_publication(world) is is_whole_publication(made.start)
            world.clear(made.step, RUN if recovery == CLEARED else "run-2", **made.arguments)
            return recovery

        return disturb

    return [
        StepFault(CHAPTER, "SIGKILL", f"{kind}: {point}", kill_at(point, recovery))
        for point, recovery in zip(points, cycle(recoveries), strict=False)
    ]
