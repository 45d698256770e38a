"""S3 and DynamoDB throttle, fall silent, and do what they were asked without saying so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.faults.aws_proxy import Trouble, running_proxy
from tests.faults.benches import Bench, StepFault
from tests.faults.rounds import BY_ITSELF, CLEARED, Disturbance
from tests.faults.undisturbed import RUN
from tests.faults.worlds import File, World

CHAPTER = "S3 and DynamoDB"
LANDED, UNPACKED, CERTIFIED, LOADED = b'"LANDED"', b'"UNPACKED"', b'"CERTIFIED"', b'"LOADED"'
MEMBER = b"Role played by Owner"  # in the header of a member that is small enough to be put as a whole
_WRITTEN = {
    b"lease_token": " lease taken",
    LANDED: " status=LANDED",
    UNPACKED: " status=UNPACKED",
    CERTIFIED: " status=CERTIFIED",
    LOADED: " status=LOADED",
    MEMBER: " of a member",
}
LAND_SMALL = (("PutItem", b""), ("GetItem", b""), ("UpdateItem", b"lease_token"), ("UpdateItem", LANDED), ("PutObject", b""))
LAND_LARGE = (("CreateMultipartUpload", b""), ("UploadPart", b""), ("CompleteMultipartUpload", b""))
UNPACKING = (("GetObject", b""), ("PutObject", MEMBER), ("UpdateItem", UNPACKED))
CERTIFY = (("GetObject", b""), ("PutObject", b""), ("UpdateItem", CERTIFIED))


def aws_faults() -> list[Disturbance]:
    """Each operation of land and certify, with each trouble: once, and boto3 recovers; for good, and a person does."""
    made = []
    for is_large, step, operations in ((False, "land", LAND_SMALL), (True, "land", LAND_LARGE), (False, "certify", CERTIFY)):
        for operation, holding in operations:
            for trouble in Trouble:
                stays = trouble is not Trouble.DONE_BUT_CUT
                where = f"{step}: {_named(operation, holding)}" + (", until the task gives up" if stays else ", once")
                made.append(
                    Disturbance(CHAPTER, str(trouble), where, _troubled(step, operation, holding, trouble, stays), is_large)
                )
    return made


def _named(operation: str, holding: bytes) -> str:
    return operation + _WRITTEN.get(holding, "")


def _troubled(step: str, operation: str, holding: bytes, trouble: Trouble, stays: bool) -> Callable[[World, File], str]:
    def disturb(world: World, file: File) -> str:
        if step == "certify":
            world.must("land", files=[file])
        with running_proxy(world.cloud.url) as proxy:
            attempts = "1" if stays else "4"
            before, world.overrides = world.overrides, {"AWS_ENDPOINT_URL": proxy.url, "AWS_MAX_ATTEMPTS": attempts}
            proxy.order(operation, trouble, times=100 if stays else 1, holding=holding)
            outcome = world.start(step, aws_read_seconds=1, files=[file]).wait()
            world.overrides = before
            assert proxy.injected, f"{operation} was never called"
        assert outcome.is_done is not stays, (outcome.error, outcome.message)
        for rest in ("land", "certify"):
            world.clear(rest, files=[file])
        return CLEARED if stays else BY_ITSELF

    return disturb


def aws_faults_in_step(made: Bench, kind: str, operations: Sequence[tuple[str, bytes]]) -> list[StepFault]:
    """Each operation fails until the task gives up: refused, and carried out without an answer."""
    return [
        StepFault(
            CHAPTER,
            str(trouble),
            f"{kind}: {_named(operation, holding)}, until the task gives up",
            _troubled_step(made, operation, holding, trouble),
        )
        for operation, holding in operations
        for trouble in (Trouble.THROTTLED, Trouble.DONE_BUT_SILENT)
    ]


def _troubled_step(made: Bench, operation: str, holding: bytes, trouble: Trouble) -> Callable[[World], str]:
    def disturb(world: World) -> str:
        with running_proxy(world.cloud.url) as proxy:
            world.overrides = {"AWS_ENDPOINT_URL": proxy.url, "AWS_MAX_ATTEMPTS": "1"}
            proxy.order(operation, trouble, times=100, holding=holding)  # boto3 tries a download again by itself
            outcome = world.start(made.step, RUN, aws_read_seconds=1, **made.arguments).wait()
            world.overrides = {}
            assert outcome.error, f"{operation} did not fail"
            assert proxy.injected, f"{operation} was never called"
        world.clear(made.step, RUN, **made.arguments)
        return CLEARED

    return disturb
