"""Measures of the catalogue over time, by state, by facility, and beside what CMS published."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from geography import NATION
from gold.errors import GoldError
from gold.formulas import ratio, ratio_of_sums
from gold.publication import Publication
from gold.query import require, rows
from gold.scope import Condition, Scope, facility_condition
from kpi_catalogue import Measure, Series

_FIRST, _LAST = "0000", "9999"


def _series(publication: Publication, measure: Measure, scope: Scope) -> tuple[Series, bool]:
    """The series that covers the scope, and whether it is one of facilities."""
    if measure.state is not None and not scope.by_facility:
        return _state_series(publication, measure.state), False
    return _facility_series(publication, measure, " Clear county, ownership and chain to see it."), True


def _facility_series(publication: Publication, measure: Measure, advice: str = "") -> Series:
    if measure.facility is None:
        raise GoldError(f"“{measure.label}” exists for states and the nation only.{advice}")
    require(publication, measure.facility.table)
    name = measure.facility.ratio
    return replace(measure.facility, value=ratio_of_sums(publication, name)) if name else measure.facility


def _state_series(publication: Publication, series: Series) -> Series:
    require(publication, series.table)
    return replace(series, value=ratio(publication, series.ratio, "f")) if series.ratio else series


def _condition(scope: Scope, is_facility: bool) -> Condition:
    return facility_condition(scope) if is_facility else ("f.state = ?", [scope.state])


def _period(series: Series) -> str:
    return f"cast(f.{series.period} as varchar)"


def _ranked(series: Series, condition: str, *more: str) -> str:
    """The table `ranked`: one row a facility with its value, and more aggregates if wanted."""
    columns = ", ".join((*more, f"{series.value} as value"))
    return f"with ranked as (select f.ccn, {columns} from {series.table} f where {series.where} and {condition} group by f.ccn)"


def periods(publication: Publication, measure: Measure, scope: Scope) -> list[str]:
    """The periods for which gold holds rows of the scope, oldest first, as text."""
    series, is_facility = _series(publication, measure, scope)
    condition, parameters = _condition(scope, is_facility)
    sql = f"select distinct {_period(series)} as period from {series.table} f where {series.where} and {condition} order by 1"
    return [str(period) for period in rows(publication, sql, parameters)["period"].dropna()]


def facility_periods(publication: Publication, measure: Measure, scope: Scope) -> list[str]:
    """The same for the facilities of the scope, whose table may have periods that differ from the states'."""
    return periods(publication, replace(measure, state=None), scope) if measure.facility is not None else []


def trend(publication: Publication, measure: Measure, scope: Scope, first: str = _FIRST, last: str = _LAST) -> pd.DataFrame:
    """One row per period: value, facilities behind it, CMS's published figure, and the definition in force."""
    series, is_facility = _series(publication, measure, scope)
    condition, parameters = _condition(scope, is_facility)
    period, grouping = _period(series), f"group by f.{series.period}" if is_facility else ""
    sql = (
        f"select {period} as period, {series.value} as value, {series.facilities} as facilities, "
        f"{series.published} as published, {series.definition} as definition "
        f"from {series.table} f where {series.where} and {condition} and {period} between ? and ? {grouping} order by 1"
    )
    return rows(publication, sql, [*parameters, first, last])


def by_state(publication: Publication, measure: Measure, scope: Scope, period: str) -> pd.DataFrame:
    """One row per state in one period. The scope's own state is set aside: a map compares all states."""
    everywhere = replace(scope, state=NATION, county="")
    series, is_facility = _series(publication, measure, everywhere)
    condition, parameters = facility_condition(everywhere) if is_facility else ("f.state <> 'US'", [])
    grouping = "group by f.state" if is_facility else ""
    sql = (
        f"select f.state, {series.value} as value, {series.facilities} as facilities from {series.table} f "
        f"where {series.where} and {condition} and {_period(series)} = ? {grouping} order by 1"
    )
    return rows(publication, sql, [*parameters, period])


def by_facility(
    publication: Publication, measure: Measure, scope: Scope, first: str, last: str, limit: int = 100, highest_first: bool = True
) -> pd.DataFrame:
    """One row per facility over the periods, ranked; facilities without a value come last with the reason, if CMS gives one."""
    series = _facility_series(publication, measure)
    require(publication, "facilities")
    condition, parameters = facility_condition(scope)
    more = ("max(f.provider_name) as provider_name", "max(f.state) as state", f"{series.footnote} as footnote")
    sql = (
        f"{_ranked(series, f'{condition} and {_period(series)} between ? and ?', *more)} "
        "select r.ccn, coalesce(d.provider_name, r.provider_name) as provider_name, d.city, d.county_name, r.state, "
        "d.ownership_type, r.value, r.footnote, d.latitude, d.longitude "
        "from ranked r left join facilities d on d.ccn = r.ccn "
        f"order by r.value {'desc' if highest_first else 'asc'} nulls last, r.ccn limit ?"
    )
    return rows(publication, sql, [*parameters, first, last, limit])


def spread(publication: Publication, measure: Measure, scope: Scope, first: str, last: str) -> pd.DataFrame:
    """How values are spread over facilities: counts and quantiles in one row, computed by the warehouse."""
    series = _facility_series(publication, measure)
    condition, parameters = facility_condition(scope)
    quantiles = ", ".join(
        f"percentile_cont({share}) within group (order by value) as p{round(100 * share)}"
        for share in (0.1, 0.25, 0.5, 0.75, 0.9)
    )
    sql = (
        f"{_ranked(series, f'{condition} and {_period(series)} between ? and ?')} "
        f"select count(*) as facilities, count(value) as with_value, {quantiles} from ranked"
    )
    return rows(publication, sql, [*parameters, first, last])


def peers(publication: Publication, measure: Measure, ccn: str, state: str, period: str) -> pd.DataFrame:
    """Where a facility stands among those of its state: its value, the state's median, rank from the lowest, and how many."""
    series = _facility_series(publication, measure)
    sql = (
        f"{_ranked(series, f'f.state = ? and {_period(series)} = ?')}, "
        "placed as (select ccn, value, rank() over (order by value) as place from ranked where value is not null), "
        "middle as (select percentile_cont(0.5) within group (order by value) as median, count(*) as facilities from placed) "
        "select p.value, m.median, p.place, m.facilities from middle m left join placed p on p.ccn = ?"
    )
    return rows(publication, sql, [state, period, ccn])


def benchmarks(publication: Publication, published: str) -> pd.DataFrame:
    """Figures that others published under a name, the nation first."""
    sql = (
        f"select geography, period, value, source from {require(publication, 'benchmarks')} where measure = ? "
        "order by case when geography = 'US' then 0 else 1 end, period, value desc"
    )
    return rows(publication, sql, [published])


def benchmark_value(publication: Publication, measure: Measure, geography: str, period: str) -> float | None:
    """Our figure for a published one; months are summed where the published figure is of a quarter."""
    if measure.state is None or measure.state.table not in publication.tables:
        return None
    series = _state_series(publication, measure.state)
    is_quarter = "Q" in period and series.period == "month"
    value, when = (f"sum({series.value})", "quarter") if is_quarter else (f"max({series.value})", _period(series))
    sql = f"select {value} as value from {series.table} f where state = ? and {when} = ? and {series.where}"
    value = rows(publication, sql, [geography, period])["value"].iloc[0]
    return None if pd.isna(value) else float(value)
