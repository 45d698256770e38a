"""S3 and DynamoDB throttle, time out, and answer after the client has given up."""

from __future__ import annotations

import pytest

from tests.faults.aws_faults import LOADED, UNPACKING, aws_faults, aws_faults_in_step
from tests.faults.benches import UNPACK, copy_bench, to_certify_bench, unpack_bench
from tests.faults.rounds import Inject, Rounds, Tell, tell_and_check

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]


def test_land_and_certify(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(aws_faults()))


def test_unpack(inject: Inject) -> None:
    inject(unpack_bench, lambda made: aws_faults_in_step(made, UNPACK, UNPACKING))


def test_to_certify(inject: Inject) -> None:
    operations = (("Scan", b""), ("PutItem", b""), ("UpdateItem", LOADED))
    inject(to_certify_bench, lambda made: aws_faults_in_step(made, "to_certify", operations), to_gold=False)


def test_copy_to_bronze(inject: Inject) -> None:
    operations = (("Scan", b""), ("GetObject", b""), ("UpdateItem", LOADED))
    inject(copy_bench, lambda made: aws_faults_in_step(made, "copy_to_bronze", operations))
