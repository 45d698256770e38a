"""One fault of each kind at each step, in two minutes: what `make test` runs of the fault suite.

A step that all files share is compared behind itself only: to go on to gold from there is left to the whole suite.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.faults.aws_faults import aws_faults
from tests.faults.benches import UNPACK, Bench, MakeBench, StepFault, copy_bench, dbt_bench, publish_bench, unpack_bench
from tests.faults.drive_faults import drive_faults
from tests.faults.full_disk import full_disk_while_ingesting
from tests.faults.kills import kill_of_file, kills_of_step
from tests.faults.rounds import Disturbance, Inject, Rounds, Tell, tell_and_check
from tests.faults.two_workers import (
    HALF_DONE,
    OTHER_RUN,
    overtaken_at_a_step,
    two_at_a_step,
    two_at_one_file,
    wrong_clocks,
)
from tests.faults.undisturbed import RUN

pytestmark = pytest.mark.timeout(600)

DRIVE_FAULTS = {
    "403 rateLimitExceeded",
    "403 downloadQuotaExceeded",
    "body cut in the middle",
    "HTML page with status 200",
    "other bytes than the md5 says",
    "file grows while it is read",
}


def test_land_and_certify(rounds: Rounds, tell: Tell) -> None:
    half_done = HALF_DONE.items()
    chosen = [
        *(kill_of_file(kind, point) for kind, point in half_done),
        *(two_at_one_file(kind, point, run_id) for kind, point in half_done for run_id in (RUN, OTHER_RUN) if "small" in kind),
        *small(wrong_clocks())[:2],
        *small(full_disk_while_ingesting())[-1:],
        *(found for found in one_of_each_name(small(drive_faults())) if found.name in DRIVE_FAULTS),
        *one_of_each_name(small(aws_faults())),
    ]
    tell_and_check(tell, rounds.run(chosen))


def test_unpack(inject: Inject) -> None:
    def faults(made: Bench) -> list[StepFault]:
        chosen = [point_of(made, "S3 UploadPart"), point_of(made, "status=UNPACKED")]
        return [*kills_of_step(made, UNPACK, chosen), *overtaken_at_a_step(made, UNPACK, chosen[:1])]

    inject(unpack_bench, faults)


@pytest.mark.parametrize(
    ("kind", "bench", "points"),
    [
        ("copy_to_bronze", copy_bench, ["COMMIT", "status=LOADED"]),
        ("dbt silver", partial(dbt_bench, kind="dbt silver"), ["insert into", "COMMIT"]),
    ],
)
def test_step_on_the_warehouse(inject: Inject, kind: str, bench: MakeBench, points: list[str]) -> None:
    inject(bench, lambda made: kills_of_step(made, kind, [point_of(made, what) for what in points]), to_gold=False)


def test_publish(inject: Inject) -> None:
    def faults(made: Bench) -> list[StepFault]:
        swap = point_of(made, "rename published/current")
        return [*kills_of_step(made, "publish", [swap]), *two_at_a_step(made, "publish", [made.points[0]])]

    inject(publish_bench, faults)


def point_of(made: Bench, what: str) -> str:
    return next(point for point in made.points if what in point)


def small(disturbances: list[Disturbance]) -> list[Disturbance]:
    return [found for found in disturbances if not found.is_large]


def one_of_each_name(disturbances: list[Disturbance]) -> list[Disturbance]:
    return list({found.name: found for found in disturbances}.values())
