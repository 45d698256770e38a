"""The report of a run: every file accounted for, and a reason to fail for everything that needs a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from include.alerts.run_report import RunReport, make_report
from include.ingest.checkpoints import CheckpointTable, Status
from include.ingest.drive import IgnoredEntry
from include.ingest.errors import EmptyFileError, FileChangedWhileReadError
from include.ingest.file_version import FileVersion
from include.ingest.pipeline import Services
from include.ingest.planning import Plan, Refused

LOADED = {
    "file_name": "NH_Penalties_Feb2025.csv",
    "family": "nh_penalties",
    "period": "2025-02",
    "rows_in_file": 10,
    "rows_certified": 10,
    "rows_rejected": 0,
}


def version(name: str) -> FileVersion:
    return FileVersion.named(f"id of {name}", "md5", name, 10, "2024-10-01T00:00:00.000Z")


@pytest.fixture
def table(no_drive: Services) -> CheckpointTable:
    return no_drive.checkpoints


@pytest.fixture
def report(table: CheckpointTable) -> Callable[..., RunReport]:
    def make(*work: FileVersion, **parts: Any) -> RunReport:
        return make_report(
            run_id="run-1",
            plans=[Plan(work=work, **parts.pop("plan", {}))],
            checkpoints=table,
            loaded=parts.pop("loaded", []),
            published={},
            red_tasks=parts.pop("red", []),
            dbt_failures=parts.pop("dbt_failures", {}),
        )

    return make


def test_clean_run_has_no_reason_to_fail(report: Callable[..., RunReport], table: CheckpointTable) -> None:
    file = version(LOADED["file_name"])  # type: ignore[arg-type]
    with table.claim(table.discover(file), "run-1") as lease:
        lease.advance(Status.LOADED, raw_key="k", landed_at="2024")
    made = report(file, loaded=[LOADED], plan={"unchanged": 3})
    assert (made.landed, made.unchanged, made.reasons_to_fail()) == (1, 3, [])
    assert made.lines() == ["loaded NH_Penalties_Feb2025.csv: 10 rows into bronze.nh_penalties"]


def test_every_bad_file_is_named_with_its_reason(report: Callable[..., RunReport], table: CheckpointTable) -> None:
    refused, changed, stopped = version("empty.csv"), version("changed.csv"), version("stopped.csv")
    with table.claim(table.discover(refused), "run-1") as lease:
        lease.quarantine(EmptyFileError("empty.csv"))
    error = FileChangedWhileReadError("changed.csv", "md5", "other")
    with table.claim(table.discover(changed), "run-1") as lease:
        lease.record(error_code=error.code, reason=str(error))
    with table.claim(table.discover(stopped), "run-1") as lease:
        lease.advance(Status.LANDED, raw_key="k", landed_at="2024")
    known = Refused("known.csv", "unknown_family", "matches no family")
    made = report(refused, changed, stopped, plan={"quarantined": (known,)})
    assert made.reasons_to_fail() == [
        "quarantined known.csv: matches no family",
        f"quarantined empty.csv: {EmptyFileError('empty.csv')}",
        f"not loaded changed.csv: {error}",
        "not loaded stopped.csv: it stopped as LANDED; see its task in the grid, clear it to try again",
    ]
    assert [item.code for item in made.unfinished] == ["changed_while_read", "unfinished"]


def test_rejected_records_end_the_run_red(report: Callable[..., RunReport]) -> None:
    made = report(loaded=[LOADED, {**LOADED, "file_name": "b.csv", "rows_in_file": 9, "rows_certified": 7, "rows_rejected": 2}])
    assert made.rows_rejected == 2
    assert made.reasons_to_fail() == ["b.csv: 2 of 9 records were rejected, see bronze.rejected_rows"]


def test_red_tasks_end_the_run_red_but_those_of_files_are_told_by_their_files(report: Callable[..., RunReport]) -> None:
    made = report(red=["land", "certify", "dbt.gold.facilities", "publish"])
    assert made.reasons_to_fail() == ["task dbt.gold.facilities did not succeed", "task publish did not succeed"]


def test_red_dbt_task_is_told_with_what_failed_in_it(report: Callable[..., RunReport]) -> None:
    made = report(red=["data_tests"], dbt_failures={"data_tests": "families_are_fresh: Got 2 results"})
    assert made.reasons_to_fail() == ["task data_tests did not succeed: families_are_fresh: Got 2 results"]


def test_ignored_entries_are_told_and_are_no_reason_to_fail(report: Callable[..., RunReport]) -> None:
    made = report(plan={"ignored": (IgnoredEntry("x.xlsx", "not a .csv file"),)})
    assert (made.lines(), made.reasons_to_fail()) == (["ignored x.xlsx: not a .csv file"], [])


def test_report_fits_into_json(report: Callable[..., RunReport]) -> None:
    written = json.loads(json.dumps(report(loaded=[LOADED]).as_dict()))
    assert written["loaded"][0]["name"] == "NH_Penalties_Feb2025.csv"
    assert set(written) >= {"run_id", "landed", "unchanged", "loaded", "quarantined", "unfinished", "ignored", "published_rows"}


def test_layout_changes_are_told_per_column_with_the_first_file_and_are_no_reason_to_fail(
    report: Callable[..., RunReport],
) -> None:
    new, gone = {"column_name": "Mood", "kind": "new"}, {"column_name": "Fine Amount", "kind": "withdrawn"}
    later = LOADED | {"file_name": "NH_Penalties_Mar2025.csv", "period": "2025-03", "notices": [new]}
    made = report(loaded=[later, LOADED | {"notices": [new, gone]}])
    assert made.reasons_to_fail() == []
    assert made.lines()[-2:] == [
        "layout of nh_penalties: new column 'Mood', its cells are kept in bronze (_unmapped), "
        "first in NH_Penalties_Feb2025.csv and 1 more",
        "layout of nh_penalties: column 'Fine Amount' is missing, first in NH_Penalties_Feb2025.csv",
    ]
    assert made.as_dict()["layout_changes"] == [str(change) for change in made.layout_changes]
