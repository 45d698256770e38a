"""The questions that put several KPIs side by side."""

from __future__ import annotations

import pandas as pd

from gold.formulas import ratio, ratio_of_sums
from gold.publication import Publication
from gold.query import require, rows
from gold.scope import Scope, facility_condition

_RELATIONS = {"contract_share_pct": "c", "occupancy_pct": "t"}  # where the rows of a measure are; else in `f`
_OF_A_KIND = (
    "total_nurse_hprd",
    "rn_hprd",
    "lpn_hprd",
    "nurse_aide_hprd",
    "weekend_total_nurse_hprd",
    "contract_share_pct",
    "occupancy_pct",
)
_KIND_OF_FACILITY = {
    "ownership_group": "d.ownership_group",
    "ownership_type": "d.ownership_type",
    "provider_type": "d.provider_type",
    "in_hospital": "case when d.is_in_hospital then 'In a hospital' when not d.is_in_hospital then 'Not in a hospital' end",
    # Published since October 2025 only; earlier quarters are not filled in.
    "urban": (
        "case when f.quarter < '2025Q4' or d.is_urban is null then 'Not published' when d.is_urban then 'Urban' else 'Rural' end"
    ),
}


def _months_of_facilities(publication: Publication) -> str:
    """Months of facilities `f` with their census `t` and their contract hours `c`."""
    return (
        f"{require(publication, 'kpi_hprd_by_facility_month')} f "
        f"left join {require(publication, 'kpi_resident_throughput_by_facility_month')} t on t.ccn = f.ccn and t.month = f.month "
        f"left join {require(publication, 'kpi_contract_staffing_by_facility_month')} c on c.ccn = f.ccn and c.month = f.month"
    )


def _ratios(publication: Publication, *measures: str) -> str:
    """Columns of months of facilities, each the ratio of sums that gold states."""
    return ", ".join(f"{ratio_of_sums(publication, name, _RELATIONS.get(name, 'f'))} as {name}" for name in measures)


def staffing_and_occupancy(publication: Publication, scope: Scope, first: str, last: str) -> pd.DataFrame:
    """Question 1: one row per month with HPRD, RN HPRD, contract share and occupancy of the scope."""
    if not scope.by_facility:
        sql = (
            f"select cast(month as varchar) as period, total_nurse_hprd, rn_hprd, contract_share_pct, occupancy_pct, facilities "
            f"from {require(publication, 'staffing_occupancy_by_state_month')} "
            "where state = ? and cast(month as varchar) between ? and ? order by 1"
        )
        return rows(publication, sql, [scope.state, first, last])
    months = _months_of_facilities(publication)
    condition, parameters = facility_condition(scope)
    sql = (
        "select cast(f.month as varchar) as period, "
        f"{_ratios(publication, 'total_nurse_hprd', 'rn_hprd', 'contract_share_pct', 'occupancy_pct')}, "
        f"count(distinct f.ccn) as facilities from {months} "
        f"where {condition} and cast(f.month as varchar) between ? and ? group by f.month order by 1"
    )
    return rows(publication, sql, [*parameters, first, last])


def states_staffing_and_occupancy(publication: Publication, month: str) -> pd.DataFrame:
    """Question 1 across states, in one month."""
    sql = (
        "select state, total_nurse_hprd, rn_hprd, contract_share_pct, occupancy_pct, facilities "
        f"from {require(publication, 'staffing_occupancy_by_state_month')} "
        "where state <> 'US' and cast(month as varchar) = ? order by 1"
    )
    return rows(publication, sql, [month])


def overtime_proxies(publication: Publication, scope: Scope, first: str, last: str, least_hours: int, limit: int) -> pd.DataFrame:
    """Question 2: facilities with the highest proxies over the periods, both proxies side by side."""
    require(publication, "kpi_overtime_proxy_by_facility_month")
    require(publication, "facilities")
    condition, parameters = facility_condition(scope)
    shares = ", ".join(f"{ratio(publication, name, 's')} as {name}" for name in ("contract_share_pct", "surge_share_pct"))
    sql = (
        "with summed as (select f.ccn, max(f.provider_name) as provider_name, max(f.state) as state, count(*) as months, "
        "sum(f.total_nurse_hours) as total_nurse_hours, sum(f.contract_hours) as contract_hours, "
        "sum(f.surge_hours) as surge_hours "
        f"from kpi_overtime_proxy_by_facility_month f where {condition} and cast(f.month as varchar) between ? and ? "
        "group by f.ccn having sum(f.total_nurse_hours) >= ?) "
        "select s.ccn, coalesce(d.provider_name, s.provider_name) as provider_name, d.city, d.county_name, s.state, "
        f"d.ownership_type, {shares}, s.contract_hours, s.surge_hours, s.total_nurse_hours, s.months "
        "from summed s left join facilities d on d.ccn = s.ccn order by 7 desc nulls last, 8 desc nulls last, s.ccn limit ?"
    )
    return rows(publication, sql, [*parameters, first, last, least_hours, limit])


def staffing_by_type(publication: Publication, scope: Scope, dimension: str, quarter: str) -> pd.DataFrame:
    """Question 3: staffing by kind of facility in one quarter; a narrower scope uses the kind that a facility is now."""
    if scope.by_facility:
        return _staffing_by_type_of(publication, scope, _KIND_OF_FACILITY[dimension], quarter)
    sql = (
        f"select value, facilities, resident_days, {', '.join(_OF_A_KIND)} "
        f"from {require(publication, 'staffing_by_type_quarter')} "
        "where state = ? and dimension = ? and quarter = ? order by total_nurse_hprd desc nulls last"
    )
    return rows(publication, sql, [scope.state, dimension, quarter])


def _staffing_by_type_of(publication: Publication, scope: Scope, kind: str, quarter: str) -> pd.DataFrame:
    months = _months_of_facilities(publication)
    condition, parameters = facility_condition(scope)
    ratios = _ratios(publication, *_OF_A_KIND)
    sql = (
        f"select coalesce({kind}, 'Not in ProviderInfo') as value, count(distinct f.ccn) as facilities, "
        f"sum(f.resident_days) as resident_days, {ratios} from {months} "
        f"left join facilities d on d.ccn = f.ccn where {condition} and f.quarter = ? group by 1 order by 4 desc nulls last"
    )
    return rows(publication, sql, [*parameters, quarter])
