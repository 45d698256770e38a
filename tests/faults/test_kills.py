"""SIGKILL at every boundary of every step: the step that was killed is cleared, and nothing tells of the kill."""

from __future__ import annotations

import pytest

from tests.faults.benches import (
    DBT_STEPS,
    UNPACK,
    Points,
    copy_bench,
    dbt_bench,
    first_copy_bench,
    plan_bench,
    publish_bench,
    to_certify_bench,
    unpack_bench,
)
from tests.faults.kills import kills_of_files, kills_of_step
from tests.faults.rounds import CLEARED, NEXT_RUN, Rounds, Tell, tell_and_check
from tests.faults.undisturbed import Undisturbed
from tests.faults.worlds import WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

#: Should a walk ever pass by a step without seeing its boundaries, the suite would kill nothing and be green.
LEAST_KILL_POINTS = {
    "plan": 5, "land": 8, "unpack": 20, "to_certify": 5, "certify": 8, "copy_to_bronze": 15, "dbt": 6, "publish": 10,
}  # fmt: skip


def test_land_and_certify(rounds: Rounds, points: Points, tell: Tell) -> None:
    assert all(len(found) >= LEAST_KILL_POINTS[kind.split(",")[0]] for kind, found in points.items())
    tell_and_check(tell, rounds.run(kills_of_files(points)))


def test_plan(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with plan_bench(maker, undisturbed) as made:
        assert len(made.points) >= LEAST_KILL_POINTS["plan"]
        tell_and_check(tell, made.run(kills_of_step(made, "plan", made.points)))


def test_unpack(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with unpack_bench(maker, undisturbed) as made:
        assert len(made.points) >= LEAST_KILL_POINTS["unpack"]
        tell_and_check(tell, made.run(kills_of_step(made, UNPACK, made.points, (CLEARED, NEXT_RUN))))


def test_to_certify(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with to_certify_bench(maker, undisturbed) as made:
        assert len(made.points) >= LEAST_KILL_POINTS["to_certify"]
        tell_and_check(tell, made.run(kills_of_step(made, "to_certify", made.points)))


def test_first_copy_to_bronze(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with first_copy_bench(maker, undisturbed) as made:
        tell_and_check(tell, made.run(kills_of_step(made, "copy_to_bronze, no warehouse yet", made.points)))


def test_copy_to_bronze(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with copy_bench(maker, undisturbed) as made:
        assert len(made.points) >= LEAST_KILL_POINTS["copy_to_bronze"]
        tell_and_check(tell, made.run(kills_of_step(made, "copy_to_bronze", made.points)))


@pytest.mark.parametrize("kind", DBT_STEPS)
def test_dbt(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell, kind: str) -> None:
    with dbt_bench(maker, undisturbed, kind) as made:
        assert len(made.points) >= LEAST_KILL_POINTS["dbt"]
        tell_and_check(tell, made.run(kills_of_step(made, kind, made.points)))


def test_publish(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with publish_bench(maker, undisturbed) as made:
        assert len(made.points) >= LEAST_KILL_POINTS["publish"]
        tell_and_check(tell, made.run(kills_of_step(made, "publish", made.points)))
