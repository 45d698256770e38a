"""From a run's tasks, files and families to what needs a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.alerts.causes import AlertKind, alerts_of
from include.alerts.open_causes import OpenCauses
from include.alerts.run_causes import RunFacts, file_causes, layout_causes, stale_causes, task_causes
from include.alerts.run_report import RunReport
from include.contracts.contract import load_contracts
from include.contracts.drift import LayoutNotice, NoticeKind
from include.ingest.checkpoints import Checkpoint, Status
from include.ingest.drive import IgnoredEntry
from include.ingest.file_version import FileVersion
from include.ingest.planning import Plan, Refused
from include.warehouse.bronze_copy import LoadedFile
from tests.checkpoints import checkpoint_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RUN_URL = "http://airflow/dags/d/runs/r"


class TaskInstance:
    """As much of Airflow's as the report uses."""

    log_url = f"{RUN_URL}/tasks/report"

    def __init__(self, xcoms: dict[tuple[str, int | None, str], Any]) -> None:
        self.xcoms = xcoms

    def xcom_pull(self, task_ids: str, key: str, map_indexes: int | None = None) -> Any:
        return self.xcoms.get((task_ids, map_indexes, key))


def run_of(
    states: dict[str, str], *names: str, xcoms: dict[tuple[str, int | None, str], Any] | None = None, is_newest: bool = True
) -> RunFacts:
    work = tuple(FileVersion.named(name, "md5", name, 1, "2026-03-01T00:00:00Z") for name in names)
    return RunFacts(TaskInstance(xcoms or {}), states, (Plan(work=work),), (), is_newest)


def report_of(**parts: Any) -> RunReport:
    nothing: dict[str, Any] = {"loaded": (), "quarantined": (), "unfinished": (), "ignored": (IgnoredEntry("x", "a folder"),)}
    return RunReport(**{"run_id": "run-1", "landed": 0, "unchanged": 0, "published_rows": {}, **nothing, **parts})


def loaded(name: str, rejected: int = 0, **parts: Any) -> LoadedFile:
    return LoadedFile(name, "id", "md5", "nh_penalties", "2025-02", 10, 10 - rejected, rejected, **parts)


class TestTasks:
    def test_red_dbt_task_is_told_with_what_failed_in_it(self) -> None:
        xcoms: dict[tuple[str, int | None, str], Any] = {
            ("data_tests", None, "dbt_failures"): "families_are_fresh: Got 2 results",
            ("data_tests", None, "dbt_failed_tests"): ["families_are_fresh"],
            ("data_tests", None, "dbt_failing_rows"): ["families_are_fresh: family=nh_penalties, age_days=90"],
        }
        (cause,) = task_causes(run_of({"data_tests": "failed", "publish": "upstream_failed"}, xcoms=xcoms))
        assert (cause.kind, cause.name, cause.reason) == (
            AlertKind.FAILED_DATA_TEST,
            "data_tests",
            "families_are_fresh: Got 2 results",
        )
        assert cause.log_url == f"{RUN_URL}/tasks/data_tests"
        assert cause.details == ("families_are_fresh: family=nh_penalties, age_days=90",)

    def test_task_that_left_no_word_was_killed(self) -> None:
        (cause,) = task_causes(run_of({"plan": "failed", "report": "failed"}))
        assert cause.reason.startswith("It could not say why: its process was killed or lost.")

    def test_file_is_told_by_the_file_and_not_by_its_task(self) -> None:
        assert task_causes(run_of({"land_0": "failed", "certify_1": "failed"})) == []


class TestFiles:
    def test_each_file_is_told_with_what_its_own_task_said(self) -> None:
        said = {"reason": "aws_default: no", "code": "ConnectionFailedError", "facts": ["aws_default"]}
        facts = run_of({"land_0": "success", "land_1": "failed"}, "a.csv", "late.csv", xcoms={("land", 1, "failure"): said})
        report = report_of(
            quarantined=(Refused("a.csv", "empty_file", "is empty"),),
            unfinished=(Refused("late.csv", "", "it stopped as DISCOVERED"), Refused("lost.csv", "", "it stopped")),
            loaded=(loaded("b.csv", 1, first_rejects=("line 3: has 4 cells, the header has 5",)), loaded("c.csv")),
        )
        causes = file_causes(facts, report)
        assert [(cause.kind, cause.name, cause.reason, cause.section) for cause in causes] == [
            (AlertKind.QUARANTINED_FILE, "a.csv", "is empty", "empty_file"),
            (AlertKind.FAILED_FILE, "late.csv", "aws_default: no", "ConnectionFailedError"),
            (AlertKind.FAILED_FILE, "lost.csv", "it stopped", "failed_file"),
            (
                AlertKind.REJECTED_RECORDS,
                "b.csv",
                "1 of 10 records of b.csv were rejected, see bronze.rejected_rows",
                "rejected_records",
            ),
        ]
        assert causes[1].log_url == f"{RUN_URL}/tasks/land/mapped/1"
        assert causes[3].details == ("b.csv, line 3: has 4 cells, the header has 5",)

    def test_older_run_that_was_cleared_takes_nothing_back(self) -> None:
        states = {"dbt.gold": "success"}
        assert run_of(states, "a.csv").has_looked_at("task:dbt.gold")
        assert run_of(states, "a.csv").has_looked_at("file:a.csv")
        old = run_of(states, "a.csv", is_newest=False)
        assert not any(map(old.has_looked_at, ("task:dbt.gold", "file:a.csv", "family:nh_penalties", "run:x")))


def test_layout_change_is_told_once_though_next_month_brings_another_file() -> None:
    notices = (LayoutNotice("Mood", NoticeKind.NEW),)
    first, second = (
        layout_causes(run_of({}), report_of(loaded=(loaded(f"NH_Penalties_{month}2025.csv", notices=notices),)))
        for month in ("Feb", "Mar")
    )
    assert (first[0].kind, first[0].name) == (AlertKind.LAYOUT_CHANGE, "nh_penalties, Mood")
    assert first[0].reason.endswith("first in NH_Penalties_Feb2025.csv")
    assert OpenCauses({}).opened(first, "run-1").untold(second) == []


class TestStaleSources:
    @staticmethod
    def landed(family: str, days_ago: Iterable[float]) -> list[Checkpoint]:
        times = [(NOW - timedelta(days=days)).isoformat() for days in days_ago]
        return [checkpoint_of("name", Status.LOADED, md5=time, family=family, landed_at=time) for time in times]

    @pytest.mark.parametrize(("family", "window"), [("nh_penalties", 45), ("pbj_daily_nurse_staffing", 120)])
    def test_family_is_stale_when_its_newest_file_is_older_than_its_window(self, family: str, window: int) -> None:
        assert stale_causes(run_of({}), self.landed(family, [window - 0.1, 900]), NOW) == []
        (cause,) = stale_causes(run_of({}), self.landed(family, [window + 0.1, 900]), NOW)
        assert (cause.kind, cause.subject) == (AlertKind.STALE_SOURCE, f"family:{family}")
        assert f"one is expected every {window} days" in cause.reason

    def test_release_that_did_not_come_is_one_alert_for_all_its_families(self) -> None:
        families = ("nh_penalties", "nh_ownership", "nh_survey_dates")
        late = [item for family in families for item in self.landed(family, [50])]
        (alert,) = alerts_of(stale_causes(run_of({}), late, NOW))
        assert alert.names == tuple(sorted(families))

    def test_file_that_was_refused_is_no_news_of_its_family(self) -> None:
        refused = checkpoint_of("NH_Penalties_Feb2025.csv", Status.QUARANTINED, landed_at=NOW.isoformat())
        assert len(stale_causes(run_of({}), [refused, *self.landed("nh_penalties", [50])], NOW)) == 1

    def test_family_that_never_came_is_not_expected(self) -> None:
        assert stale_causes(run_of({}), [], NOW) == []

    def test_every_family_has_a_window_longer_than_a_month(self) -> None:
        assert min(contract.expected_every_days for contract in load_contracts()) > 31
