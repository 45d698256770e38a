"""The disk of the machine that runs the task is full."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests.faults.benches import UNPACK, Bench, StepFault, copy_bench, dbt_bench, publish_bench, unpack_bench
from tests.faults.full_disk import full_disk_in_step, full_disk_while_ingesting
from tests.faults.rounds import Inject, Rounds, Tell, tell_and_check
from tests.faults.undisturbed import Undisturbed
from tests.faults.worlds import World

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

#: Boundaries behind which something is written.
WRITES = re.compile(
    r"before (BEGIN|COMMIT|insert into|create |alter |copy \(|rename|symlink|S3 GetObject|DynamoDB UpdateItem status)"
)


def test_land_and_certify(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(full_disk_while_ingesting()))


def test_unpack(inject: Inject, undisturbed: Undisturbed) -> None:
    inject(unpack_bench, lambda made: full_disk_in_step(made, UNPACK, made.points[::3], undisturbed.archive["size"]))


def test_copy_to_bronze(inject: Inject) -> None:
    def faults(made: Bench) -> list[StepFault]:
        largest = max(size for key, size in sizes(made.start).items() if key.startswith("bronze/"))
        return full_disk_in_step(made, "copy_to_bronze", writes(made.points), largest)

    inject(copy_bench, faults)


@pytest.mark.parametrize("kind", ["dbt silver", "dbt gold"])
def test_dbt(inject: Inject, kind: str) -> None:
    def faults(made: Bench) -> list[StepFault]:
        largest = 2 * made.start.warehouse.stat().st_size  # as it is now it has room, and not a byte more
        return full_disk_in_step(made, kind, writes(made.points)[::3], largest)

    inject(partial(dbt_bench, kind=kind), faults)


def test_publish(inject: Inject) -> None:
    def faults(made: Bench) -> list[StepFault]:
        published = (made.expected.home / "published" / "current").glob("*.parquet")
        return full_disk_in_step(made, "publish", writes(made.points), max(path.stat().st_size for path in published))

    inject(publish_bench, faults)


def writes(points: tuple[str, ...]) -> list[str]:
    return [point for point in points if WRITES.match(point)]


def sizes(world: World) -> dict[str, int]:
    pages = world.cloud.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=world.names.bucket)
    return {item["Key"]: item["Size"] for page in pages for item in page["Contents"]}
