"""The disk of the machine that runs the task is full."""

from __future__ import annotations

import re

import pytest

from tests.faults.benches import UNPACK, copy_bench, dbt_bench, publish_bench, unpack_bench
from tests.faults.full_disk import full_disk_in_step, full_disk_while_ingesting
from tests.faults.rounds import Rounds, Tell, tell_and_check
from tests.faults.undisturbed import Undisturbed
from tests.faults.worlds import World, WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

#: Boundaries behind which something is written.
WRITES = re.compile(
    r"before (BEGIN|COMMIT|insert into|create |alter |copy \(|rename|symlink|S3 GetObject|DynamoDB UpdateItem status)"
)


def test_land_and_certify(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(full_disk_while_ingesting()))


def test_unpack(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with unpack_bench(maker, undisturbed) as made:
        tell_and_check(tell, made.run(full_disk_in_step(made, UNPACK, made.points[::3], undisturbed.archive["size"])))


def test_copy_to_bronze(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with copy_bench(maker, undisturbed) as made:
        largest = max(size for key, size in sizes(made.start).items() if key.startswith("bronze/"))
        tell_and_check(tell, made.run(full_disk_in_step(made, "copy_to_bronze", writes(made.points), largest)))


@pytest.mark.parametrize("kind", ["dbt silver", "dbt gold"])
def test_dbt(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell, kind: str) -> None:
    with dbt_bench(maker, undisturbed, kind) as made:
        largest = 2 * made.start.warehouse.stat().st_size  # as it is now it has room, and not a byte more
        tell_and_check(tell, made.run(full_disk_in_step(made, kind, writes(made.points)[::3], largest)))


def test_publish(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with publish_bench(maker, undisturbed) as made:
        published = (made.expected.home / "published" / "current").glob("*.parquet")
        largest = max(path.stat().st_size for path in published)
        tell_and_check(tell, made.run(full_disk_in_step(made, "publish", writes(made.points), largest)))


def writes(points: tuple[str, ...]) -> list[str]:
    return [point for point in points if WRITES.match(point)]


def sizes(world: World) -> dict[str, int]:
    pages = world.cloud.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=world.names.bucket)
    return {item["Key"]: item["Size"] for page in pages for item in page["Contents"]}
