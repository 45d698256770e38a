"""The facilities: what filters offer, what the search finds, and everything about one of them."""

from __future__ import annotations

import pandas as pd

from geography import NATION
from gold.publication import Publication
from gold.query import require, rows
from gold.scope import Scope, directory_condition

_OF_ONE = {
    "facilities": "ccn",
    "facility_citations": "survey_date desc, deficiency_tag",
    "facility_penalties": "penalty_date desc",
    "facility_quality_measures": "source desc, resident_type, measure_code",
    "kpi_hprd_by_facility_month": "month",
    "kpi_contract_staffing_by_facility_month": "month",
    "kpi_overtime_proxy_by_facility_month": "month",
    "kpi_resident_throughput_by_facility_month": "month",
    "kpi_ratings_by_facility": "processing_date",
    "kpi_turnover_by_facility": "processing_date",
    "kpi_staff_vaccination_by_facility": "as_of_date",
    "kpi_incidents_by_facility": "processing_date",
    "kpi_readmissions_by_facility": "source, measure_code, period_end_date",
}


def states(publication: Publication) -> list[str]:
    """Every state that gold names, alphabetically by code."""
    require(publication, "facilities")
    frame = rows(publication, "select distinct state from facilities where state is not null order by 1")
    return [str(state) for state in frame["state"]]


def counties(publication: Publication, state: str) -> list[str]:
    """The counties of a state; none for the nation, because county names repeat."""
    if state == NATION:
        return []
    sql = "select distinct county_name from facilities where state = ? and county_name is not null order by 1"
    return [str(county) for county in rows(publication, sql, [state])["county_name"]]


def ownership_types(publication: Publication) -> list[str]:
    """The three groups first, then CMS's types."""
    sql = (
        "select 0 as kind, ownership_group as name from facilities where ownership_group is not null "
        "union select 1, ownership_type from facilities where ownership_type is not null order by 1, 2"
    )
    return list(dict.fromkeys(str(name) for name in rows(publication, sql)["name"]))


def chains(publication: Publication, state: str) -> dict[str, str]:
    """Chain names by CMS's number of the chain, those of the state only when one is chosen."""
    condition, parameters = directory_condition(Scope(state=state))
    sql = (
        "select chain_id, max(chain_name) as chain_name, count(*) as facilities from facilities "
        f"where chain_id is not null and {condition} group by chain_id order by 2"
    )
    frame = rows(publication, sql, parameters)
    return {str(row.chain_id): f"{row.chain_name} ({row.facilities})" for row in frame.itertuples()}


def search_facilities(publication: Publication, words: str, scope: Scope, limit: int = 50) -> pd.DataFrame:
    """Facilities whose CCN, ZIP, city or name holds every word. Words are parameters: SQL in the box is only a strange name."""
    require(publication, "facilities")
    condition, parameters = directory_condition(scope)
    searched = "lower(ccn || ' ' || coalesce(provider_name, '') || ' ' || coalesce(city, '') || ' ' || coalesce(zip_code, ''))"
    for word in words.lower().split()[:8]:
        condition += f" and contains({searched}, ?)"
        parameters.append(word)
    sql = (
        "select ccn, provider_name, city, county_name, state, zip_code, ownership_type, certified_beds, overall_rating, "
        "is_active "
        f"from facilities where {condition} order by case when lower(ccn) = ? then 0 else 1 end, provider_name, ccn limit ?"
    )
    return rows(publication, sql, [*parameters, words.strip().lower(), limit])


def of_facility(publication: Publication, table: str, ccn: str) -> pd.DataFrame:
    """Everything one table knows about one CCN."""
    order = _OF_ONE[require(publication, table)]
    return rows(publication, f"select * from {table} where ccn = ? order by {order}", [ccn])
