from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from downloads import safe_frame, safe_text, to_csv, to_excel
from openpyxl import load_workbook

FRAME = pd.DataFrame(
    {
        "ccn": ["015009", "26A490", "015009"],
        "zip_code": ["00601", "02903", None],
        "provider_name": ['=HYPERLINK("http://evil","x")', "ESPAÑOLA ÆRØ", "-2+3"],
        "value": [-1.5, float("nan"), 0.0],
        "month": pd.to_datetime(["2024-04-01", None, "2024-06-01"]),
        "is_serious": [True, False, True],
    }
)


def read_csv() -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(FRAME).decode("utf-8-sig"))))


def test_csv_keeps_leading_zeros_accents_and_empty_cells() -> None:
    header, first, second, third = read_csv()
    assert header == list(FRAME.columns)
    assert first[:2] == ["015009", "00601"]
    assert second[2] == "ESPAÑOLA ÆRØ"
    assert second[3] == second[4] == ""  # suppressed: empty, never 0
    assert third[3] == "0.0"
    assert first[4] == "2024-04-01"


def test_csv_quotes_text_so_that_a_ccn_is_no_number() -> None:
    assert b'"015009","00601"' in to_csv(FRAME)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_formula_like_text_is_made_safe(start: str) -> None:
    assert safe_text(f"{start}1+1") == f"'{start}1+1"
    assert safe_text(f"1{start}1") == f"1{start}1"


def test_table_on_the_screen_holds_no_formula_that_its_toolbar_could_save() -> None:
    shown = safe_frame(FRAME)
    assert shown["provider_name"].tolist() == ['\'=HYPERLINK("http://evil","x")', "ESPAÑOLA ÆRØ", "'-2+3"]
    pd.testing.assert_frame_equal(shown.drop(columns="provider_name"), FRAME.drop(columns="provider_name"))


def test_negative_numbers_stay_numbers() -> None:
    assert read_csv()[1][3] == "-1.5"


def test_excel_cells_are_typed_and_ccn_is_text() -> None:
    book = load_workbook(io.BytesIO(to_excel(FRAME, {"What": "=1+1", "Pipeline run": "r1"})))
    rows = list(book["Data"].iter_rows(min_row=2))
    assert [cell.value for cell in rows[0]][:4] == ["015009", "00601", '\'=HYPERLINK("http://evil","x")', -1.5]
    assert rows[0][0].number_format == rows[0][1].number_format == "@"
    assert rows[1][3].value is None
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert book["About"]["B1"].value == "'=1+1"
    assert book["About"]["B2"].value == "r1"
