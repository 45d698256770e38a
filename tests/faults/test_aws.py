"""S3 and DynamoDB throttle, time out, and answer after the client has given up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.aws_faults import CHAPTER, aws_faults
from tests.faults.aws_proxy import Trouble, running_proxy
from tests.faults.benches import StepFault, copy_bench
from tests.faults.rounds import CLEARED, Rounds, Tell, tell_and_check
from tests.faults.undisturbed import RUN, Undisturbed
from tests.faults.worlds import World, WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]


def test_land_and_certify(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(aws_faults()))


COPY = (("Scan", b""), ("GetObject", b""), ("UpdateItem", b'"LOADED"'))


def test_copy_to_bronze(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    def troubled(operation: str, holding: bytes, trouble: Trouble) -> Callable[[World], str]:
        def disturb(world: World) -> str:
            with running_proxy(world.cloud.url) as proxy:
                world.overrides = {"AWS_ENDPOINT_URL": proxy.url, "AWS_MAX_ATTEMPTS": "1"}
                proxy.order(operation, trouble, times=100, holding=holding)  # boto3 tries a download again by itself
                outcome = world.start("copy_to_bronze", RUN, aws_read_seconds=1).wait()
                world.overrides = {}
                assert outcome.error, f"{operation} did not fail"
                assert proxy.injected, f"{operation} was never called"
            world.clear("copy_to_bronze", RUN)
            return CLEARED

        return disturb

    faults = [
        StepFault(
            CHAPTER,
            str(trouble),
            f"copy_to_bronze: {operation}{' status=LOADED' if holding else ''}, until the task gives up",
            troubled(operation, holding, trouble),
        )
        for operation, holding in COPY
        for trouble in (Trouble.THROTTLED, Trouble.DONE_BUT_SILENT)
    ]
    with copy_bench(maker, undisturbed) as made:
        tell_and_check(tell, made.run(faults))
