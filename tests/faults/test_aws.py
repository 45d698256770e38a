"""S3 and DynamoDB throttle, time out, and answer after the client has given up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.aws_faults import CHAPTER, aws_faults
from tests.faults.aws_proxy import Trouble, running_proxy
from tests.faults.comparison import differences
from tests.faults.fault_table import FaultRow
from tests.faults.rounds import CLEARED, Rounds, tell_and_check, two_at_a_time
from tests.faults.undisturbed import RUN, Undisturbed
from tests.faults.worlds import WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]
Tell = Callable[[FaultRow], None]


def test_land_and_certify(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(aws_faults()))


COPY = (("Scan", b""), ("GetObject", b""), ("UpdateItem", b'"LOADED"'))


def test_copy_to_bronze(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    def disturb(fault: tuple[str, bytes, Trouble]) -> list[FaultRow]:
        operation, holding, trouble = fault
        with maker.copied(undisturbed.certified) as world, running_proxy(world.cloud.url) as proxy:
            world.overrides = {"AWS_ENDPOINT_URL": proxy.url, "AWS_MAX_ATTEMPTS": "1"}
            proxy.order(operation, trouble, holding=holding)
            outcome = world.start("copy_to_bronze", RUN, aws_read_seconds=1).wait()
            assert outcome.error, f"{operation} did not fail"
            assert proxy.injected == 1
            world.overrides = {}
            world.clear("copy_to_bronze", RUN)
            world.must("build", RUN)
            world.must("publish", RUN)
            differing = sum(found.rows for found in differences(undisturbed.published, world))
        name = f"{operation} status=LOADED" if holding else operation
        return [FaultRow(CHAPTER, str(trouble), f"copy_to_bronze: {name}, until the task gives up", CLEARED, differing)]

    troubles = (Trouble.THROTTLED, Trouble.DONE_BUT_SILENT)
    tell_and_check(tell, two_at_a_time(disturb, [(*operation, trouble) for operation in COPY for trouble in troubles]))
