"""Two workers at the same thing: the same task twice, or two runs, each halted in the middle while the other does the work;
and workers whose clocks are an hour apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.faults.benches import Bench, Points, StepFault
from tests.faults.comparison import is_whole_publication
from tests.faults.kills import INGESTION
from tests.faults.rounds import NEXT_RUN, Disturbance
from tests.faults.undisturbed import RUN
from tests.faults.worker import Fault
from tests.faults.worlds import File, Outcome, World

TWO_AT_ONCE, CLOCKS = "Two at once", "Clocks"
SAME_TASK, TWO_RUNS = "the same task twice", "the same file in two runs"
OTHER_RUN = "run-2"
SECOND = "the second worker"
AN_HOUR = 3600
WRONG_CLOCKS = {"an hour ahead": AN_HOUR, "an hour behind": -AN_HOUR}
#: Where a lease is held and the work is half done.
HALF_DONE = {
    "land, small file": "before S3 PutObject raw/",
    "land, large file": "before S3 UploadPart (2)",
    "certify, small file": "before S3 PutObject bronze/",
}
_TIME_TO_REACH_THE_LOCK = 1.0


def two_at_a_file(points: Points) -> list[Disturbance]:
    """Halted at each boundary; by the same run at all of them, by another one at every third."""
    return [
        two_at_one_file(kind, point, run_id)
        for kind, found in points.items()
        for number, point in enumerate(found)
        for run_id in ((RUN, OTHER_RUN) if number % 3 == 0 else (RUN,))
    ]


def two_at_one_file(kind: str, point: str, run_id: str) -> Disturbance:
    """The first worker is halted at the point, the second does the work, then the first goes on."""
    name = SAME_TASK if run_id == RUN else TWO_RUNS
    where = f"{kind}: the first halts {point}"
    return Disturbance(TWO_AT_ONCE, name, where, _overtaken(kind, point, Fault(), Fault(), run_id), is_large="large" in kind)


def wrong_clocks() -> list[Disturbance]:
    """The clock of the one that holds the lease is wrong, or that of the one that wants it; the holder is dead, or only slow."""
    made = []
    for kind, point in HALF_DONE.items():
        for how_wrong, seconds in WRONG_CLOCKS.items():
            wrong, right = Fault(clock_shift_seconds=seconds), Fault()
            for whose, first, second in (("the first", wrong, right), ("the second", right, wrong)):
                where = f"{kind}: the clock of {whose}; the first"
                arguments = (kind, point, first, second, OTHER_RUN)
                large = "large" in kind
                made += [
                    Disturbance(CLOCKS, how_wrong, f"{where} is killed {point}", _taken_over(*arguments), large),
                    Disturbance(CLOCKS, how_wrong, f"{where} halts {point}", _overtaken(*arguments), large),
                ]
    return made


def _overtaken(kind: str, point: str, first: Fault, second: Fault, run_id: str) -> Callable[[World, File], str]:
    def disturb(world: World, file: File) -> str:
        step = _step_with_file_ready(world, file, kind)
        _overtake(world, step, replace(first, halt_at=point), second, run_id, files=[file])
        return _finish(world, file, step, run_id)

    return disturb


def _overtake(world: World, step: str, first: Fault, second: Fault, run_id: str, **arguments: Any) -> None:
    slow = world.start(step, RUN, first, **arguments)
    slow.wait_until_halted()
    quick = world.run(step, run_id, second, **arguments)
    slow.go_on()
    assert quick.is_done, (step, first, quick.error, quick.message, quick.log[-2000:])
    assert may_end_so(slow.wait())


def _taken_over(kind: str, point: str, first: Fault, second: Fault, run_id: str) -> Callable[[World, File], str]:
    def disturb(world: World, file: File) -> str:
        step = _step_with_file_ready(world, file, kind)
        assert world.run(step, RUN, replace(first, kill_at=point), files=[file]).was_killed
        taken = world.run(step, run_id, second, files=[file])
        assert taken.is_done, (kind, point, taken.error, taken.message)
        return _finish(world, file, step, run_id)

    return disturb


def _step_with_file_ready(world: World, file: File, kind: str) -> str:
    step = kind.partition(",")[0]
    if step == "certify":
        world.must("land", RUN, files=[file])
    return step


def _finish(world: World, file: File, step: str, run_id: str) -> str:
    """Whatever the first worker has said, it is not needed any more."""
    for rest in INGESTION[INGESTION.index(step) + 1 :]:
        world.must(rest, run_id, files=[file])
    return SECOND


def may_end_so(slow: Outcome) -> bool:
    """Overtaken, a worker finds the work done, or is told that it no longer has the lease, or that its upload is gone.

    S3 says NoSuchUpload to a part that comes late; moto says so, or fails with a 500.
    """
    is_refused = slow.error == "LeaseHeldError" or "UploadPart" in slow.message or "NoSuchUpload" in slow.message
    assert slow.is_done or is_refused, (slow.error, slow.message, slow.log[-3000:])
    return True


def overtaken_at_a_step(made: Bench, kind: str, points: Sequence[str]) -> list[StepFault]:
    """As `two_at_a_file`, of a step that is disturbed on a bench."""
    faults = []
    for number, point in enumerate(points):
        run_id, name = ((RUN, SAME_TASK), (OTHER_RUN, TWO_RUNS))[number % 2]

        def disturb(world: World, point: str = point, run_id: str = run_id) -> str:
            _overtake(world, made.step, Fault(halt_at=point), Fault(), run_id, **made.arguments)
            return SECOND

        faults.append(StepFault(TWO_AT_ONCE, name, f"{kind}: the first halts {point}", disturb))
    return faults


def two_at_a_step(made: Bench, kind: str, points: Sequence[str]) -> list[StepFault]:
    """The same task twice, and in two runs; the first halts in the middle and goes on, or is killed while the second waits."""
    made_faults = []
    for number, point in enumerate(points):
        run_id, name = ((RUN, SAME_TASK), (OTHER_RUN, "two runs"))[number % 2]
        is_killed = number % 3 == 2
        where = f"{kind}: the first {'is killed' if is_killed else 'halts'} {point}"
        made_faults.append(StepFault(TWO_AT_ONCE, name, where, _both(made, point, run_id, is_killed)))
    return made_faults


def _both(made: Bench, point: str, run_id: str, is_killed: bool) -> Callable[[World], str]:
    def disturb(world: World) -> str:
        first = world.start(made.step, RUN, Fault(halt_at=point), **made.arguments)
        first.wait_until_halted()
        second = world.start(made.step, run_id, **made.arguments)
        second.has_ended_within(_TIME_TO_REACH_THE_LOCK)
        if is_killed:
            first.kill()
        else:
            first.go_on()
        ended = first.wait(), second.wait()
        assert is_whole_publication(world)
        assert ended[1].is_done, (ended[1].error, ended[1].message, ended[1].log[-3000:])
        assert is_killed or may_end_so(ended[0])
        return SECOND

    return disturb


def wrong_clocks_in_copy() -> list[StepFault]:
    """Killed behind the commit, before the checkpoint says LOADED: the next run has to take the lease over."""
    point = "before DynamoDB UpdateItem status=LOADED"
    return [
        StepFault(CLOCKS, how_wrong, f"copy_to_bronze: killed {point}, then the next run", _next_run_copies(point, seconds))
        for how_wrong, seconds in WRONG_CLOCKS.items()
    ]


def _next_run_copies(point: str, seconds: int) -> Callable[[World], str]:
    def disturb(world: World) -> str:
        assert world.run("copy_to_bronze", RUN, Fault(kill_at=point, clock_shift_seconds=seconds)).was_killed
        world.must("copy_to_bronze", OTHER_RUN)
        return NEXT_RUN

    return disturb


def wrong_clocks_in_publish() -> list[StepFault]:
    """Versions are named by the time, and the newest one is current."""
    faults = []
    for how_wrong, seconds in WRONG_CLOCKS.items():

        def publish(world: World, seconds: int = seconds) -> str:
            before = (world.home / "published" / "current").resolve()
            for fault in (Fault(clock_shift_seconds=seconds), None):
                outcome = world.run("publish", RUN, fault)
                assert outcome.is_done, (outcome.error, outcome.message)
                now = (world.home / "published" / "current").resolve()
                assert now.name > before.name, "an older version is current"
                before = now
            return "nothing had to be done"

        faults.append(StepFault(CLOCKS, how_wrong, "publish: then once more by a right clock", publish))
    return faults
