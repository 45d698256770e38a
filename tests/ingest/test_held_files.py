"""A part never replaces the whole silently: it is held until somebody accepts it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.ingest.checkpoints import CERTIFICATION, Certified, Checkpoint, CheckpointTable, Status
from include.ingest.file_version import FileVersion
from include.ingest.held_files import hold_parts
from include.ingest.pipeline import Services
from include.on_call import files as on_call
from include.on_call.errors import NothingToAcceptError
from tests.checkpoints import recorded

Put = Callable[..., Checkpoint]


@pytest.fixture
def table(no_drive: Services) -> CheckpointTable:
    return no_drive.checkpoints


@pytest.fixture
def put(table: CheckpointTable) -> Put:
    """A version of Penalties of 2025-02, certified or loaded, with so many rows."""

    def write(
        md5: str, day: int, rows: int, facilities: int = 100, columns: int = 20, status: Status = Status.CERTIFIED
    ) -> Checkpoint:
        file = FileVersion.named(f"id {md5}", md5, f"NH_Penalties_Feb2025 {md5}.csv", 10, f"2025-03-{day:02}T00:00:00Z")
        done = Certified(
            "nh_penalties", "2025-02", "utf-8", rows, rows, 0, "b", "r", facilities, columns, certification=CERTIFICATION
        )
        with table.claim(table.discover(file), "run") as lease:
            return lease.advance(status, done, raw_key="k", landed_at="2025-03-01T00:00:00+00:00")

    return write


def names(versions: list[Checkpoint]) -> list[str]:
    return [found.file_md5 for found in versions]


def test_part_of_what_is_loaded_is_held_with_both_counts(table: CheckpointTable, put: Put) -> None:
    put("whole", 1, 24_614, status=Status.LOADED)
    put("page", 2, 500)
    assert hold_parts(table, "run") == []
    held = table.get("id page", "page")
    assert (held.status, recorded(held.refusal).error_code) == (Status.QUARANTINED, "part_of_a_whole")
    assert "holds 500 of the 24,614 rows that 'NH_Penalties_Feb2025 whole.csv' has for 2025-02" in recorded(held.refusal).reason
    assert "`accept`" in recorded(held.refusal).reason


@pytest.mark.parametrize(
    ("rows", "facilities", "columns", "is_held"),
    [(900, 100, 20, False), (899, 100, 20, True), (1000, 90, 20, False), (1000, 89, 20, True), (1000, 100, 17, True)],
)
def test_nine_tenths_of_rows_facilities_and_columns_pass(
    table: CheckpointTable, put: Put, rows: int, facilities: int, columns: int, is_held: bool
) -> None:
    put("whole", 1, 1000, status=Status.LOADED)
    put("new", 2, rows, facilities, columns)
    assert names(hold_parts(table, "run")) == ([] if is_held else ["new"])


@pytest.mark.parametrize("parts_first", [True, False])
def test_part_that_comes_in_the_same_run_is_held_whatever_was_certified_first(
    table: CheckpointTable, put: Put, parts_first: bool
) -> None:
    versions = [("page", 2, 500), ("whole", 1, 1000)]
    for md5, day, rows in versions if parts_first else reversed(versions):
        put(md5, day, rows)
    assert names(hold_parts(table, "run")) == ["whole"]


def test_two_parts_are_both_held(table: CheckpointTable, put: Put) -> None:
    put("whole", 1, 1000, status=Status.LOADED)
    put("page 1", 2, 500)
    put("page 2", 3, 501)
    assert hold_parts(table, "run") == []


def test_part_of_a_period_that_has_no_whole_is_loaded(table: CheckpointTable, put: Put) -> None:
    put("page", 2, 500)
    assert names(hold_parts(table, "run")) == ["page"]


def test_whole_that_follows_a_part_is_loaded(table: CheckpointTable, put: Put) -> None:
    put("page", 1, 500, status=Status.LOADED)
    put("whole", 2, 1000)
    assert names(hold_parts(table, "run")) == ["whole"]


def test_part_that_somebody_accepts_is_loaded(table: CheckpointTable, put: Put) -> None:
    put("whole", 1, 1000, status=Status.LOADED)
    put("page", 2, 500)
    hold_parts(table, "run")
    (accepted,) = on_call.accept_file(table, "NH_Penalties_Feb2025 page.csv")
    assert table.get("id page", "page").status is Status.LANDED
    with table.claim(accepted, "run") as lease:
        lease.advance(Status.CERTIFIED)
    assert names(hold_parts(table, "run")) == ["page"]


def test_only_what_is_held_can_be_accepted(table: CheckpointTable, put: Put) -> None:
    put("whole", 1, 1000)
    with pytest.raises(NothingToAcceptError, match="is held"):
        on_call.accept_file(table, "NH_Penalties_Feb2025 whole.csv")


def test_version_that_was_loaded_before_is_loaded_again_by_a_rebuild(table: CheckpointTable, put: Put) -> None:
    put("whole", 1, 1000)
    small = put("page", 2, 500)
    with table.claim(small, "run") as lease:
        lease.advance(Status.CERTIFIED, run_id="run", loaded_at="2025-03-02 00:00:00")
    assert names(hold_parts(table, "rebuild")) == ["whole", "page"]
