"""S3 and DynamoDB throttle, time out, and answer after the client has given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.aws_faults import LOADED, UNPACKING, aws_faults, aws_faults_in_step
from tests.faults.benches import UNPACK, copy_bench, to_certify_bench, unpack_bench
from tests.faults.rounds import Rounds, Tell, tell_and_check
from tests.faults.undisturbed import Undisturbed
from tests.faults.worlds import WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]


def test_land_and_certify(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(aws_faults()))


def test_unpack(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with unpack_bench(maker, undisturbed) as made:
        tell_and_check(tell, made.run(aws_faults_in_step(made, UNPACK, UNPACKING)))


def test_to_certify(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with to_certify_bench(maker, undisturbed) as made:
        faults = aws_faults_in_step(made, "to_certify", (("Scan", b""), ("PutItem", b""), ("UpdateItem", LOADED)))
        tell_and_check(tell, replace(made, rest={}).run(faults))


def test_copy_to_bronze(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    with copy_bench(maker, undisturbed) as made:
        faults = aws_faults_in_step(made, "copy_to_bronze", (("Scan", b""), ("GetObject", b""), ("UpdateItem", LOADED)))
        tell_and_check(tell, made.run(faults))
