"""How the message of a run reads, held against the texts kept beside this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.alerts.causes import Alert, AlertKind, Severity
from include.alerts.messages import Message, items_of, severity_of

KEPT = Path(__file__).parent / "messages"
RUNBOOK, LOG = "https://wiki.example.org/runbook.md", "http://airflow/dags/d/runs/r/tasks/report"
BAD_FILE = Alert(
    AlertKind.QUARANTINED_FILE,
    ("NH_Penalties_Feb2026.csv",),
    "'NH_Penalties_Feb2026.csv' is empty. Download it from CMS again.",
    "empty_file",
    LOG,
)
RED_TEST = Alert(
    AlertKind.FAILED_DATA_TEST,
    ("dbt.gold.kpi_hprd_by_state_quarter",),
    "kpi_hprd_by_state_quarter_is_unique: Got 2 results, configured to fail if != 0",
    "failed_data_test",
    LOG,
    details=("state RI, quarter 2024Q2: 2 rows",),
)
REJECTS = Alert(
    AlertKind.REJECTED_RECORDS,
    ("NH_Ownership_Feb2026.csv",),
    "1 of 150 records of NH_Ownership_Feb2026.csv were rejected, see bronze.rejected_rows",
    "rejected_records",
    LOG,
    details=("NH_Ownership_Feb2026.csv, line 12: has 9 cells, the header has 13",),
)
OLD = Alert(
    AlertKind.QUARANTINED_FILE,
    ("x.csv",),
    "'x.csv' matches no CMS file family.",
    "unknown_family",
    since="2026-11-02T03:00:00+00:00",
)


def message(*alerts: Alert, impact: str = "", recovered: tuple[Alert, ...] = (), still_open: tuple[Alert, ...] = ()) -> Message:
    return Message(
        severity_of(alerts),
        "production",
        "healthcare_pipeline",
        impact,
        items_of(alerts, RUNBOOK),
        items_of(recovered, RUNBOOK, section="recovered"),
        items_of(still_open, RUNBOOK),
    )


MESSAGES = {
    "red_test": message(
        RED_TEST, impact="Nothing is published by this run; the dashboard shows what was published at 2026-11-26T15:10:00+00:00."
    ),
    "bad_file": message(BAD_FILE, REJECTS, impact="20 new files are loaded and published; 1 is not.", still_open=(OLD,)),
    "recovered": message(impact="1 new file is loaded and published.", recovered=(OLD,)),
}


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("form", ["txt", "html"])
def test_message_reads_as_it_was_kept(name: str, form: str) -> None:
    written = f"{MESSAGES[name].subject}\n\n{MESSAGES[name].text}" if form == "txt" else MESSAGES[name].html
    assert written == (KEPT / f"{name}.{form}").read_text(encoding="utf-8")


def test_first_two_lines_say_what_it_means_and_whether_to_get_up() -> None:
    assert MESSAGES["red_test"].text.splitlines()[:2] == [
        "Nothing is published by this run; the dashboard shows what was published at 2026-11-26T15:10:00+00:00.",
        "Please act now.",
    ]
    assert MESSAGES["bad_file"].text.splitlines()[1] == "Please act within the next working day; nobody has to get up."
    assert MESSAGES["recovered"].text.splitlines()[1] == "Nobody has to act."


def test_subject_has_environment_severity_dag_and_what() -> None:
    assert MESSAGES["bad_file"].subject == (
        "[production] TICKET healthcare_pipeline: A file is quarantined: NH_Penalties_Feb2026.c (and 1 more)"
    )
    assert MESSAGES["recovered"].subject == "[production] INFO healthcare_pipeline: Recovered: A file is quarantined: x.csv"


def test_message_is_as_grave_as_the_gravest_of_its_causes() -> None:
    assert message(BAD_FILE, RED_TEST).severity is Severity.PAGE


def test_alert_of_many_files_names_the_first_ones() -> None:
    names = tuple(f"file {number}.csv" for number in range(40))
    many = message(Alert(AlertKind.FAILED_FILE, names, "Drive is away.", "DriveAccessError"))
    assert many.subject.startswith("[production] TICKET healthcare_pipeline: 40 files could not be loaded: file 0.csv")
    assert len(many.subject) < 100
    assert "file 19.csv, and 20 more" in many.text
    assert f"{RUNBOOK}#driveaccesserror" in many.text


def test_slack_gets_blocks_within_its_limits() -> None:
    blocks = message(*[RED_TEST] * 60, impact="x").slack_blocks
    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks)
