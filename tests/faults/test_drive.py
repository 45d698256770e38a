"""Drive refuses, cuts, lies, changes under the reader, and lists another folder on the second page than on the first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from include.settings import REPOSITORY
from tests.faults.benches import unpack_bench
from tests.faults.comparison import differences
from tests.faults.drive_faults import ATTEMPTS, CHAPTER, drive_faults, drive_faults_of_archive
from tests.faults.fault_table import FaultRow
from tests.faults.rounds import CLEARED, NEXT_RUN, Inject, Rounds, Tell, side_by_side, tell_and_check
from tests.faults.undisturbed import PENALTIES, RUN, Undisturbed
from tests.faults.worlds import World, WorldMaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]
PAGE = 10


def test_land(rounds: Rounds, tell: Tell) -> None:
    tell_and_check(tell, rounds.run(drive_faults()))


def test_land_archive(inject: Inject, undisturbed: Undisturbed) -> None:
    inject(unpack_bench, lambda _: drive_faults_of_archive(undisturbed.archive))


def html_instead_of_a_listing(world: World) -> str:
    world.drive.answer_next(b"<html>Sign in</html>", ATTEMPTS, "/files?")
    assert world.run("plan", RUN).error == "DriveUnreachableError"
    return CLEARED


def refused_listing(world: World) -> str:
    world.drive.fail_next(ATTEMPTS, 503, "backendError", "pageToken")
    world.drive.cap_pages(PAGE)
    assert world.run("plan", RUN).error == "DriveUnreachableError"
    return CLEARED


def file_that_comes_before_the_page_that_is_read(world: World) -> str:
    """It is in the folder when the plan ends, and on no page of the listing."""
    path, hidden = world.rawdata / PENALTIES, world.folder / PENALTIES
    world.drive.cap_pages(PAGE)
    path.rename(hidden)
    pages: list[int] = []

    def come() -> None:
        pages.append(1)
        if len(pages) == 4:
            hidden.rename(path)

    world.drive.on_list(come)
    planned = world.must("plan", RUN)
    world.drive.forget_listeners()
    assert path.exists()
    assert PENALTIES not in {file["name"] for file in planned["work"]}
    world.ingest(planned)
    return NEXT_RUN


def file_that_goes_behind_the_page_that_is_read(world: World) -> str:
    """Renamed in the middle of the listing, so that two pages have it."""
    world.drive.cap_pages(PAGE)
    pages: list[int] = []
    notes = world.rawdata / ".drive.json"

    def rename() -> None:
        pages.append(1)
        if len(pages) == 2:
            notes.write_text(json.dumps({"files": {"FY_2024_SNF_VBP_Aggregate_Performance.csv": {"name": "ZZ.csv"}}}))

    world.drive.on_list(rename)
    planned = world.must("plan", RUN)
    world.drive.forget_listeners()
    notes.unlink()
    assert [entry["name"] for entry in planned["ignored"]] == ["ZZ.csv"]
    world.ingest(planned)
    return NEXT_RUN


def second_file_with_the_same_bytes(world: World) -> str:
    """It brings nothing while it is there, though it was modified last; deleted and forgotten, it leaves nothing."""
    copy = world.rawdata / f"Copy of {PENALTIES}"
    copy.write_bytes((world.rawdata / PENALTIES).read_bytes())
    planned = world.must("plan", RUN)
    assert PENALTIES in (work := {file["name"] for file in planned["work"]})
    assert (copy.name in work, planned["quarantined"]) == (False, [])
    copy.unlink()
    command = [sys.executable, "-m", "include.on_call", "forget", "--yes", copy.name]
    subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **world.environment()}, check=True, capture_output=True)
    world.ingest(planned)
    return "deleting the copy, `forget`"


PLANS: dict[tuple[str, str], Callable[[World], str]] = {
    ("HTML page with status 200", "plan: until the task gives up"): html_instead_of_a_listing,
    ("503 backendError", "plan: the second page, until the task gives up"): refused_listing,
    ("listing changes between pages", "plan: a file comes that no page has"): file_that_comes_before_the_page_that_is_read,
    (
        "listing changes between pages",
        "plan: a renamed file is on two pages",
    ): file_that_goes_behind_the_page_that_is_read,
    ("duplicate", "plan: a copy under another name"): second_file_with_the_same_bytes,
}


def test_plan(maker: WorldMaker, undisturbed: Undisturbed, tell: Tell) -> None:
    def disturb(fault: tuple[str, str]) -> list[FaultRow]:
        with maker.copied(undisturbed.planned) as world:
            for file in undisturbed.late:
                maker.forget(world, file)
            recovery = PLANS[fault](world)
            world.ingest(world.must("plan", RUN))
            world.finish()
            differing = sum(found.rows for found in differences(undisturbed.published, world))
        return [FaultRow(CHAPTER, *fault, recovery, differing)]

    tell_and_check(tell, side_by_side(disturb, list(PLANS)))
