"""Rounds: many files are disturbed, each in its own way, then the world is compared as a whole, and in the end gold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from tests.faults.comparison import differences
from tests.faults.fault_table import FaultRow
from tests.faults.undisturbed import Undisturbed
from tests.faults.worlds import File, World, WorldMaker

T = TypeVar("T")
#: How many worlds are disturbed at once.
AT_ONCE = int(os.environ.get("FAULTS_AT_ONCE", os.cpu_count() or 2))
Tell = Callable[[FaultRow], None]
#: inject(bench, faults, to_gold=True): what the fixture of this name does.
Inject = Callable[..., None]
CLEARED = "clearing the task"
NEXT_RUN = "the next run"
BY_ITSELF = "the task itself"


@dataclass(frozen=True)
class Disturbance:
    """Something that happens to one file; `disturb` gets it from planned to certified and says what recovered it."""

    chapter: str
    name: str
    where: str
    disturb: Callable[[World, File], str]
    is_large: bool = False


Round = Sequence[Disturbance]


def side_by_side(work: Callable[[T], Iterable[FaultRow]], things: Sequence[T]) -> list[FaultRow]:
    """A world needs about one core."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [row for rows in pool.map(work, things) for row in rows]


def tell_and_check(tell: Tell, rows: Iterable[FaultRow]) -> None:
    rows = list(rows)
    for row in rows:
        tell(row)
    assert [row for row in rows if row.differences] == []


class Rounds:
    def __init__(self, maker: WorldMaker, undisturbed: Undisturbed) -> None:
        self.maker, self.undisturbed = maker, undisturbed

    def run(self, disturbances: Sequence[Disturbance]) -> list[FaultRow]:
        """As many rounds as it takes for each disturbance to have a file of its own, in as many worlds as there are cores."""
        small = [found for found in disturbances if not found.is_large]
        large = [found for found in disturbances if found.is_large]
        number = max(_rounds(small, self.undisturbed.small), _rounds(large, self.undisturbed.large))
        rounds = [small[start::number] + large[start::number] for start in range(number)]
        return side_by_side(self._one_world, [rounds[start::AT_ONCE] for start in range(min(AT_ONCE, number))])

    def _one_world(self, rounds: Sequence[Round]) -> list[FaultRow]:
        rows: list[FaultRow] = []
        with self.maker.copied(self.undisturbed.certified) as world:
            for disturbances in rounds:
                rows += self._one_round(world, disturbances)
            world.finish()
            assert differences(self.undisturbed.published, world) == []
        return rows

    def _one_round(self, world: World, disturbances: Round) -> list[FaultRow]:
        free = {True: iter(self.undisturbed.large), False: iter(self.undisturbed.small)}
        pairs = [(found, next(free[found.is_large])) for found in disturbances]
        for _, file in pairs:
            self.maker.take_back(world, file, self.undisturbed.planned)
        recovered = [found.disturb(world, file) for found, file in pairs]
        differing = sum(difference.rows for difference in differences(self.undisturbed.certified, world))
        return [
            FaultRow(found.chapter, found.name, found.where, recovery, differing)
            for (found, _), recovery in zip(pairs, recovered, strict=True)
        ]


def _rounds(disturbances: Sequence[Disturbance], files: Sequence[File]) -> int:
    return -(-len(disturbances) // len(files))
