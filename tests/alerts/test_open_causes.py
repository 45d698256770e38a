"""A cause is told once, told again when it is another one, and taken back when it is over."""

from __future__ import annotations

from datetime import UTC, datetime

from include.alerts.causes import AlertKind, Cause
from include.alerts.open_causes import OpenCauses

FIRST, SECOND = "scheduled__2026-03-01", "scheduled__2026-03-02"


def empty(name: str, md5: str = "1") -> Cause:
    return Cause(AlertKind.QUARANTINED_FILE, f"file:{name}", f"{name!r} is empty.", "empty_file", version=md5)


def red_model(*tests: str, reason: str = "3 rows are doubled") -> Cause:
    return Cause(AlertKind.FAILED_DATA_TEST, "task:dbt.gold", reason, facts=("dbt.gold", *tests))


KNOWN = OpenCauses({}).opened([empty("a.csv"), red_model("unique")], FIRST)


def test_same_cause_is_not_told_again_whatever_its_numbers_are() -> None:
    assert KNOWN.untold([empty("a.csv"), red_model("unique", reason="417 rows are doubled")]) == []


def test_another_cause_another_file_and_a_new_upload_are_told() -> None:
    news = [red_model("not_null"), empty("b.csv"), empty("a.csv", md5="2")]
    assert KNOWN.untold([empty("a.csv"), *news]) == news


def test_what_this_very_run_told_first_is_still_its_news_when_its_report_is_cleared() -> None:
    assert KNOWN.news([empty("a.csv")], FIRST) == [empty("a.csv")]
    assert KNOWN.news([empty("a.csv")], SECOND) == []


def test_cause_stays_open_since_the_day_it_was_told_first() -> None:
    before = datetime.now(UTC).isoformat(timespec="seconds")
    old = OpenCauses({"file:a.csv": {**KNOWN.by_subject["file:a.csv"], "since": "2026-02-01T00:00:00+00:00"}})
    again = old.opened([empty("a.csv"), empty("b.csv")], SECOND).by_subject
    assert (again["file:a.csv"]["since"], again["file:a.csv"]["run_id"]) == ("2026-02-01T00:00:00+00:00", FIRST)
    assert again["file:b.csv"]["since"] >= before


def test_what_is_no_cause_any_more_is_over_and_a_changed_one_is_not() -> None:
    assert set(KNOWN.over([empty("a.csv")], lambda _: True).by_subject) == {"task:dbt.gold"}
    assert KNOWN.over([empty("a.csv"), red_model("not_null")], lambda _: True).by_subject == {}


def test_what_the_run_has_not_looked_at_stays_open() -> None:
    assert set(KNOWN.over([], lambda subject: subject.startswith("file:")).by_subject) == {"file:a.csv"}


def test_files_of_one_cause_are_over_in_one_alert_since_the_earliest() -> None:
    known = OpenCauses({}).opened([empty("a.csv"), red_model("unique"), empty("b.csv")], FIRST)
    files, model = sorted(known.alerts(), key=lambda alert: alert.section)
    assert (files.names, files.section) == (("a.csv", "b.csv"), "empty_file")
    assert (model.names, model.kind) == (("dbt.gold",), AlertKind.FAILED_DATA_TEST)
    assert files.since


def test_rejected_records_are_told_once_and_never_stay_open() -> None:
    rejected = Cause(AlertKind.REJECTED_RECORDS, "file:a.csv", "1 of 2 records")
    assert OpenCauses({}).opened([rejected], FIRST).by_subject == {}
