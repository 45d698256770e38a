from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import gold
import pytest
from kpi_catalogue import GOLD_TABLES, HEADLINES, PROXY_SENTENCE
from streamlit.testing.v1 import AppTest
from units import show_short

from tests.dashboard.conftest import DASHBOARD, PAGES
from tests.dashboard.national_gold import SMALL, publish

APP = str(DASHBOARD / "streamlit_app.py")
SAD = "could not be drawn"


def open_page(page: str, **parameters: str) -> AppTest:
    """The page as a visitor with this link sees it."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page(f"app_pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [problem.value for problem in app.exception]
    assert not app.error, [problem.value for problem in app.error]
    return app


def words_of(app: AppTest) -> str:
    """Everything that stands on the page."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def one(folder: Path, sql: str) -> object:
    """One figure of gold, asked without the dashboard."""
    return duckdb.connect().execute(sql.replace("@", f"{folder}/")).fetchall()[0][0]


@pytest.mark.parametrize("page", PAGES)
def test_page_with_everything(full: Path, page: str) -> None:
    app = open_page(page)
    assert len(app.title) == 1
    assert "Published: 1 Nov 2024, 06:30 UTC" in words_of(app)
    assert "Pipeline run: manual__national" in words_of(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", ["empty", "one_period", "one_facility"])
def test_page_with_little(homes: dict[str, Path], gold_at: Callable[[Path], None], kind: str, page: str) -> None:
    gold_at(homes[kind])
    app = open_page(page)
    if kind == "empty" and page not in ("methodology",):
        assert len(app.info) >= 1


@pytest.mark.parametrize("page", PAGES)
def test_page_with_filters(full: Path, page: str) -> None:
    open_page(page, state="AL", county="Adams", ownership="For profit", **{"from": "2024-04-01"})


@pytest.mark.parametrize("page", PAGES)
def test_page_without_any_table(tmp_path: Path, gold_at: Callable[[Path], None], page: str) -> None:
    current = publish(tmp_path, replace(SMALL, facilities=1))
    for path in current.glob("*.parquet"):
        path.unlink()
    gold_at(current)
    app = open_page(page)
    assert app.info or page == "methodology"


@pytest.mark.parametrize("table", GOLD_TABLES)
def test_overview_without_one_table_keeps_the_rest(
    homes: dict[str, Path], tmp_path: Path, gold_at: Callable[[Path], None], table: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(homes["full"].resolve(), copy)
    (copy / f"{table}.parquet").unlink()
    gold_at(copy)
    app = open_page("overview")
    if table != "facilities":
        assert len(app.metric) >= 8


@pytest.mark.parametrize("page", PAGES)
def test_page_on_damaged_tables_explains_itself(
    homes: dict[str, Path], tmp_path: Path, gold_at: Callable[[Path], None], page: str, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(homes["full"].resolve(), copy)
    for path in copy.glob("*.parquet"):
        path.write_bytes(b"PAR1 half written")
    gold_at(copy)
    with caplog.at_level(logging.ERROR, logger="dashboard"):
        app = open_page(page)
    assert "Traceback" not in words_of(app)
    assert app.info or page == "methodology"
    assert "damaged" in caplog.text


def test_nothing_published(tmp_path: Path, gold_at: Callable[[Path], None]) -> None:
    gold_at(tmp_path / "nowhere")
    for page in PAGES:
        app = open_page(page)
        assert any("make run" in info.value for info in app.info), page


def test_defect_in_a_page_is_a_sentence_and_a_log_entry(
    full: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(publication: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(gold, "freshness", broken)
    app = AppTest.from_file(APP, default_timeout=60).switch_page("app_pages/data_quality.py").run()
    assert [problem.value for problem in app.error if SAD in problem.value]
    assert not app.exception
    assert "secret detail" not in words_of(app)
    assert "secret detail" in caplog.text


# -------------------------------------------------------------------------------------------------------- figures


def test_every_overview_figure_equals_gold(full: Path) -> None:
    app = open_page("overview")
    shown = {metric.label: metric.value for metric in app.metric}
    expected = {
        "Nurse hours, all": (
            "select total_nurse_hprd from '@kpi_hprd_by_state_quarter.parquet' where state = 'US' and quarter = '2024Q3'"
        ),
        "Nurse hours, RN": ("select rn_hprd from '@kpi_hprd_by_state_quarter.parquet' where state = 'US' and quarter = '2024Q3'"),
        "Total nurse hours": (
            "select total_nurse_hours from '@kpi_nurse_hours_by_state_month.parquet' where state = 'US' and month = '2024-09-01'"
        ),
        "Contract staffing": (
            "select contract_share_pct from '@kpi_contract_staffing_by_state_quarter.parquet' where state = 'US' and quarter "
            "= '2024Q3'"
        ),
        "Surge share (proxy)": (
            "select 100 * sum(surge_hours) / sum(total_nurse_hours) from '@kpi_overtime_proxy_by_facility_month.parquet' "
            "where month = '2024-09-01'"
        ),
        "Nursing turnover": (
            "select total_nursing_turnover_pct from '@kpi_turnover_by_state.parquet' where state = 'US' and processing_date "
            "= '2024-10-01'"
        ),
        "Staff vaccination": (
            "select staff_up_to_date_pct from '@kpi_staff_vaccination_by_state.parquet' where state = 'US' and as_of_date = "
            "'2024-10-27'"
        ),
        "Occupancy": (
            "select occupancy_pct from '@staffing_occupancy_by_state_month.parquet' where state = 'US' and month = '2024-09-01'"
        ),
        "Readmissions": (
            "select rate from '@kpi_readmissions_by_state.parquet' where state = 'US' and measure_code = '521_ADJUSTED' "
            "order by period_end_date desc limit 1"
        ),
        "Overall stars": (
            "select overall_rating from '@kpi_rating_trend_by_state.parquet' where state = 'US' and processing_date = "
            "'2024-10-01'"
        ),
        "Falls, major injury": (
            "select falls_major_injury_pct from '@kpi_incidents_by_state.parquet' where state = 'US' and processing_date = "
            "'2024-10-01'"
        ),
        "Serious citations": (
            "select 1.0 * serious_citations / facilities from '@kpi_incidents_by_state.parquet' "
            "where state = 'US' and processing_date = '2024-10-01'"
        ),
    }
    units = {f"{label} (proxy)" if measure.is_proxy else label: measure.unit for _, measure, label in HEADLINES}
    assert set(units) == set(expected)
    for label, sql in expected.items():
        assert shown[label] == show_short(float(str(one(full, sql))), units[label]), label
    rows = one(full, "select sum(rows_in_file) from '@data_reconciliation.parquet'")
    assert shown["Rows in these files"] == f"{rows:,}"
    files = one(full, "select count(*) from '@data_reconciliation.parquet'")
    assert shown["Files loaded"] == str(files)


def test_overview_of_a_state_speaks_for_that_state(full: Path) -> None:
    app = open_page("overview", state="CA")
    shown = {metric.label: metric.value for metric in app.metric}
    value = one(
        full, "select total_nurse_hprd from '@kpi_hprd_by_state_quarter.parquet' where state = 'CA' and quarter = '2024Q3'"
    )
    assert shown["Nurse hours, all"] == f"{float(str(value)):.2f}"


# ----------------------------------------------------------------------------------------------------- what is said


@pytest.mark.parametrize("page", ["overtime", "highest_overtime_proxy"])
def test_overtime_is_always_called_a_proxy(full: Path, page: str) -> None:
    app = open_page(page)
    assert PROXY_SENTENCE in [warning.value for warning in app.warning]
    for heading in [*app.title, *app.subheader]:
        if "vertime" in heading.value:
            assert "prox" in heading.value.lower(), heading.value


def test_readmissions_say_that_no_diagnosis_exists(full: Path) -> None:
    assert "no diagnosis" in words_of(open_page("readmissions"))
    for page in PAGES:
        text = words_of(open_page(page)).lower()
        for place in [position for position in range(len(text)) if text.startswith("by diagnosis", position)]:
            around = text[max(0, place - 120) : place]
            assert "cannot" in around or "asked for as" in around, (page, around)


def test_length_of_stay_is_called_a_stand_in(full: Path) -> None:
    app = open_page("length_of_stay")
    assert "not in public files" in words_of(app)
    assert all("stand-in" in heading.value for heading in app.subheader)


@pytest.mark.parametrize(("page", "words"), [("vaccination", "July 2023"), ("ratings", "PDPM"), ("incidents", "479")])
def test_change_of_definition_is_marked_on_the_trend(full: Path, page: str, words: str) -> None:
    app = open_page(page, **({"measure": "ulcers"} if page == "incidents" else {}))
    (note,) = [caption.value for caption in app.caption if "definition changes" in caption.value]
    assert words in note


def test_one_period_says_that_there_is_no_trend(homes: dict[str, Path], gold_at: Callable[[Path], None]) -> None:
    gold_at(homes["one_period"])
    assert "no trend yet" in words_of(open_page("ratings"))


# ---------------------------------------------------------------------------------------------------- filters and URL


def test_filters_are_read_from_and_written_to_the_link(full: Path) -> None:
    app = open_page("hprd", state="CA", measure="rn", **{"from": "2024-04-01"})
    assert app.selectbox(key="filter_state").value == "CA"
    assert app.selectbox(key="filter_measure").value == "rn"
    assert app.select_slider(key="filter_period").value == ("2024Q2", "2024Q3")
    app.selectbox(key="filter_state").select("TX").run()
    assert app.query_params["state"] in ("TX", ["TX"])
    app.selectbox(key="filter_state").select("US").run()
    assert "state" not in app.query_params


def test_followed_link_shows_the_same_figures(full: Path) -> None:
    first = open_page("hprd")
    first.selectbox(key="filter_state").select("TX").run()
    first.selectbox(key="filter_measure").select("aide").run()
    link = {name: value if isinstance(value, str) else value[0] for name, value in first.query_params.items()}
    second = open_page("hprd", **link)
    assert [metric.value for metric in second.metric] == [metric.value for metric in first.metric]
    assert words_of(second) == words_of(first)


def test_filters_go_along_to_the_next_page(full: Path) -> None:
    app = open_page("hprd", state="CA")
    app.query_params.clear()  # what the browser does when a visitor opens a page from the menu
    app.switch_page("app_pages/contract.py").run()
    assert app.selectbox(key="filter_state").value == "CA"


@pytest.mark.parametrize("page", PAGES)
def test_hand_edited_link_is_explained(full: Path, page: str) -> None:
    app = open_page(
        page,
        state="'; drop table",
        county="<script>",
        ownership="=1+1",
        chain="-1",
        measure="x",
        view="x",
        kpi="x",
        **{"from": "banana"},
    )
    if app.selectbox and any(box.key == "filter_state" for box in app.selectbox):
        assert app.selectbox(key="filter_state").value == "US"
        assert any("left out" in warning.value for warning in app.warning)


def test_link_in_lower_case_is_understood(full: Path) -> None:
    assert open_page("hprd", state="ca").selectbox(key="filter_state").value == "CA"


def test_period_outside_the_data_shows_all(full: Path) -> None:
    app = open_page("hprd", **{"from": "1999-01-01", "to": "1999-12-01"})
    assert any("All periods are shown" in warning.value for warning in app.warning)


# --------------------------------------------------------------------------------------------------- one facility


@pytest.mark.parametrize("view", ["staffing", "ratings", "inspections", "measures", "peers"])
def test_profile_by_ccn(full: Path, view: str) -> None:
    app = open_page("facility", ccn="015009", view=view)
    assert app.title[0].value == "MILLER'S MERRY MANOR"
    assert "**CCN 015009**" in words_of(app)


@pytest.mark.parametrize("ccn", ["999999", "15009", "'; drop table facilities", "x" * 500])
def test_unknown_ccn_is_a_sentence(full: Path, ccn: str) -> None:
    app = open_page("facility", ccn=ccn)
    assert any("No facility has the CCN" in warning.value for warning in app.warning)


def test_search_and_open(full: Path) -> None:
    app = open_page("facility")
    app.text_input(key="filter_q").input("015009").run()
    app.selectbox(key="chosen_facility").select("015009").run()
    assert app.title[0].value == "MILLER'S MERRY MANOR"


def test_sql_in_the_search_box_finds_nothing(full: Path) -> None:
    app = open_page("facility")
    app.text_input(key="filter_q").input("'; drop table facilities; --").run()
    assert any("No facility matches" in info.value for info in app.info)
    assert not app.exception


def test_profile_without_pbj_says_so(tmp_path: Path, homes: dict[str, Path], gold_at: Callable[[Path], None]) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(homes["full"].resolve(), copy)
    (copy / "kpi_hprd_by_facility_month.parquet").unlink()
    gold_at(copy)
    app = open_page("facility", ccn="015009")
    assert any("kpi_hprd_by_facility_month" in info.value for info in app.info)


def chosen(app: AppTest) -> list[str]:
    value: Any = app.pills(key="compare_chosen").value
    return list(value)


def test_compare_names_what_it_leaves_out(full: Path) -> None:
    app = open_page("compare", ids="CA,US,015009,ZZZZZZ")
    assert any("ZZZZZZ" in warning.value for warning in app.warning)
    assert len(chosen(app)) == 3
    six = open_page("compare", ids="CA,TX,NY,FL,OH,PA")
    assert len(chosen(six)) == 5
    assert any("Up to 5" in warning.value for warning in six.warning)


def test_contract_share_as_published_stands_beside_the_corrected_one_at_a_switch(full: Path) -> None:
    off = open_page("contract")
    assert "Contract share, corrected and as published" not in words_of(off)
    on = off.toggle(key="filter_as_published_on").set_value(True).run()
    assert not on.exception
    assert on.query_params["as_published"] == "yes"
    assert "Contract share, corrected and as published" in words_of(on)
    assert "Contract share, corrected and as published" in words_of(open_page("contract", as_published="yes"))
    assert "**Corrections**\n- 2017 Q2: A column was mislabelled" in words_of(on)


def test_methodology_tells_changes_and_corrections_as_gold_does(full: Path) -> None:
    words = words_of(open_page("methodology"))
    notes = duckdb.connect().execute(f"select title, description, kind from '{full}/data_notes.parquet'").fetchall()
    assert len(notes) == 3
    for title, description, kind in notes:
        assert description in words
        assert kind == "correction" or f"- {title}. {description}" in words


def test_data_quality_shows_what_was_restated_and_which_days_are_incomplete(full: Path) -> None:
    app = open_page("data_quality", state="AL")
    shown = [table.value for table in app.dataframe]
    (figures,) = [table for table in shown if {"old_value", "new_value"} <= set(table.columns)]
    assert len(figures) == one(full, "select count(*) from '@restatements.parquet' where state = 'AL'") != 0
    (incomplete,) = [table for table in shown if "incomplete_days" in table.columns]
    assert incomplete["state"].iloc[0] == "US"


def test_data_quality_lists_new_columns_and_unknown_codes(full: Path) -> None:
    shown = [table.value for table in open_page("data_quality").dataframe]
    (columns,) = [table for table in shown if "first_file_name" in table.columns]
    vintages = one(full, "select count(*) from '@layout_notices.parquet'")
    assert columns[["family", "column_name", "files"]].to_numpy().tolist() == [["nh_penalties", "Fine ID", vintages]]
    (codes,) = [table for table in shown if "rows_found" in table.columns]
    assert codes[["column_name", "value"]].to_numpy().tolist() == [["overall_rating_footnote", "99"]]


def test_data_quality_lists_every_file(full: Path) -> None:
    app = open_page("data_quality")
    files = one(full, "select count(*) from '@data_reconciliation.parquet'")
    assert {metric.label: metric.value for metric in app.metric}["File versions loaded"] == str(files)
    assert len(app.dataframe[0].value) == files
