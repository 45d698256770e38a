"""The same task twice at the same time, two runs at once, and workers whose clocks are an hour apart."""

from __future__ import annotations

from functools import partial

import pytest

from tests.faults.benches import UNPACK, Points, copy_bench, dbt_bench, publish_bench, to_certify_bench, unpack_bench
from tests.faults.comparison import differences
from tests.faults.dag_runs import both_race, one_waits
from tests.faults.fault_table import FaultRow
from tests.faults.rounds import BY_ITSELF, CLEARED, Inject, Rounds, Tell, side_by_side, tell_and_check
from tests.faults.two_workers import (
    TWO_AT_ONCE,
    overtaken_at_a_step,
    two_at_a_file,
    two_at_a_step,
    wrong_clocks,
    wrong_clocks_in_copy,
    wrong_clocks_in_publish,
)
from tests.faults.undisturbed import Undisturbed
from tests.faults.worlds import WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]


def test_same_file(rounds: Rounds, points: Points, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(two_at_a_file(points)))


def test_unpack(inject: Inject) -> None:
    inject(unpack_bench, lambda made: overtaken_at_a_step(made, UNPACK, made.points[::2]))


def test_to_certify(inject: Inject) -> None:
    inject(to_certify_bench, lambda made: overtaken_at_a_step(made, "to_certify", made.points), to_gold=False)


def test_clocks_an_hour_apart(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(wrong_clocks()))


def test_copy_to_bronze(inject: Inject) -> None:
    inject(copy_bench, lambda made: [*two_at_a_step(made, "copy_to_bronze", made.points[::4]), *wrong_clocks_in_copy()])


@pytest.mark.parametrize("kind", ["dbt silver", "dbt gold"])
def test_dbt(inject: Inject, kind: str) -> None:
    inject(partial(dbt_bench, kind=kind), lambda made: two_at_a_step(made, kind, made.points[::4]))


def test_publish(inject: Inject) -> None:
    inject(publish_bench, lambda made: [*two_at_a_step(made, "publish", made.points[::2]), *wrong_clocks_in_publish()])


def test_two_whole_runs(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    def disturb(behind: str) -> list[FaultRow]:
        with maker.copied(undisturbed.planned) as world:
            for file in undisturbed.late:
                maker.forget(world, file)
            if behind:
                one_waits(world, behind)
            else:
                both_race(world)
            differing = sum(found.rows for found in differences(undisturbed.published, world))
        where = f"whole run: one waits behind {behind}, the other does everything" if behind else "whole run: both race"
        return [FaultRow(TWO_AT_ONCE, "two runs", where, BY_ITSELF if behind else CLEARED, differing)]

    tell_and_check(tell, side_by_side(disturb, ["", "plan", "copy_to_bronze", "build"]))
