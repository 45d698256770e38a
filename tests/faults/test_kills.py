"""SIGKILL at every boundary of every step: the step that was killed is cleared, and nothing tells of the kill."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import pytest

from tests.faults.comparison import differences, is_whole_publication
from tests.faults.fault_table import FaultRow
from tests.faults.kill_points import kill_points
from tests.faults.undisturbed import PENALTIES, RUN, Undisturbed
from tests.faults.worker import Fault
from tests.faults.worlds import File, World, WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

CHAPTER = "Killed workers"
CLEARED, NEXT_RUN = "clearing the task", "the next run"
Tell = Callable[[FaultRow], None]
T = TypeVar("T")
Row = TypeVar("Row")


def two_at_a_time(work: Callable[[T], Iterable[FaultRow]], things: Sequence[T]) -> list[FaultRow]:
    """The machine has two cores, and a world needs about one."""
    with ThreadPoolExecutor(2) as pool:
        return [row for rows in pool.map(work, things) for row in rows]


def tell_and_check(tell: Tell, rows: Iterable[FaultRow]) -> None:
    rows = list(rows)
    for row in rows:
        tell(row)
    assert [row for row in rows if row.differences] == []


@dataclass(frozen=True)
class Kill:
    """A kill of the worker that lands or certifies one file."""

    kind: str
    step: str
    boundary: str
    file: File
    recovery: str = CLEARED

    def row(self, differing: int) -> FaultRow:
        return FaultRow(CHAPTER, "SIGKILL", f"{self.kind}: {self.boundary}", self.recovery, differing)


class Kills:
    def __init__(self, maker: WorldMaker, undisturbed: Undisturbed) -> None:
        self.maker, self.undisturbed = maker, undisturbed

    def walk(self, start: World, step: str, **arguments: object) -> list[str]:
        with self.maker.copied(start) as world:
            outcome = world.run(step, RUN, Fault(trace=True), **arguments)
            assert outcome.is_done, outcome.log[-3000:]
            return kill_points(outcome.passed)

    def of_ingestion(self, kills: Sequence[Kill]) -> list[FaultRow]:
        """One run in which each of the kills hits another file."""
        with self.maker.copied(self.undisturbed.certified) as world:
            for kill in kills:
                before = self.undisturbed.planned if kill.step == "land" else self.undisturbed.landed
                self.maker.take_back(world, kill.file, before)
            for kill in kills:
                self._kill_and_recover(world, kill)
            world.finish()
            differing = differences(self.undisturbed.published, world)
        return [kill.row(sum(found.rows for found in differing)) for kill in kills]

    def _kill_and_recover(self, world: World, kill: Kill) -> None:
        if kill.kind.endswith("that goes on"):
            interrupted = world.run("land", RUN, Fault(kill_at="before S3 UploadPart (2)"), files=[kill.file])
            assert interrupted.was_killed
        killed = world.run(kill.step, RUN, Fault(kill_at=kill.boundary), files=[kill.file])
        assert killed.was_killed, (kill, killed.log[-2000:])
        run_id = RUN if kill.recovery == CLEARED else "run-2"
        for step in ("land", "certify")[("land", "certify").index(kill.step) :]:
            world.clear(step, run_id, files=[kill.file])

    def of_step(
        self, start: World, step: str, boundary: str, rest: Callable[[World], None], **arguments: object
    ) -> list[FaultRow]:
        """A kill of a step that all files share."""
        with self.maker.copied(start) as world:
            killed = world.run(step, RUN, Fault(kill_at=boundary), **arguments)
            assert killed.was_killed, (boundary, killed.log[-2000:])
            assert is_whole_publication(world)
            world.clear(step, RUN, **arguments)
            rest(world)
            differing = sum(found.rows for found in differences(self.undisturbed.published, world))
        name = str(arguments.get("kind", step))
        return [FaultRow(CHAPTER, "SIGKILL", f"{name}: {boundary}", CLEARED, differing)]


@pytest.fixture(scope="session")
def kills(maker: WorldMaker, undisturbed: Undisturbed) -> Kills:
    return Kills(maker, undisturbed)


def spread(kills: Sequence[Kill], files: Sequence[File]) -> list[list[Kill]]:
    """As many kills in one run as there are files of the kind."""
    return [list(kills[start : start + len(files)]) for start in range(0, len(kills), len(files))]


def test_land_and_certify_small_files(kills: Kills, undisturbed: Undisturbed, tell: Tell) -> None:
    small = undisturbed.small
    points = [
        (kind, step, boundary)
        for kind, step, start in (
            ("land, small file", "land", undisturbed.planned),
            ("certify", "certify", undisturbed.landed),
        )
        for boundary in kills.walk(start, step, files=[undisturbed.file(PENALTIES)])
    ]
    made = [
        Kill(kind, step, boundary, small[number % len(small)], recovery)
        for number, (kind, step, boundary) in enumerate(points)
        for recovery in [CLEARED if number % 2 else NEXT_RUN]
    ]
    tell_and_check(tell, two_at_a_time(kills.of_ingestion, spread(made, small)))


def test_land_large_files(kills: Kills, undisturbed: Undisturbed, tell: Tell) -> None:
    large = undisturbed.large
    points = kills.walk(undisturbed.planned, "land", files=[large[0]])
    resumed = [point for point in points if "CreateMultipartUpload" not in point and "upload_id" not in point]
    resumed = ["before S3 ListParts", *(point for point in resumed if "(3)" not in point)]
    named = [("land, large file", point) for point in points] + [("land, large file that goes on", point) for point in resumed]
    made = [
        Kill(kind, "land", point, large[number % len(large)], NEXT_RUN if number % 3 == 0 else CLEARED)
        for number, (kind, point) in enumerate(named)
    ]
    tell_and_check(tell, two_at_a_time(kills.of_ingestion, spread(made, large)))


def test_copy_to_bronze(kills: Kills, maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    """Three of the files wait for the COPY, the others are loaded."""
    waiting = [undisturbed.file(PENALTIES), undisturbed.large[0], undisturbed.small[0]]
    with maker.copied(undisturbed.certified) as start:
        for file in waiting:
            maker.take_back(start, file, undisturbed.landed)
        start.must("copy_to_bronze", RUN)
        for file in waiting:
            maker.bring(start, file, undisturbed.certified)
        points = kills.walk(start, "copy_to_bronze")

        def rest(world: World) -> None:
            world.must("build", RUN)
            world.must("publish", RUN)

        rows = two_at_a_time(lambda point: kills.of_step(start, "copy_to_bronze", point, rest), points)
    tell_and_check(tell, rows)


DBT_STEPS = {
    "dbt staging": ["build", "--select", "stg_nh_survey_dates", "current_files", "footnotes"],
    "dbt silver": ["build", "--select", "fct_survey_dates", "dim_provider", "excluded_rows"],
    "dbt silver, full refresh": ["run", "--full-refresh", "--select", "fct_survey_dates"],
    "dbt gold": ["build", "--select", "kpi_ratings_by_facility", "data_reconciliation"],
}


@pytest.mark.parametrize("kind", DBT_STEPS)
def test_dbt(kills: Kills, undisturbed: Undisturbed, tell: Tell, kind: str) -> None:
    start = undisturbed.loaded
    command = [*DBT_STEPS[kind], "--threads", "1", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable"]
    points = kills.walk(start, "dbt", command=command)

    def rest(world: World) -> None:
        world.must("build", RUN)
        world.must("publish", RUN)

    tell_and_check(
        tell, two_at_a_time(lambda point: kills.of_step(start, "dbt", point, rest, command=command, kind=kind), points)
    )


def test_publish(kills: Kills, undisturbed: Undisturbed, tell: Tell) -> None:
    points = kills.walk(undisturbed.built, "publish")
    exports = [point for point in points if " copy gold." in point]
    points = [point for point in points if point not in exports[1:-1]]
    tell_and_check(tell, two_at_a_time(lambda point: kills.of_step(undisturbed.built, "publish", point, lambda _: None), points))
