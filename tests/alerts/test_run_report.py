"""The report of a run: every file accounted for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from include.alerts.run_report import RunReport, make_report
from include.contracts.errors import MissingColumnsError
from include.ingest.checkpoints import CheckpointTable, Status
from include.ingest.drive import IgnoredEntry
from include.ingest.errors import EmptyFileError, FileChangedWhileReadError
from include.ingest.file_version import FileVersion
from include.ingest.pipeline import Services
from include.ingest.planning import Plan, Refused
from include.warehouse.bronze_copy import LoadedFile

LOADED = asdict(
    LoadedFile("NH_Penalties_Feb2025.csv", "id", "md5", family="nh_penalties", period="2025-02",
               rows_in_file=10, rows_certified=10, rows_rejected=0)
)  # fmt: skip


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
        )

    return make


def test_loaded_file_is_counted_and_named(report: Callable[..., RunReport], table: CheckpointTable) -> None:
    file = version(LOADED["file_name"])
    with table.claim(table.discover(file), "run-1") as lease:
        lease.advance(Status.LOADED, raw_key="k", landed_at="2024")
    made = report(file, loaded=[LOADED], plan={"unchanged": 3})
    assert (made.landed, made.unchanged, made.quarantined, made.unfinished) == (1, 3, (), ())
    assert list(made.lines()) == ["loaded NH_Penalties_Feb2025.csv: 10 rows into bronze.nh_penalties"]


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
    assert [(item.name, item.code, item.reason) for item in made.quarantined] == [
        ("known.csv", "unknown_family", "matches no family"),
        ("empty.csv", "empty_file", str(EmptyFileError("empty.csv"))),
    ]
    assert [(item.name, item.code, item.reason) for item in made.unfinished] == [
        ("changed.csv", "changed_while_read", str(error)),
        ("stopped.csv", "", "it stopped as LANDED; its task in the grid says why. Clear that task to try again"),
    ]


def test_two_files_with_the_same_columns_missing_share_their_facts(
    report: Callable[..., RunReport], table: CheckpointTable
) -> None:
    files = [version("a.csv"), version("b.csv"), version("c.csv")]
    for file, missing in zip(files, (["Fine"], ["Fine"], ["Date"]), strict=True):
        with table.claim(table.discover(file), "run-1") as lease:
            lease.quarantine(MissingColumnsError("nh_penalties.yml", missing, [f"of {file.name}"], {}))
    a, b, c = report(*files).quarantined
    assert a.facts == b.facts != c.facts


def test_ignored_entries_are_named_with_their_reason(report: Callable[..., RunReport]) -> None:
    made = report(plan={"ignored": (IgnoredEntry("x.xlsx", "not a .csv file"),)})
    assert list(made.lines()) == ["ignored x.xlsx: not a .csv file"]


def test_report_fits_into_json(report: Callable[..., RunReport]) -> None:
    written = json.loads(json.dumps(report(loaded=[LOADED]).as_dict()))
    assert written["loaded"][0]["file_name"] == "NH_Penalties_Feb2025.csv"
    assert set(written) >= {"run_id", "landed", "unchanged", "loaded", "quarantined", "unfinished", "ignored", "published_rows"}


def test_layout_changes_are_told_per_column_with_the_first_file(
    report: Callable[..., RunReport],
) -> None:
    new, gone = {"column_name": "Mood", "kind": "new"}, {"column_name": "Fine Amount", "kind": "withdrawn"}
    later = LOADED | {"file_name": "NH_Penalties_Mar2025.csv", "period": "2025-03", "notices": [new]}
    made = report(loaded=[later, LOADED | {"notices": [new, gone]}])
    assert list(made.lines())[-2:] == [
        "layout of nh_penalties: new column 'Mood', its cells are kept in bronze (_unmapped), "
        "first in NH_Penalties_Feb2025.csv and 1 more",
        "layout of nh_penalties: column 'Fine Amount' is missing, first in NH_Penalties_Feb2025.csv",
    ]
    assert made.as_dict()["layout_changes"] == [str(change) for change in made.layout_changes]
