"""One cause is one alert, told once, told again when it changes, and taken back when it is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from include.alerts.causes import (
    AlertKind,
    Cause,
    OpenCauses,
    alert_of,
    causes_in_files,
    causes_in_layouts,
    group,
    opened,
    recovered,
    recovery_of,
    stale_sources,
    untold,
)
from include.alerts.run_report import LoadedFile, RunReport
from include.contracts.contract import load_contracts
from include.contracts.drift import LayoutNotice, NoticeKind
from include.ingest.checkpoints import Checkpoint, Status
from include.ingest.drive import IgnoredEntry
from include.ingest.errors import EmptyFileError, HeaderOnlyError
from include.ingest.planning import Refused
from tests.checkpoints import checkpoint_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REFUSED = "aws_default: the access key is wrong."


def empty(name: str) -> Cause:
    return Cause(AlertKind.QUARANTINED_FILE, f"file:{name}", str(EmptyFileError(name)), "empty_file")


def task(name: str, reason: str, kind: AlertKind = AlertKind.FAILED_TASK) -> Cause:
    return Cause(kind, f"task:{name}", reason)


class TestGrouping:
    def test_one_cause_that_hits_many_files_and_tasks_is_one_alert(self) -> None:
        files = [Cause(AlertKind.FAILED_FILE, f"file:{number}.csv", REFUSED) for number in range(30)]
        (together,) = group([*files, task("copy_to_bronze", REFUSED)])
        alert = alert_of(together)
        assert alert.kind is AlertKind.FAILED_FILE
        assert alert.names == (*(f"{number}.csv" for number in range(30)), "copy_to_bronze")

    def test_files_refused_for_the_same_reason_are_one_alert(self) -> None:
        (together,) = group([empty("a.csv"), empty("b 2024.csv")])
        assert alert_of(together).names == ("a.csv", "b 2024.csv")

    def test_different_causes_are_different_alerts(self) -> None:
        other = Cause(AlertKind.QUARANTINED_FILE, "file:c.csv", str(HeaderOnlyError("c.csv")), "header_only")
        alerts = [alert_of(causes) for causes in group([empty("a.csv"), other, task("plan", REFUSED)])]
        assert [alert.section for alert in alerts] == ["empty_file", "header_only", "failed_task"]


class TestMemory:
    KNOWN: OpenCauses = opened([empty("a.csv"), task("dbt.gold", "3 rows are doubled")], NOW)

    def test_same_cause_is_not_told_again(self) -> None:
        assert untold([empty("a.csv"), task("dbt.gold", "417 rows are doubled")], self.KNOWN) == []

    def test_another_reason_and_another_file_are_told(self) -> None:
        news = [task("dbt.gold", "no such column"), empty("b.csv")]
        assert untold([empty("a.csv"), *news], self.KNOWN) == news

    def test_what_is_no_cause_any_more_has_recovered(self) -> None:
        assert recovered([empty("a.csv")], self.KNOWN, lambda _: True) == ["task:dbt.gold"]

    def test_what_the_run_has_not_looked_at_stays_open(self) -> None:
        assert recovered([], self.KNOWN, lambda subject: subject.startswith("file:")) == ["file:a.csv"]

    def test_changed_reason_is_no_recovery(self) -> None:
        assert recovered([empty("a.csv"), task("dbt.gold", "no such column")], self.KNOWN, lambda _: True) == []

    def test_files_of_one_cause_recover_in_one_alert(self) -> None:
        known = opened([empty("a.csv"), empty("b.csv"), task("plan", REFUSED)], NOW)
        files, plan = recovery_of(known, known)
        assert (files.names, files.is_recovery, files.since) == (("a.csv", "b.csv"), True, "2026-03-01T00:00:00+00:00")
        assert plan.names == ("plan",)

    def test_rejected_records_are_told_once_and_never_recover(self) -> None:
        assert opened([Cause(AlertKind.REJECTED_RECORDS, "file:a.csv", "1 of 2 records")], NOW) == {}


def report(**parts: object) -> RunReport:
    nothing = {"loaded": (), "quarantined": (), "unfinished": (), "ignored": (IgnoredEntry("x", "a folder"),)}
    counted = {"run_id": "run-1", "landed": 0, "unchanged": 0, "published_rows": {}, "red_tasks": (), "dbt_failures": {}}
    return RunReport(**{**counted, **nothing, **parts})  # type: ignore[arg-type]


def test_files_of_a_report_are_causes_with_what_their_own_task_said() -> None:
    failures = {"late.csv": {"reason": REFUSED, "section": "ConnectionFailedError", "log_url": "/land/3"}}
    made = report(
        quarantined=(Refused("a.csv", "empty_file", "is empty"),),
        unfinished=(
            Refused("late.csv", "unfinished", "it stopped as DISCOVERED"),
            Refused("lost.csv", "unfinished", "it stopped"),
        ),
        loaded=(
            LoadedFile("b.csv", "nh_penalties", "2025-02", 10, 9, 1),
            LoadedFile("c.csv", "nh_penalties", "2025-03", 10, 10, 0),
        ),
    )
    assert [
        (cause.kind, cause.name, cause.reason, cause.section, cause.log_url) for cause in causes_in_files(made, failures, "/r")
    ] == [
        (AlertKind.QUARANTINED_FILE, "a.csv", "is empty", "empty_file", "/r"),
        (AlertKind.FAILED_FILE, "late.csv", REFUSED, "ConnectionFailedError", "/land/3"),
        (AlertKind.FAILED_FILE, "lost.csv", "it stopped", "", "/r"),
        (AlertKind.REJECTED_RECORDS, "b.csv", "1 of 10 records of b.csv were rejected, see bronze.rejected_rows", "", "/r"),
    ]


class TestStaleSources:
    @staticmethod
    def landed(family: str, days_ago: Iterable[float]) -> list[Checkpoint]:
        times = [(NOW - timedelta(days=days)).isoformat() for days in days_ago]
        return [checkpoint_of("name", Status.LOADED, md5=time, family=family, landed_at=time) for time in times]

    @pytest.mark.parametrize(("family", "window"), [("nh_penalties", 45), ("pbj_daily_nurse_staffing", 120)])
    def test_family_is_stale_when_its_newest_file_is_older_than_its_window(self, family: str, window: int) -> None:
        assert stale_sources(self.landed(family, [window - 0.1, 900]), NOW, "/log") == []
        (cause,) = stale_sources(self.landed(family, [window + 0.1, 900]), NOW, "/log")
        assert (cause.kind, cause.subject, cause.log_url) == (AlertKind.STALE_SOURCE, f"family:{family}", "/log")
        assert f"one is expected every {window} days (include/contracts/families/{family}.yml)" in cause.reason

    def test_release_that_did_not_come_is_one_alert_for_all_its_families(self) -> None:
        families = ("nh_penalties", "nh_ownership", "nh_survey_dates")
        late = [item for family in families for item in self.landed(family, [50])]
        (together,) = group(stale_sources(late, NOW, ""))
        assert alert_of(together).names == tuple(sorted(families))

    def test_file_that_was_refused_is_no_news_of_its_family(self) -> None:
        refused = checkpoint_of("NH_Penalties_Feb2025.csv", Status.QUARANTINED, landed_at=NOW.isoformat())
        assert len(stale_sources([refused, *self.landed("nh_penalties", [50])], NOW, "")) == 1

    def test_family_that_never_came_is_not_expected(self) -> None:
        assert stale_sources([], NOW, "") == []

    def test_every_family_has_a_window_longer_than_a_month(self) -> None:
        assert min(contract.expected_every_days for contract in load_contracts()) > 31


def test_layout_change_is_told_once_though_next_month_brings_another_file() -> None:
    def causes(month: str) -> list[Cause]:
        notices = (LayoutNotice("Mood", NoticeKind.NEW),)
        file = LoadedFile(f"NH_Penalties_{month}2025.csv", "nh_penalties", "2025-02", 10, 10, 0, notices)
        return causes_in_layouts(report(loaded=(file,)), "/r")

    (first,) = causes("Feb")
    assert (first.kind, first.name) == (AlertKind.LAYOUT_CHANGE, "nh_penalties, Mood")
    assert first.reason.endswith("first in NH_Penalties_Feb2025.csv")
    assert untold(causes("Mar"), opened([first], NOW)) == []
