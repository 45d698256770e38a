"""How the data got here: every file version, hop by hop, how fresh each family is, and notes on its figures."""

from __future__ import annotations

import pandas as pd

from geography import NATION
from gold.publication import Publication
from gold.query import require, rows


def reconciliation(publication: Publication) -> pd.DataFrame:
    """Every file version that was loaded, hop by hop."""
    table = require(publication, "data_reconciliation")
    return rows(publication, f"select * from {table} order by balanced, family, period desc, loaded_at desc")


def freshness(publication: Publication) -> pd.DataFrame:
    """The newest period of each family, overdue first."""
    return rows(publication, f"select * from {require(publication, 'data_freshness')} order by is_overdue desc, family")


def layout_notices(publication: Publication) -> pd.DataFrame:
    """Columns in which files differ from their contract: one row per family and column, newest first."""
    table = require(publication, "layout_notices")
    sql = (
        "select family, column_name, kind, first_seen, first_file_name, count(*) as files, max(period) as latest_period "
        f"from {table} group by all order by first_seen desc, family, column_name"
    )
    return rows(publication, sql)


def unknown_codes(publication: Publication) -> pd.DataFrame:
    """Codes and words of CMS that are not explained here, newest first."""
    table = require(publication, "unknown_codes")
    return rows(publication, f"select * from {table} order by first_period desc, family, column_name, value")


def notes(publication: Publication, subject: str) -> pd.DataFrame:
    """Changes of definition and corrections of a subject, oldest first."""
    table = require(publication, "data_notes")
    return rows(publication, f"select kind, period, title, description from {table} where subject = ? order by period", [subject])


def restated_periods(publication: Publication) -> pd.DataFrame:
    """What was published again: one row per period and pair of files, with how much of it changed, newest first."""
    table = require(publication, "restatements")
    sql = (
        "select family, period, old_file_name, new_file_name, old_published_at, new_published_at, new_loaded_at, "
        "count(distinct ccn) as facilities, count(*) as figures "
        f"from {table} group by all order by new_loaded_at desc, family, period"
    )
    return rows(publication, sql)


def restatements(publication: Publication, state: str, limit: int) -> pd.DataFrame:
    """The figures of the facilities of a state (US: all) that were restated, newest first."""
    table = require(publication, "restatements")
    where, parameters = ("1 = 1", []) if state == NATION else ("state = ?", [state])
    sql = f"select * from {table} where {where} order by new_loaded_at desc, family, period, ccn, kpi limit ?"
    return rows(publication, sql, [*parameters, limit])


def incomplete_days(publication: Publication) -> pd.DataFrame:
    """The facility-days that CMS marked as incompletely submitted, by quarter and state, the nation first."""
    table = require(publication, "kpi_nurse_hours_by_state_month")
    sql = (
        f"select quarter, state, sum(incomplete_days) as incomplete_days from {table} "
        "where incomplete_days > 0 group by quarter, state order by quarter, incomplete_days desc, state"
    )
    return rows(publication, sql)
