"""Causes of one code with the same facts are one alert, whichever files and tasks they have hit."""

from __future__ import annotations

from include.alerts.causes import AlertKind, Cause, Severity, alerts_of
from include.alerts.failures import Failure
from include.ingest.errors import EmptyFileError, HeaderOnlyError
from include.orchestration.errors import ConnectionFailedError


def refused(kind: AlertKind, subject: str, words: str = "InvalidAccessKeyId") -> Cause:
    failure = Failure.of(ConnectionFailedError("aws_default", "the access key is wrong", words))
    return Cause(kind, subject, failure.reason, failure.code, failure.facts)


def test_one_cause_that_hits_many_files_and_tasks_is_one_alert() -> None:
    files = [refused(AlertKind.FAILED_FILE, f"file:{number}.csv", f"request {number}") for number in range(30)]
    (alert,) = alerts_of([*files, refused(AlertKind.FAILED_TASK, "task:copy_to_bronze")])
    assert alert.kind is AlertKind.FAILED_FILE
    assert alert.names == (*(f"{number}.csv" for number in range(30)), "copy_to_bronze")


def test_different_errors_are_different_alerts_and_the_gravest_comes_first() -> None:
    errors = {"a.csv": EmptyFileError("a.csv"), "b.csv": EmptyFileError("b.csv"), "c.csv": HeaderOnlyError("c.csv")}
    files = [Cause(AlertKind.QUARANTINED_FILE, f"file:{name}", str(error), error.code) for name, error in errors.items()]
    alerts = alerts_of([*files, refused(AlertKind.FAILED_TASK, "task:plan")])
    assert [(alert.section, alert.names) for alert in alerts] == [
        ("ConnectionFailedError", ("plan",)),
        ("empty_file", ("a.csv", "b.csv")),
        ("header_only", ("c.csv",)),
    ]


def test_failures_of_two_connections_are_two_alerts() -> None:
    google = Failure.of(ConnectionFailedError("google_drive", "there is no key", "DefaultCredentialsError"))
    other = Cause(AlertKind.FAILED_TASK, "task:plan", google.reason, google.code, google.facts)
    assert len(alerts_of([refused(AlertKind.FAILED_TASK, "task:land"), other])) == 2


def test_only_what_keeps_the_dashboard_from_its_data_calls_somebody_at_night() -> None:
    pages = {kind for kind in AlertKind if kind.severity is Severity.PAGE}
    assert pages == {
        AlertKind.FAILED_TASK,
        AlertKind.FAILED_DATA_TEST,
        AlertKind.TIMED_OUT_RUN,
        AlertKind.UNREPORTED_RUN,
    }
    assert [kind for kind in AlertKind if kind.severity is Severity.INFORMATION] == [AlertKind.LAYOUT_CHANGE]
