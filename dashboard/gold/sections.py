"""What single sections of the KPI pages show beside the measures."""

from __future__ import annotations

import pandas as pd

from gold.publication import Publication
from gold.query import require, rows
from gold.scope import Scope, facility_condition

_READMISSIONS = "kpi_readmissions_by_facility"
_NEWEST_COMPARISON = (
    f"f.period_end_date = (select max(period_end_date) from {_READMISSIONS} where comparison_category is not null)"
)


def comparison_categories(publication: Publication, scope: Scope) -> pd.DataFrame:
    """How many facilities CMS calls better, no different or worse than the nation, in the newest measure period."""
    table = require(publication, _READMISSIONS)
    condition, parameters = facility_condition(scope)
    sql = (
        f"select f.comparison_category, count(*) as facilities from {table} f "
        f"where f.comparison_category is not null and {_NEWEST_COMPARISON} and {condition} "
        "group by f.comparison_category order by 2 desc, 1"
    )
    return rows(publication, sql, parameters)


def facilities_compared(publication: Publication, scope: Scope, category: str, limit: int) -> pd.DataFrame:
    """The facilities of one of CMS's categories, with the rate and its interval, highest rate first."""
    table = require(publication, _READMISSIONS)
    condition, parameters = facility_condition(scope)
    sql = (
        "select f.ccn, f.provider_name, f.state, f.measure_code, f.resident_type, f.rate, f.rate_low, f.rate_high, "
        f"f.comparison_category, f.period from {table} f where f.comparison_category = ? and {condition} "
        f"and {_NEWEST_COMPARISON} "
        "order by f.rate desc nulls last, f.ccn limit ?"
    )
    return rows(publication, sql, [category, *parameters, limit])


def rating_moves(publication: Publication, scope: Scope) -> pd.DataFrame:
    """How many facilities gained or lost overall stars between the two newest vintages."""
    table = require(publication, "kpi_ratings_by_facility")
    condition, parameters = facility_condition(scope)
    now, before = "(select max(processing_date) from newest)", "(select min(processing_date) from newest)"
    sql = (
        f"with newest as (select distinct processing_date from {table} order by 1 desc limit 2), "
        f"stars as (select f.ccn, max(case when f.processing_date = {now} then f.overall_rating end) as now, "
        f"max(case when f.processing_date = {before} then f.overall_rating end) as before "
        f"from {table} f where f.processing_date in (select processing_date from newest) and {condition} group by f.ccn) "
        f"select cast({now} as varchar) as now_date, cast({before} as varchar) as before_date, "
        "count(case when now > before then 1 end) as up, count(case when now < before then 1 end) as down, "
        "count(case when now = before then 1 end) as same from stars"
    )
    return rows(publication, sql, parameters)


def state_rows(publication: Publication, table: str, period: str, scope: Scope) -> pd.DataFrame:
    """All columns of a state table for one state and `period` as text, oldest first; `period` names a constant column.

    Empty when a filter needs facilities: these tables know states only.
    """
    where = "where state = ?" + (" and 1 = 0" if scope.by_facility else "")
    sql = f"select *, left(cast({period} as varchar), 10) as as_text from {require(publication, table)} {where} order by {period}"
    found = rows(publication, sql, [scope.state])
    return found.assign(period=found["as_text"]).drop(columns="as_text")
