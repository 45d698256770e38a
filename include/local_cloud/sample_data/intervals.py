"""Data collection intervals: the period behind each measure of a vintage, QRP, MDS, claims, surveys and staffing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from include.local_cloud.sample_data.calendars import Quarter, Vintage
from include.local_cloud.sample_data.csv_text import Cells, FileStyle, constant, text, write_file
from include.local_cloud.sample_data.measure_list import CLAIMS_MEASURES, mds_measures
from include.local_cloud.sample_data.measures import measure_quarters
from include.local_cloud.sample_data.qrp_measures import PROGRAM_MEASURES, program_period
from include.local_cloud.sample_data.vintage_view import VintageView

Period = tuple[date, date]
_YEARS = {"C": "Most recent", "P1": "First prior", "P2": "Second prior"}
_SURVEYS = {
    "F_CMPL": "fire safety inspection complaint surveys",
    "H_CMPL": "health inspection complaint surveys",
    "IC_SRVY": "infection control surveys",
}


def _year_before(vintage: Vintage, years: int) -> Period:
    last = vintage.earlier(12 * years).processing_date - timedelta(days=1)
    return vintage.earlier(12 * (years + 1)).processing_date, last


def _quarters(first: Quarter, last: Quarter) -> Period:
    return first.first_day, last.last_day


def _rows(view: VintageView) -> list[tuple[str, str, Period]]:
    newest = view.vintage.measure_quarter
    rows = [(m.interval_code, m.description, program_period(view.vintage, m)) for m in PROGRAM_MEASURES]
    for measure in mds_measures(view.vintage):
        first, last = measure_quarters(view, measure)
        # Short-stay measures look at five or six quarters of stays.
        rows.append((measure.code, measure.description, _quarters(first.earlier(int(measure.is_short_stay)), last)))
    claims = _quarters(newest.earlier(4), newest.earlier(1))
    rows += [(measure.code, measure.description, claims) for measure in CLAIMS_MEASURES]
    for years, (prefix, which) in enumerate(_YEARS.items()):
        for code, surveys in _SURVEYS.items():
            said = f"{which} 12 month period for deficiencies cited on {surveys}"
            rows.append((f"{prefix}_{code}", said, _year_before(view.vintage, years)))
    rows.append(("STAFFING_LEVELS", "Reporting Period for Nursing Home Staffing Level Measures", _quarters(newest, newest)))
    turnover = _quarters(newest.earlier(4), newest.earlier(1))
    rows.append(("STAFFING_TURNOVER", "Reporting Period for Nursing Home Staff Turnover Measures", turnover))
    return rows


def write_intervals(view: VintageView, folder: Path) -> Path:
    rows = _rows(view)
    columns: dict[str, Cells] = {
        "measure_code": text([code for code, _, _ in rows]),
        "measure_description": text([said for _, said, _ in rows]),
        "period_start_date": text([period[0].strftime("%m/%d/%Y") for *_, period in rows]),
        "period_end_date": text([period[1].strftime("%m/%d/%Y") for *_, period in rows]),
        "measure_date_range": constant(None, len(rows)),
        "processing_date": constant(view.vintage.processing_date.strftime("%Y%m%d"), len(rows)),
    }
    return write_file(
        folder, "nh_data_collection_intervals", view.vintage, FileStyle(quoted=frozenset({"measure_code"})), columns
    )
