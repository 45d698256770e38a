"""The terminal summary names every problem and decides the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from local.run.headline_kpis import read_headlines
from local.run.stages import StageState
from local.run.summary import print_summary

CLEAN: dict[str, Any] = {
    "landed": 1,
    "unchanged": 2,
    "quarantined": [],
    "ignored": [],
    "gone": [],
    "layout_changes": [],
    "loaded": [],
    "needs_a_person": [],
    "still_open": [],
}


def _summary(report: dict[str, Any], home: Path, stages: tuple[StageState, ...] = ()) -> tuple[int, str]:
    console = Console(record=True, width=200)
    code = print_summary(console, report, stages, home, home / "run.log")
    return code, console.export_text()


def test_clean_run_is_green(tmp_path: Path) -> None:
    code, text = _summary(CLEAN, tmp_path)

    assert code == 0
    assert "GREEN" in text
    assert "1 landed, 2 unchanged, 0 quarantined" in text


def test_what_needs_a_person_is_named_and_ends_red(tmp_path: Path) -> None:
    wrong = "quarantined file x.csv (empty_file): 'x.csv' is empty."
    code, text = _summary({**CLEAN, "quarantined": [{"name": "x.csv"}], "needs_a_person": [wrong]}, tmp_path)

    assert code == 1
    assert "RED" in text
    assert "1 quarantined" in text
    assert f"✗ {wrong}" in text


def test_what_is_open_since_an_earlier_run_is_named_and_ends_green(tmp_path: Path) -> None:
    code, text = _summary({**CLEAN, "still_open": ["quarantined file x.csv"], "gone": ["y.csv"]}, tmp_path)

    assert code == 0
    assert "! still open: quarantined file x.csv" in text
    assert "no longer in Drive: 'y.csv'" in text


def test_file_name_that_holds_markup_is_shown_as_it_stands(tmp_path: Path) -> None:
    name = "x[/red][link=https://evil.example]y[/link].csv"
    ignored = {"name": name, "reason": "no CSV file"}
    wrong = f"quarantined file {name!r}: it matches no CMS file family."
    code, text = _summary({**CLEAN, "ignored": [ignored], "needs_a_person": [wrong], "still_open": [wrong]}, tmp_path)

    assert code == 1
    assert text.count(repr(name)) == 3


def test_kpi_without_data_says_no_data_rather_than_zero(tmp_path: Path) -> None:
    assert read_headlines(tmp_path / "nothing published") == []


def test_headline_is_the_nations_latest_period(tmp_path: Path, monkeypatch: Any) -> None:
    from local.run import headline_kpis

    only = tuple(question for question in headline_kpis._QUESTIONS if question.table == "kpi_hprd_by_state_quarter")
    monkeypatch.setattr(headline_kpis, "_QUESTIONS", only)
    rows = "('US', '2024Q1', 3.5), ('US', '2024Q2', 3.7142), ('RI', '2024Q3', 9.9)"
    path = tmp_path / "kpi_hprd_by_state_quarter.parquet"
    duckdb.sql(f"copy (select * from (values {rows}) t(state, quarter, total_nurse_hprd)) to '{path}' (format parquet)")

    (headline,) = read_headlines(tmp_path)

    assert (headline.period, headline.value) == ("2024Q2", "3.714 h")
