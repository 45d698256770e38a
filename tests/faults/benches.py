"""A bench: a step that all files share, disturbed again and again from one start, and compared after each recovery."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Any

from include.ingest.planning import Plan
from tests.faults.comparison import differences
from tests.faults.fault_table import FaultRow
from tests.faults.kill_points import kill_points
from tests.faults.rounds import AT_ONCE, side_by_side
from tests.faults.undisturbed import PENALTIES, RUN, Undisturbed
from tests.faults.worker import Fault
from tests.faults.worlds import World, WorldMaker

Points = dict[str, tuple[str, ...]]
#: Steps by name, each with its arguments.
Steps = Mapping[str, dict[str, Any]]
#: The world before a step and behind it, for as long as the step is disturbed.
MakeBench = Callable[[WorldMaker, Undisturbed], AbstractContextManager["Bench"]]
UNPACK = "land, archive"
TO_GOLD: Steps = {"build": {}, "publish": {}}


@dataclass(frozen=True)
class StepFault:
    """Something that happens to the step; `disturb` gets it to its end and says what recovered it."""

    chapter: str
    name: str
    where: str
    disturb: Callable[[World], str]


@dataclass(frozen=True)
class Bench:
    """`start` is the world before the step, `expected` the one behind it, `points` what an undisturbed walk passes, `rest` the
    steps with which the run ends as the undisturbed one.
    """

    maker: WorldMaker
    undisturbed: Undisturbed
    step: str
    start: World
    expected: World
    points: tuple[str, ...]
    arguments: dict[str, Any]
    rest: Steps

    def run(self, faults: Sequence[StepFault]) -> list[FaultRow]:
        """Each from the very same start, some at once; and the run continues behind the last one to its end."""
        with ExitStack() as stack:
            free: SimpleQueue[World] = SimpleQueue()
            for _ in range(min(AT_ONCE, len(faults))):
                free.put(stack.enter_context(self.maker.copied(self.start)))

            def disturb(fault: StepFault) -> list[FaultRow]:
                world = free.get()
                try:
                    self.maker.put_back(world, self.start)
                    recovered = fault.disturb(world)
                    differing = sum(found.rows for found in differences(self.expected, world))
                finally:
                    free.put(world)
                return [FaultRow(fault.chapter, fault.name, fault.where, recovered, differing)]

            rows = side_by_side(disturb, faults)
            if self.rest:
                self._finish(free.get())
        return rows

    def _finish(self, world: World) -> None:
        for step, arguments in self.rest.items():
            world.must(step, RUN, **arguments)
        assert differences(self.undisturbed.published, world) == []


def walk(world: World, step: str, behind: str | None = None, **arguments: Any) -> tuple[str, ...]:
    """Runs the step undisturbed and tells at which points (behind that boundary) it can be disturbed."""
    outcome = world.run(step, RUN, Fault(trace=True), **arguments)
    assert outcome.is_done, outcome.log[-3000:]
    begin = outcome.passed.index(behind) + 1 if behind else 0
    return tuple(kill_points(outcome.passed[begin:]))


def points_of_ingestion(maker: WorldMaker, undisturbed: Undisturbed) -> Points:
    files = {"small file": undisturbed.file(PENALTIES), "large file": undisturbed.large[0]}
    with maker.copied(undisturbed.planned) as world:
        return {
            f"{step}, {size}": walk(world, step, files=[file]) for step in ("land", "certify") for size, file in files.items()
        }


@contextmanager
def bench(
    maker: WorldMaker,
    undisturbed: Undisturbed,
    start: World,
    step: str,
    rest: Steps | None = None,
    behind: str | None = None,
    **arguments: Any,
) -> Iterator[Bench]:
    """With the step walked once, undisturbed."""
    with maker.copied(start) as walked:
        points = walk(walked, step, behind, **arguments)
        yield Bench(maker, undisturbed, step, start, walked, points, arguments, rest or {})


@contextmanager
def plan_bench(maker: WorldMaker, undisturbed: Undisturbed) -> Iterator[Bench]:
    """No run has seen the files of October yet."""
    with maker.copied(undisturbed.planned) as start:
        for file in undisturbed.late:
            maker.forget(start, file)
        with bench(maker, undisturbed, start, "plan") as made:
            yield made


@contextmanager
def unpack_bench(maker: WorldMaker, undisturbed: Undisturbed) -> Iterator[Bench]:
    """The archive is planned, and everything else is certified; its own bytes land as those of a large file."""
    with _archive_taken_back(maker, undisturbed, undisturbed.planned) as start:
        landed = "after DynamoDB UpdateItem status=LANDED"
        with bench(maker, undisturbed, start, "land", behind=landed, files=[undisturbed.archive]) as made:
            yield made


@contextmanager
def to_certify_bench(maker: WorldMaker, undisturbed: Undisturbed) -> Iterator[Bench]:
    """The archive is unpacked, and everything else is certified."""
    rest: Steps = {"certify": {"files": undisturbed.members}, "copy_to_bronze": {}, **TO_GOLD}
    planned = {**Plan().as_dict(), "work": [undisturbed.archive]}
    with (
        _archive_taken_back(maker, undisturbed, undisturbed.landed) as start,
        bench(maker, undisturbed, start, "to_certify", rest, planned=planned) as made,
    ):
        yield made


@contextmanager
def _archive_taken_back(maker: WorldMaker, undisturbed: Undisturbed, to: World) -> Iterator[World]:
    with maker.copied(undisturbed.certified) as world:
        for file in (undisturbed.archive, *maker.members_of(undisturbed.certified, undisturbed.archive)):
            maker.take_back(world, file, to)
        yield world


@contextmanager
def first_copy_bench(maker: WorldMaker, undisturbed: Undisturbed) -> Iterator[Bench]:
    """The very first COPY makes the warehouse; of its tables, the first and the last are points."""
    with bench(maker, undisturbed, undisturbed.first_certified, "copy_to_bronze") as made:
        first_row = next(number for number, point in enumerate(made.points) if point.startswith("before insert into "))
        made_first = made.points[:first_row]
        tables = [point for point in made_first if " create table " in point]
        assert len(tables) > 2
        points = [
            point for point in made_first if re.match(r"before (BEGIN|COMMIT|create )", point) and point not in tables[1:-1]
        ]
        yield replace(made, points=tuple(points))


@contextmanager
def copy_bench(maker: WorldMaker, undisturbed: Undisturbed) -> Iterator[Bench]:
    """COPY: three of the files wait for it, the others are loaded."""
    waiting = undisturbed.waiting_for_copy
    with maker.copied(undisturbed.certified) as start:
        for file in waiting:
            maker.take_back(start, file, undisturbed.landed)
        start.must("copy_to_bronze", RUN)
        for file in waiting:
            maker.bring(start, file, undisturbed.certified)
        with bench(maker, undisturbed, start, "copy_to_bronze", TO_GOLD) as made:
            yield made


#: Each way in which dbt changes the warehouse: seeds and views, incremental facts and dimensions, gold; a test changes nothing.
DBT_STEPS = {
    "dbt staging": ["build", "--exclude-resource-type", "test", "--select", "stg_nh_survey_dates", "current_files", "footnotes"],
    "dbt silver": ["run", "--select", "fct_survey_dates", "dim_provider", "excluded_rows"],
    "dbt silver, full refresh": ["run", "--full-refresh", "--select", "fct_survey_dates"],
    "dbt gold": ["run", "--select", "kpi_ratings_by_facility", "data_reconciliation"],
}


@contextmanager
def dbt_bench(maker: WorldMaker, undisturbed: Undisturbed, kind: str) -> Iterator[Bench]:
    """Of a whole run the models in question; one thread, so that each walk passes the same points."""
    command = [*DBT_STEPS[kind], "--threads", "1"]
    with maker.copied(undisturbed.loaded) as start:
        if kind == "dbt gold":
            start.must("dbt", RUN, command=["run", "--exclude", "dbt_healthcare.gold"])
        with bench(maker, undisturbed, start, "dbt", TO_GOLD, command=command) as made:
            yield made


@contextmanager
def publish_bench(maker: WorldMaker, undisturbed: Undisturbed) -> Iterator[Bench]:
    """Of the exports the first and the last are points: they differ by nothing but their table."""
    with bench(maker, undisturbed, undisturbed.built, "publish") as made:
        exports = [point for point in made.points if " copy (select * from gold." in point]
        yield replace(made, points=tuple(point for point in made.points if point not in exports[1:-1]))
