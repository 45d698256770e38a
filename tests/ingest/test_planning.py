"""What a run has to do: new and changed versions, and what is doubled, refused or not ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from include.contracts.errors import UnknownFamilyError
from include.ingest.checkpoints import CERTIFICATION, Certified, Checkpoint, CheckpointTable, Status
from include.ingest.drive import IgnoredEntry, Listing
from include.ingest.file_version import FileVersion
from include.ingest.pipeline import Services
from include.ingest.planning import Plan, Selection, plan_files

OCTOBER, NOVEMBER = "NH_CitationDescriptions_Oct2024.csv", "NH_CitationDescriptions_Nov2024.csv"
Record = Callable[..., Checkpoint]


def version(name: str, md5: str = "m1", file_id: str = "") -> FileVersion:
    return FileVersion.named(file_id or f"id of {name}", md5, name, 10, "2024-10-01T00:00:00.000Z")


def certified(period: str) -> dict[str, object]:
    """As certification records it."""
    done = Certified("nh_citation_descriptions", period, "utf-8", 1, 1, 0, "b", "r", certification=CERTIFICATION)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(done).items()}


def names(plan: Plan) -> list[str]:
    return [file.name for file in plan.work]


@pytest.fixture
def table(no_drive: Services) -> CheckpointTable:
    return no_drive.checkpoints


@pytest.fixture
def plan(table: CheckpointTable) -> Callable[..., Plan]:
    return lambda *files, **selection: plan_files(Listing(files, ()), table, Selection(**selection))


@pytest.fixture
def advance(table: CheckpointTable) -> Record:
    """Writes a version's status as a step would."""

    def write(file: FileVersion, status: Status, **attributes: Any) -> Checkpoint:
        with table.claim(table.discover(file), "test-run") as lease:
            return lease.advance(status, **attributes)

    return write


@pytest.fixture
def refuse(table: CheckpointTable) -> Callable[..., Checkpoint]:
    def write(file: FileVersion, version: str = "", **attributes: Any) -> Checkpoint:
        with table.claim(table.discover(file), "test-run") as lease:
            if version:
                refusal: dict[str, Any] = {"error_code": UnknownFamilyError.code, "reason": "?", "contracts_version": version}
                return lease.advance(Status.QUARANTINED, **refusal, **attributes)
            return lease.quarantine(UnknownFamilyError(file.name), **attributes)

    return write


def test_new_files_are_work_and_get_a_checkpoint(plan: Callable[..., Plan], table: CheckpointTable) -> None:
    made = plan(version("a.csv", "m1"), version("b.csv", "m2"))
    assert names(made) == ["a.csv", "b.csv"]
    assert {found.filename: found.status for found in table.all()} == {"a.csv": "DISCOVERED", "b.csv": "DISCOVERED"}


def test_loaded_version_is_unchanged(plan: Callable[..., Plan], advance: Record) -> None:
    advance(version("a.csv"), Status.LOADED)
    assert plan(version("a.csv")) == Plan((), 1, (), ())


def test_corrected_file_with_same_name_is_loaded_again(plan: Callable[..., Plan], advance: Record) -> None:
    advance(version("a.csv", "m1"), Status.LOADED)
    made = plan(version("a.csv", "m2"))
    assert (names(made), made.unchanged) == (["a.csv"], 0)


@pytest.mark.parametrize("status", [Status.DISCOVERED, Status.LANDED, Status.CERTIFIED])
def test_version_that_a_killed_run_left_behind_is_taken_up_where_it_was(
    plan: Callable[..., Plan], advance: Record, table: CheckpointTable, status: Status
) -> None:
    file = version("a.csv")
    advance(file, status)
    assert names(plan(file)) == ["a.csv"]
    assert table.get(file.file_id, file.file_md5).status is status


def test_refused_version_stays_refused_and_is_told_again(plan: Callable[..., Plan], refuse: Record) -> None:
    file = version("a.csv")
    refuse(file)
    made = plan(file)
    assert made.work == ()
    assert [(item.name, item.code) for item in made.quarantined] == [("a.csv", "unknown_family")]
    assert made.quarantined[0].reason == str(UnknownFamilyError("a.csv"))


def test_refused_version_is_tried_again_under_changed_contracts(
    plan: Callable[..., Plan], refuse: Record, table: CheckpointTable
) -> None:
    file = version("a.csv")
    refuse(file, "contracts of yesterday", raw_key="k", landed_at="2024-10-02T00:00:00+00:00")
    assert names(plan(file)) == ["a.csv"]
    again = table.get(file.file_id, file.file_md5)
    assert (again.status, again.refusal is not None) == (Status.LANDED, False)


def test_refused_file_that_was_renamed_is_tried_again_under_its_new_name(
    plan: Callable[..., Plan], refuse: Record, table: CheckpointTable
) -> None:
    """The error asked for that name, and renaming changes neither id nor content."""
    refuse(version("penalties of february.csv", file_id="one id"), raw_key="k", landed_at="2024-10-02T00:00:00+00:00")
    renamed = version("NH_Penalties_Feb2025.csv", file_id="one id")
    made = plan(renamed)
    assert (names(made), made.quarantined) == (["NH_Penalties_Feb2025.csv"], ())
    again = table.get("one id", "m1")
    assert (again.filename, again.status) == ("NH_Penalties_Feb2025.csv", Status.LANDED)


class TestLoadedFileThatIsRenamed:
    def test_to_another_period_is_named_with_what_to_do(self, plan: Callable[..., Plan], advance: Record) -> None:
        """Its rows stand under the period of the old name: nothing else in the file would tell."""
        advance(version(OCTOBER, file_id="one id"), Status.LOADED, **certified("2024-10"))
        made = plan(version(NOVEMBER, file_id="one id"))
        (refused,) = made.quarantined
        assert (made.work, made.unchanged, refused.name, refused.code) == ((), 0, NOVEMBER, "renamed_period")
        assert "forget one id" in refused.reason

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (OCTOBER, "NH_CitationDescriptions_2024-10.csv"),
            (OCTOBER, "NH_CitationDescriptions.csv"),
            (OCTOBER, "archive.csv"),
            ("NH_Penalties_Oct2024.csv", "NH_Penalties_Nov2024.csv"),  # its column tells the period
        ],
    )
    def test_otherwise_is_unchanged(self, plan: Callable[..., Plan], advance: Record, old: str, new: str) -> None:
        advance(version(old, file_id="one id"), Status.LOADED, **certified("2024-10"))
        assert plan(version(new, file_id="one id")) == Plan((), 1, (), ())


def test_families_limit_the_run(plan: Callable[..., Plan], table: CheckpointTable) -> None:
    made = plan(
        version("NH_Penalties_Feb2025.csv", "m1"), version("notes.csv", "m2"), version(OCTOBER, "m3"), families=["nh_penalties"]
    )
    assert names(made) == ["NH_Penalties_Feb2025.csv"]
    assert [found.filename for found in table.all()] == ["NH_Penalties_Feb2025.csv"]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ["PBJ_dailynursestaffing_CY2023Q4.csv", "NH_Penalties_Feb2025.csv", "2qky-49qq.csv", "notes.csv"]),
        ("2024-01-01", None, ["NH_Penalties_Feb2025.csv", "2qky-49qq.csv", "notes.csv"]),
        ("2023-12-31", "2025-01-31", ["PBJ_dailynursestaffing_CY2023Q4.csv", "2qky-49qq.csv", "notes.csv"]),
        (None, "2023-10-01", ["PBJ_dailynursestaffing_CY2023Q4.csv", "2qky-49qq.csv", "notes.csv"]),
        ("2025-03-01", "2025-04-01", ["2qky-49qq.csv", "notes.csv"]),
    ],
)
def test_days_limit_the_run_to_periods_that_touch_them(
    table: CheckpointTable, since: str | None, until: str | None, expected: list[str]
) -> None:
    selection = Selection((), *(date.fromisoformat(day) if day else None for day in (since, until)))
    folder = ("PBJ_dailynursestaffing_CY2023Q4.csv", "NH_Penalties_Feb2025.csv", "2qky-49qq.csv", "notes.csv")
    made = plan_files(Listing(tuple(version(name, name) for name in folder), ()), table, selection)
    assert names(made) == expected


class TestSameContentUnderTwoNames:
    @pytest.mark.parametrize("copy", ["NH_Penalties_Feb2025 (1).csv", "Copy of NH_Penalties_Feb2025.csv", "NH_Penalties.csv"])
    def test_copy_is_loaded_once_under_the_plainer_name(self, plan: Callable[..., Plan], copy: str) -> None:
        files = version(copy), version("NH_Penalties_Feb2025.csv")
        made = plan(*files)
        (work,) = made.work
        assert (work.name, made.unchanged, made.quarantined) == (min(copy, "NH_Penalties_Feb2025.csv", key=len), 1, ())

    def test_copy_of_what_is_loaded_is_unchanged_whatever_its_name(self, plan: Callable[..., Plan], advance: Record) -> None:
        loaded, copy = version("NH_Penalties_Feb2025 (1).csv"), version("NH_Penalties_Feb2025.csv")
        advance(loaded, Status.LOADED)
        assert plan(loaded, copy) == Plan((), 2, (), ())

    def test_content_under_the_name_of_another_table_is_refused_in_every_run_until_it_is_gone(
        self, plan: Callable[..., Plan]
    ) -> None:
        files = version("NH_Penalties_Feb2025.csv"), version("NH_Ownership_Feb2025.csv")
        for _ in range(3):
            (refused,) = plan(*files).quarantined
            assert refused.code == "duplicate_content"
            assert "same bytes as 'NH_" in refused.reason
        assert plan(files[0]).quarantined == ()

    def test_two_files_of_the_same_name_and_content_are_loaded_once(self, plan: Callable[..., Plan]) -> None:
        made = plan(version("NH_Penalties_Feb2025.csv", file_id="1"), version("NH_Penalties_Feb2025.csv", file_id="2"))
        assert ([file.file_id for file in made.work], made.unchanged, made.quarantined) == (["1"], 1, ())

    def test_copy_is_loaded_once_the_original_has_left_the_folder(
        self, plan: Callable[..., Plan], table: CheckpointTable
    ) -> None:
        original, copy = version("NH_Penalties_Feb2025.csv"), version("NH_Penalties_Feb2025 (1).csv")
        plan(original, copy)
        made = plan(copy)
        assert (names(made), made.quarantined) == ([copy.name], ())
        assert table.get(copy.file_id, "m1").status is Status.DISCOVERED

    def test_rerelease_without_a_change_is_fine(self, plan: Callable[..., Plan], table: CheckpointTable) -> None:
        made = plan(version(OCTOBER), version(NOVEMBER))
        assert (len(made.work), made.unchanged, made.quarantined) == (1, 1, ())
        (repeat,) = [found for found in table.all() if found.status is Status.LOADED]
        assert repeat.duplicate_of == made.work[0].name

    def test_rerelease_is_settled_once(self, plan: Callable[..., Plan], advance: Record, table: CheckpointTable) -> None:
        files = version(OCTOBER), version(NOVEMBER)
        (work,) = plan(*files).work
        advance(work, Status.LOADED)
        settled = {found.filename: found.timestamp for found in table.all()}
        assert plan(*files) == Plan((), 2, (), ())
        assert {found.filename: found.timestamp for found in table.all()} == settled

    def test_rerelease_is_loaded_once_the_original_has_left_the_folder(
        self, plan: Callable[..., Plan], table: CheckpointTable
    ) -> None:
        """Perhaps that one was refused and its rows were never loaded: nobody else stands for this content now."""
        files = version(OCTOBER), version(NOVEMBER)
        (original,) = plan(*files).work
        (repeat,) = [file for file in files if file != original]
        assert names(plan(repeat)) == [repeat.name]
        again = table.get(repeat.file_id, "m1")
        assert (again.status, again.duplicate_of) == (Status.DISCOVERED, "")

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("NH_Penalties_Feb2025.csv", "NH_Penalties_Mar2025.csv"),  # its processing date would have changed
            (OCTOBER, "NH_Penalties_Oct2024.csv"),
            (OCTOBER, "notes.csv"),
        ],
    )
    def test_what_is_no_rerelease_is_doubled(self, plan: Callable[..., Plan], first: str, second: str) -> None:
        made = plan(version(first), version(second))
        assert (len(made.work), [item.code for item in made.quarantined]) == (1, ["duplicate_content"])


def test_ignored_entries_are_passed_on_and_the_plan_fits_through_xcom(table: CheckpointTable) -> None:
    made = plan_files(Listing((version("a.csv"),), (IgnoredEntry("x.xlsx", "not a .csv file"),)), table)
    assert Plan.from_dict(json.loads(json.dumps(made.as_dict()))) == made
    assert made.as_dict() == {
        "work": [
            {
                "file_id": "id of a.csv",
                "file_md5": "m1",
                "name": "a.csv",
                "size": 10,
                "modified_at": "2024-10-01T00:00:00.000Z",
                "family": "",
                "period": "",
                "archive_md5": "",
            }
        ],
        "unchanged": 0,
        "quarantined": [],
        "ignored": [{"name": "x.xlsx", "reason": "not a .csv file"}],
        "gone": [],
    }


def test_older_content_that_is_back_under_its_id_speaks_for_its_period_again(
    plan: Callable[..., Plan], advance: Record, table: CheckpointTable
) -> None:
    first = FileVersion.named("id", "a" * 32, "NH_Penalties_Oct2024.csv", 10, "2024-10-01T00:00:00Z")
    second = FileVersion.named("id", "b" * 32, "NH_Penalties_Oct2024.csv", 10, "2024-10-02T00:00:00Z")
    restored = replace(first, modified_at="2024-10-03T00:00:00Z")
    for version in (first, second):
        plan(version)
        advance(version, Status.LOADED)

    made = plan(restored)

    assert made.work == (restored,)
    checkpoint = table.get("id", "a" * 32)
    assert (checkpoint.status, checkpoint.modified_at) == (Status.CERTIFIED, restored.modified_at)


def test_touching_a_file_without_changing_it_changes_nothing(plan: Callable[..., Plan], advance: Record) -> None:
    file = FileVersion.named("id", "a" * 32, "NH_Penalties_Oct2024.csv", 10, "2024-10-01T00:00:00Z")
    plan(file)
    advance(file, Status.LOADED)

    assert plan(replace(file, modified_at="2025-01-01T00:00:00Z")).unchanged == 1
