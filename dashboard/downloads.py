"""Downloads in which CCN and ZIP stay text, and no cell can act as a formula in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Frame = Callable[[], pd.DataFrame]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_EXCEL_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe_text(value: str) -> str:
    """A text that a spreadsheet shows and never computes."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """For a table on the screen: its own toolbar saves the cells as CSV in the browser, without the code below."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    safe = {name: frame[name].map(lambda value: safe_text(value) if isinstance(value, str) else value) for name in texts}
    return frame.assign(**safe)


def _safe_cell(value: object) -> object:
    """Missing stays empty, never 0; text is made safe; numbers and dates stay what they are."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat(sep=" ", timespec="seconds")
    return value.item() if hasattr(value, "item") else value


def to_csv(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read accents; every text is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([safe_text(str(column)) for column in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        cells = [_safe_cell(value) for value in row]
        writer.writerow(["" if cell is None else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def to_excel(frame: pd.DataFrame, about: Mapping[str, str]) -> bytes:
    """One sheet with the data, one that says what it is. Text cells carry the text format, so 015009 stays 015009."""
    book = Workbook(write_only=True)
    data = book.create_sheet("Data")
    data.freeze_panes = "A2"
    for position, column in enumerate(frame.columns, start=1):
        data.column_dimensions[get_column_letter(position)].width = min(40, max(12, len(str(column)) + 2))
    data.append([_header_cell(data, str(column)) for column in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        data.append([_excel_cell(data, value) for value in row])
    notes = book.create_sheet("About")
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 24, 110
    for name, text in about.items():
        notes.append([_header_cell(notes, name), _excel_cell(notes, text)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _header_cell(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=safe_text(text))
    cell.font = Font(bold=True)
    return cell


def _excel_cell(sheet: object, value: object) -> WriteOnlyCell | object:
    safe = _safe_cell(value)
    if not isinstance(safe, str):
        return safe
    cell = WriteOnlyCell(sheet, value=safe)
    cell.number_format = "@"
    return cell


def offer(frame: Frame, name: str, about: Mapping[str, str]) -> None:
    """Two buttons. The file is made when one is pressed, not at every rerun."""
    with st.container(horizontal=True):
        st.download_button(
            "Download CSV",
            lambda: to_csv(frame()),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"csv_{name}",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Download Excel",
            lambda: to_excel(frame(), about),
            file_name=f"{name}.xlsx",
            mime=_EXCEL_MIME,
            key=f"excel_{name}",
            on_click="ignore",
            icon=":material/table_view:",
        )
