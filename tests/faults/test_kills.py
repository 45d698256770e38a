"""SIGKILL at every boundary of every step: the step that was killed is cleared, and nothing is left of the kill."""

from __future__ import annotations

from functools import partial

import pytest

from tests.faults.benches import (
    DBT_STEPS,
    UNPACK,
    Bench,
    MakeBench,
    Points,
    StepFault,
    copy_bench,
    dbt_bench,
    first_copy_bench,
    plan_bench,
    publish_bench,
    to_certify_bench,
    unpack_bench,
)
from tests.faults.kills import kills_of_files, kills_of_step
from tests.faults.rounds import CLEARED, NEXT_RUN, Inject, Rounds, Tell, tell_and_check

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

#: Should a walk ever pass by a step without seeing its boundaries, the suite would kill nothing and be green.
LEAST_KILL_POINTS_OF_A_FILE = 8
BENCHES: dict[str, tuple[MakeBench, int]] = {
    "plan": (plan_bench, 5),
    UNPACK: (unpack_bench, 20),
    "to_certify": (to_certify_bench, 5),
    "copy_to_bronze, no warehouse yet": (first_copy_bench, 4),
    "copy_to_bronze": (copy_bench, 15),
    **{kind: (partial(dbt_bench, kind=kind), 6) for kind in DBT_STEPS},
    "publish": (publish_bench, 10),
}


def test_land_and_certify(rounds: Rounds, points: Points, tell: Tell) -> None:
    assert min(map(len, points.values())) >= LEAST_KILL_POINTS_OF_A_FILE
    tell_and_check(tell, rounds.run(kills_of_files(points)))


@pytest.mark.parametrize("kind", BENCHES)
def test_step(inject: Inject, kind: str) -> None:
    bench, least = BENCHES[kind]
    recoveries = (CLEARED, NEXT_RUN) if kind == UNPACK else (CLEARED,)

    def kills(made: Bench) -> list[StepFault]:
        assert len(made.points) >= least
        return kills_of_step(made, kind, made.points, recoveries)

    inject(bench, kills)
