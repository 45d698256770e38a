"""The only reader of data: gold as the pipeline published it, or as Snowflake holds it.

Values always travel as bound parameters; the only names that reach SQL are constants of the KPI catalogue. Every answer is
cached under the publication's version, so a refresh that is published while someone looks is read at the next click.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st
from geography import NATION
from kpi_catalogue import GOLD_TABLES, Measure, Series

log = logging.getLogger("dashboard.gold")

_TTL = "1h"
_VERSION_TTL = "60s"
_FIRST, _LAST = "0000", "9999"
Parameters = tuple[str | int | float, ...]


class GoldError(Exception):
    """Something about the data that a visitor should hear in one helpful sentence; the log has the detail."""


class NothingPublishedError(GoldError):
    """There is no folder of published data yet."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(
            "No data has been published yet. Run `make run` to load the CMS files, then reload this page. "
            "If data is published elsewhere, set `GOLD_DIR` or `HEALTHCARE_HOME`."
        )


class PublicationDamagedError(GoldError):
    """The folder is there, and is not a whole publication."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"The published data cannot be read: {what}. The last refresh may have been interrupted; `make run` publishes it "
            f"again."
        )


class TableMissingError(GoldError):
    """This publication does not hold one of the tables."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"This view needs the table `{table}`, which the current publication does not hold. "
            "It appears after a pipeline run that includes its source files."
        )


class WarehouseDownError(GoldError):
    """Snowflake does not answer."""

    def __init__(self) -> None:
        super().__init__("The data warehouse does not answer at the moment. Please try again in a few minutes.")


@dataclass(frozen=True)
class Publication:
    """Which refresh is being read. The version is part of every cache key."""

    source: str
    location: str
    version: str
    published_at: str = ""
    run_id: str = ""
    tables: tuple[str, ...] = field(default=GOLD_TABLES)


@dataclass(frozen=True)
class Scope:
    """Which facilities a view speaks for."""

    state: str = NATION
    county: str = ""
    ownership: str = ""
    chain: str = ""
    ccn: str = ""

    @property
    def is_nation(self) -> bool:
        """Every facility of the country."""
        return self == Scope()

    @property
    def by_facility(self) -> bool:
        """True when state rows cannot answer, so that facilities are added up."""
        return bool(self.county or self.ownership or self.chain or self.ccn)


# ------------------------------------------------------------------------------------------------- which refresh


def published_folder() -> Path:
    """Where published gold lies: GOLD_DIR, or below HEALTHCARE_HOME as `make run` leaves it."""
    gold_dir = os.environ.get("GOLD_DIR")
    if gold_dir:
        return Path(gold_dir)
    return Path(os.environ.get("HEALTHCARE_HOME") or ".local") / "published" / "current"


def uses_snowflake() -> bool:
    """Whether the secrets hold a Snowflake connection."""
    return st.secrets.load_if_toml_exists() and "snowflake" in st.secrets.get("connections", {})


def current_publication() -> Publication:
    """The refresh that is current now. Reading one small file at every rerun is what makes a new one visible."""
    if uses_snowflake():
        version = _snowflake_version()
        return Publication("Snowflake", "snowflake", version, published_at=version)
    return _published_files(published_folder())


def _published_files(folder: Path) -> Publication:
    if not folder.exists():
        log.warning("no published folder at %s", folder)
        raise NothingPublishedError(str(folder))
    resolved = folder.resolve()  # the version itself: `current` may point elsewhere a moment later
    manifest = _read_manifest(resolved)
    tables = tuple(name for name in GOLD_TABLES if (resolved / f"{name}.parquet").exists())
    return Publication(
        "published files",
        str(resolved),
        str(manifest["version"]),
        str(manifest.get("published_at", "")),
        str(manifest.get("run_id", "")),
        tables,
    )


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        log.exception("no manifest in %s", folder)
        raise PublicationDamagedError("its manifest is missing") from None
    except (ValueError, OSError):
        log.exception("unreadable manifest in %s", folder)
        raise PublicationDamagedError("its manifest is not readable") from None
    if not isinstance(manifest, dict) or "version" not in manifest:
        log.error("manifest in %s names no version", folder)
        raise PublicationDamagedError("its manifest names no version")
    return manifest


@st.cache_data(ttl=_VERSION_TTL, show_spinner=False)
def _snowflake_version() -> str:
    """Snowflake's gold has no manifest: the newest load stands in for its version."""
    newest = _snowflake_rows("select max(last_loaded_at) as newest from data_freshness", ())["newest"]
    return str(newest.iloc[0]) if len(newest) else "empty"


def published_at(publication: Publication) -> datetime | None:
    """When the refresh was published, where it is known."""
    try:
        return datetime.fromisoformat(publication.published_at)
    except ValueError:
        return None


# ------------------------------------------------------------------------------------------------------ one query


def rows(publication: Publication, sql: str, parameters: Sequence[str | int | float] = ()) -> pd.DataFrame:
    """The answer of one constant SQL text with bound parameters, from the cache when it was asked before."""
    return _cached_rows(publication.source, publication.location, publication.version, sql, tuple(parameters))


@st.cache_data(ttl=_TTL, max_entries=300, show_spinner=False)
def _cached_rows(source: str, location: str, version: str, sql: str, parameters: Parameters) -> pd.DataFrame:
    if source == "Snowflake":
        return _snowflake_rows(sql, parameters)
    return _duckdb_rows(location, version, sql, parameters)


def _snowflake_rows(sql: str, parameters: Parameters) -> pd.DataFrame:
    try:
        frame = st.connection("snowflake").query(sql, ttl=0, params=list(parameters) or None, show_spinner=False)
    except Exception as problem:  # the connector raises its own errors, the network's and Streamlit's
        log.exception("Snowflake did not answer")
        table = _missing_table(str(problem))
        raise (TableMissingError(table) if table else WarehouseDownError()) from None
    frame.columns = [str(column).lower() for column in frame.columns]
    return _plain_numbers(frame)


def _duckdb_rows(location: str, version: str, sql: str, parameters: Parameters) -> pd.DataFrame:
    try:
        cursor = _views(location, version).cursor()
        frame: pd.DataFrame = cursor.execute(sql, list(parameters)).df()
    except duckdb.Error as problem:
        log.exception("gold query failed in %s", location)
        table = _missing_table(str(problem))
        if table and not (Path(location) / f"{table}.parquet").exists():
            raise TableMissingError(table) from None
        raise PublicationDamagedError(f"table `{table}` is damaged" if table else "one of its tables is damaged") from None
    return _plain_numbers(frame)


def _missing_table(message: str) -> str:
    """The longest known table that an error message names."""
    named = [name for name in GOLD_TABLES if name in message.lower()]
    return max(named, key=len, default="")


_OPENING = threading.Lock()


@st.cache_resource(ttl=_TTL, max_entries=3, show_spinner=False)
def _views(location: str, version: str) -> duckdb.DuckDBPyConnection:  # noqa: ARG001 - the version is the cache key
    """One in-memory database with a view on each Parquet file: files are read where they lie, nothing is copied."""
    with _OPENING:
        database = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "512MB"})
        for table in GOLD_TABLES:
            _create_view(database, table, Path(location) / f"{table}.parquet")
    return database


def _create_view(database: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    if not path.exists():
        return
    quoted = str(path).replace("'", "''")
    try:
        database.execute(f"create view {table} as select * from read_parquet('{quoted}')")
    except duckdb.Error:
        log.exception("table %s is damaged", table)  # the pages that need it will say so, the others work


def _plain_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals become floats: the same figures from both warehouses."""
    for name in frame.columns[frame.dtypes == "object"]:
        column = frame[name].dropna()
        if len(column) and isinstance(column.iloc[0], Decimal):
            frame[name] = frame[name].astype(float)
    return frame


def require(publication: Publication, table: str) -> str:
    """The table's name, if it is one of gold's and this publication holds it."""
    if table not in GOLD_TABLES:
        raise ValueError(f"{table} is not a table of gold")
    if table not in publication.tables:
        raise TableMissingError(table)
    return table


# --------------------------------------------------------------------------------------------------- scope to SQL


def _facility_condition(scope: Scope) -> tuple[str, list[str]]:
    """Which rows `f` of a facility table belong to the scope."""
    conditions: list[str] = []
    parameters: list[str] = []
    if scope.ccn:
        conditions.append("f.ccn = ?")
        parameters.append(scope.ccn)
    if scope.state != NATION:
        conditions.append("f.state = ?")
        parameters.append(scope.state)
    chosen, values = _directory_condition(replace(scope, ccn="", state=NATION))
    if values:
        conditions.append(f"f.ccn in (select ccn from facilities where {chosen})")
        parameters.extend(values)
    return " and ".join(conditions) or "1 = 1", parameters


def _directory_condition(scope: Scope) -> tuple[str, list[str]]:
    """Which rows of `facilities` belong to the scope."""
    conditions: list[str] = []
    parameters: list[str] = []
    for value, condition in (
        (scope.state if scope.state != NATION else "", "state = ?"),
        (scope.county, "county_name = ?"),
        (scope.ownership, "? in (ownership_group, ownership_type)"),
        (scope.chain, "chain_id = ?"),
    ):
        if value:
            conditions.append(condition)
            parameters.append(value)
    return " and ".join(conditions) or "1 = 1", parameters


def _series(publication: Publication, measure: Measure, scope: Scope) -> tuple[Series, bool]:
    """The series that can answer for the scope, and whether it is one of facilities."""
    if measure.state is not None and not scope.by_facility:
        require(publication, measure.state.table)
        return measure.state, False
    if measure.facility is None:
        raise GoldError(f"“{measure.label}” exists for states and the nation only. Clear county, ownership and chain to see it.")
    require(publication, measure.facility.table)
    return measure.facility, True


# ------------------------------------------------------------------------------------------------------- measures


def periods(publication: Publication, measure: Measure, scope: Scope) -> list[str]:
    """The periods for which gold holds rows of the scope, oldest first, as text."""
    series, is_facility = _series(publication, measure, scope)
    condition, parameters = _facility_condition(scope) if is_facility else ("f.state = ?", [scope.state])
    sql = (
        f"select distinct cast(f.{series.period} as varchar) as period from {series.table} f where {series.where} and "
        f"{condition} order by 1"
    )
    return [str(period) for period in rows(publication, sql, parameters)["period"].dropna()]


def facility_periods(publication: Publication, measure: Measure, scope: Scope) -> list[str]:
    """The same for the facilities of the scope, whose table may have other periods than the states'."""
    return periods(publication, replace(measure, state=None), scope) if measure.facility is not None else []


def trend(publication: Publication, measure: Measure, scope: Scope, first: str = _FIRST, last: str = _LAST) -> pd.DataFrame:
    """One row a period: value, facilities behind it, CMS's published figure, and the definition in force."""
    series, is_facility = _series(publication, measure, scope)
    period = f"cast(f.{series.period} as varchar)"
    if is_facility:
        condition, parameters = _facility_condition(scope)
        grouping = f"group by f.{series.period}"
    else:
        condition, parameters, grouping = "f.state = ?", [scope.state], ""
    sql = (
        f"select {period} as period, {series.value} as value, {series.facilities} as facilities, "
        f"{series.published} as published, {series.definition} as definition "
        f"from {series.table} f where {series.where} and {condition} and {period} between ? and ? {grouping} order by 1"
    )
    return rows(publication, sql, [*parameters, first, last])


def by_state(publication: Publication, measure: Measure, scope: Scope, period: str) -> pd.DataFrame:
    """One row a state in one period. The scope's own state is set aside: a map compares all states."""
    everywhere = replace(scope, state=NATION, county="")
    series, is_facility = _series(publication, measure, everywhere)
    condition, parameters = _facility_condition(everywhere) if is_facility else ("f.state <> 'US'", [])
    grouping = "group by f.state" if is_facility else ""
    sql = (
        f"select f.state, {series.value} as value, {series.facilities} as facilities from {series.table} f "
        f"where {series.where} and {condition} and cast(f.{series.period} as varchar) = ? {grouping} order by 1"
    )
    return rows(publication, sql, [*parameters, period])


def by_facility(
    publication: Publication, measure: Measure, scope: Scope, first: str, last: str, limit: int = 100, highest_first: bool = True
) -> pd.DataFrame:
    """One row a facility over the periods, ranked; facilities without a value come last with the reason, if CMS gives one."""
    series = measure.facility
    if series is None:
        raise GoldError(f"“{measure.label}” exists for states and the nation only.")
    require(publication, series.table)
    require(publication, "facilities")
    condition, parameters = _facility_condition(scope)
    name = "max(f.provider_name)"
    sql = (
        f"with ranked as (select f.ccn, {name} as provider_name, max(f.state) as state, {series.value} as value, "
        f"{series.footnote} as footnote from {series.table} f "
        f"where {series.where} and {condition} and cast(f.{series.period} as varchar) between ? and ? group by f.ccn) "
        "select r.ccn, coalesce(d.provider_name, r.provider_name) as provider_name, d.city, d.county_name, r.state, "
        "d.ownership_type, r.value, r.footnote, d.latitude, d.longitude "
        "from ranked r left join facilities d on d.ccn = r.ccn "
        f"order by r.value {'desc' if highest_first else 'asc'} nulls last, r.ccn limit ?"
    )
    return rows(publication, sql, [*parameters, first, last, limit])


def spread(publication: Publication, measure: Measure, scope: Scope, first: str, last: str) -> pd.DataFrame:
    """How facilities are spread: counts, tenth, quarter, middle and so on. One row, computed where the data lies."""
    series = measure.facility
    if series is None:
        raise GoldError(f"“{measure.label}” exists for states and the nation only.")
    require(publication, series.table)
    condition, parameters = _facility_condition(scope)
    quantiles = ", ".join(
        f"percentile_cont({share}) within group (order by value) as p{round(100 * share)}"
        for share in (0.1, 0.25, 0.5, 0.75, 0.9)
    )
    sql = (
        f"with ranked as (select f.ccn, {series.value} as value from {series.table} f "
        f"where {series.where} and {condition} and cast(f.{series.period} as varchar) between ? and ? group by f.ccn) "
        f"select count(*) as facilities, count(value) as with_value, {quantiles} from ranked"
    )
    return rows(publication, sql, [*parameters, first, last])


# ------------------------------------------------------------------------------------------------- choices, search


def states(publication: Publication) -> list[str]:
    """Every state that gold names, alphabetically by code."""
    require(publication, "facilities")
    frame = rows(publication, "select distinct state from facilities where state is not null order by 1")
    return [str(state) for state in frame["state"]]


def counties(publication: Publication, state: str) -> list[str]:
    """The counties of a state: none for the nation, where a county's name says nothing."""
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
    condition, parameters = _directory_condition(Scope(state=state))
    sql = (
        "select chain_id, max(chain_name) as chain_name, count(*) as facilities from facilities "
        f"where chain_id is not null and {condition} group by chain_id order by 2"
    )
    frame = rows(publication, sql, parameters)
    return {str(row.chain_id): f"{row.chain_name} ({row.facilities})" for row in frame.itertuples()}


def facilities_in(publication: Publication, scope: Scope) -> int:
    """How many facilities the scope holds."""
    condition, parameters = _directory_condition(scope)
    return int(
        rows(publication, f"select count(*) as n from facilities where is_active and {condition}", parameters)["n"].iloc[0]
    )


def search_facilities(publication: Publication, words: str, scope: Scope, limit: int = 50) -> pd.DataFrame:
    """Facilities whose CCN, ZIP, city or name holds every word. Words are parameters: SQL in the box is just a strange name."""
    require(publication, "facilities")
    condition, parameters = _directory_condition(scope)
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


# ------------------------------------------------------------------------------------------------- single facility

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


def of_facility(publication: Publication, table: str, ccn: str) -> pd.DataFrame:
    """Everything one table knows about one CCN."""
    order = _OF_ONE[require(publication, table)]
    return rows(publication, f"select * from {table} where ccn = ? order by {order}", [ccn])


def peers(publication: Publication, measure: Measure, ccn: str, state: str, period: str) -> pd.DataFrame:
    """Where a facility stands among those of its state: its value, the state's median, rank from the lowest, and how many."""
    series = measure.facility
    if series is None:
        raise GoldError(f"“{measure.label}” exists for states and the nation only.")
    require(publication, series.table)
    sql = (
        f"with ranked as (select f.ccn, {series.value} as value from {series.table} f "
        f"where {series.where} and f.state = ? and cast(f.{series.period} as varchar) = ? group by f.ccn), "
        "placed as (select ccn, value, rank() over (order by value) as place from ranked where value is not null), "
        "middle as (select percentile_cont(0.5) within group (order by value) as median, count(*) as facilities from placed) "
        "select p.value, m.median, p.place, m.facilities from middle m left join placed p on p.ccn = ?"
    )
    return rows(publication, sql, [state, period, ccn])


# ------------------------------------------------------------------------------------------------------ whole views


_STAFFING_TABLES = (
    "kpi_hprd_by_facility_month",
    "kpi_resident_throughput_by_facility_month",
    "kpi_contract_staffing_by_facility_month",
)
_MONTHS_OF_FACILITIES = (
    "kpi_hprd_by_facility_month f "
    "left join kpi_resident_throughput_by_facility_month t on t.ccn = f.ccn and t.month = f.month "
    "left join kpi_contract_staffing_by_facility_month c on c.ccn = f.ccn and c.month = f.month"
)
_CONTRACT_SHARE = "100.0 * sum(c.contract_hours) / nullif(sum(f.total_nurse_hours), 0)"
_OCCUPANCY = "100.0 * sum(case when t.bed_days is not null then t.resident_days end) / nullif(sum(t.bed_days), 0)"


def staffing_and_occupancy(publication: Publication, scope: Scope, first: str, last: str) -> pd.DataFrame:
    """Question 1: one row a month with HPRD, RN HPRD, contract share and occupancy of the scope."""
    if not scope.by_facility:
        sql = (
            f"select cast(month as varchar) as period, total_nurse_hprd, rn_hprd, contract_share_pct, occupancy_pct, facilities "
            f"from {require(publication, 'staffing_occupancy_by_state_month')} "
            "where state = ? and cast(month as varchar) between ? and ? order by 1"
        )
        return rows(publication, sql, [scope.state, first, last])
    for table in _STAFFING_TABLES:
        require(publication, table)
    condition, parameters = _facility_condition(scope)
    sql = (
        "select cast(f.month as varchar) as period, "
        "sum(f.total_nurse_hours) / nullif(sum(f.resident_days), 0) as total_nurse_hprd, "
        "sum(f.rn_hours) / nullif(sum(f.resident_days), 0) as rn_hprd, "
        f"{_CONTRACT_SHARE} as contract_share_pct, {_OCCUPANCY} as occupancy_pct, "
        f"count(distinct f.ccn) as facilities from {_MONTHS_OF_FACILITIES} "
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
    condition, parameters = _facility_condition(scope)
    sql = (
        "with summed as (select f.ccn, max(f.provider_name) as provider_name, max(f.state) as state, count(*) as months, "
        "sum(f.total_nurse_hours) as total_nurse_hours, sum(f.contract_hours) as contract_hours, sum(f.surge_hours) as "
        "surge_hours "
        f"from kpi_overtime_proxy_by_facility_month f where {condition} and cast(f.month as varchar) between ? and ? "
        "group by f.ccn having sum(f.total_nurse_hours) >= ?) "
        "select s.ccn, coalesce(d.provider_name, s.provider_name) as provider_name, d.city, d.county_name, s.state, "
        "d.ownership_type, "
        "100.0 * s.contract_hours / nullif(s.total_nurse_hours, 0) as contract_share_pct, "
        "100.0 * s.surge_hours / nullif(s.total_nurse_hours, 0) as surge_share_pct, "
        "s.contract_hours, s.surge_hours, s.total_nurse_hours, s.months "
        "from summed s left join facilities d on d.ccn = s.ccn order by 7 desc nulls last, 8 desc nulls last, s.ccn limit ?"
    )
    return rows(publication, sql, [*parameters, first, last, least_hours, limit])


_KIND_OF_FACILITY = {
    "ownership_group": "d.ownership_group",
    "ownership_type": "d.ownership_type",
    "provider_type": "d.provider_type",
    "in_hospital": "case when d.is_in_hospital then 'In a hospital' when not d.is_in_hospital then 'Not in a hospital' end",
}


def staffing_by_type(publication: Publication, scope: Scope, dimension: str, quarter: str) -> pd.DataFrame:
    """Question 3: staffing by kind of facility in one quarter; facilities of a narrower scope are of the kind they are now."""
    if scope.by_facility:
        return _staffing_by_type_of(publication, scope, _KIND_OF_FACILITY[dimension], quarter)
    sql = (
        "select value, facilities, resident_days, total_nurse_hprd, rn_hprd, lpn_hprd, nurse_aide_hprd, "
        "weekend_total_nurse_hprd, "
        f"contract_share_pct, occupancy_pct from {require(publication, 'staffing_by_type_quarter')} "
        "where state = ? and dimension = ? and quarter = ? order by total_nurse_hprd desc nulls last"
    )
    return rows(publication, sql, [scope.state, dimension, quarter])


def _staffing_by_type_of(publication: Publication, scope: Scope, kind: str, quarter: str) -> pd.DataFrame:
    for table in _STAFFING_TABLES:
        require(publication, table)
    condition, parameters = _facility_condition(scope)
    hprd = {
        "total_nurse_hprd": ("total_nurse_hours", "resident_days"),
        "rn_hprd": ("rn_hours", "resident_days"),
        "lpn_hprd": ("lpn_hours", "resident_days"),
        "nurse_aide_hprd": ("nurse_aide_hours", "resident_days"),
        "weekend_total_nurse_hprd": ("weekend_total_nurse_hours", "weekend_resident_days"),
    }
    ratios = ", ".join(f"sum(f.{hours}) / nullif(sum(f.{days}), 0) as {name}" for name, (hours, days) in hprd.items())
    sql = (
        f"select coalesce({kind}, 'Not in ProviderInfo') as value, count(distinct f.ccn) as facilities, "
        f"sum(f.resident_days) as resident_days, {ratios}, {_CONTRACT_SHARE} as contract_share_pct, "
        f"{_OCCUPANCY} as occupancy_pct from {_MONTHS_OF_FACILITIES} "
        f"left join facilities d on d.ccn = f.ccn where {condition} and f.quarter = ? group by 1 order by 4 desc nulls last"
    )
    return rows(publication, sql, [*parameters, quarter])


def comparison_categories(publication: Publication, scope: Scope) -> pd.DataFrame:
    """How many facilities CMS calls better, no different or worse than the nation, in the newest measure period."""
    table = require(publication, "kpi_readmissions_by_facility")
    condition, parameters = _facility_condition(scope)
    sql = (
        f"select f.comparison_category, count(*) as facilities from {table} f where f.comparison_category is not null and "
        f"f.period_end_date = (select max(period_end_date) from {table} where comparison_category is not null) and {condition} "
        "group by f.comparison_category order by 2 desc, 1"
    )
    return rows(publication, sql, parameters)


def facilities_compared(publication: Publication, scope: Scope, category: str, limit: int) -> pd.DataFrame:
    """The facilities of one of CMS's categories, with the rate and its interval, highest rate first."""
    table = require(publication, "kpi_readmissions_by_facility")
    condition, parameters = _facility_condition(scope)
    sql = (
        "select f.ccn, f.provider_name, f.state, f.measure_code, f.resident_type, f.rate, f.rate_low, f.rate_high, "
        f"f.comparison_category, f.period from {table} f where f.comparison_category = ? and {condition} "
        f"and f.period_end_date = (select max(period_end_date) from {table} where comparison_category is not null) "
        "order by f.rate desc nulls last, f.ccn limit ?"
    )
    return rows(publication, sql, [category, *parameters, limit])


def state_row(publication: Publication, table: str, period: str, scope: Scope) -> pd.DataFrame:
    """All columns of a state table for one state, oldest first; `period` is a constant column name."""
    sql = (
        f"select *, cast({period} as varchar) as period_text from {require(publication, table)} where state = ? order by {period}"
    )
    return rows(publication, sql, [scope.state])


def reconciliation(publication: Publication) -> pd.DataFrame:
    """Every file version that was loaded, hop by hop."""
    table = require(publication, "data_reconciliation")
    return rows(publication, f"select * from {table} order by balanced, family, period desc, loaded_at desc")


def freshness(publication: Publication) -> pd.DataFrame:
    """The newest period of each family, overdue first."""
    return rows(publication, f"select * from {require(publication, 'data_freshness')} order by is_overdue desc, family")


def rating_moves(publication: Publication, scope: Scope) -> pd.DataFrame:
    """How many facilities gained or lost overall stars between the two newest vintages."""
    table = require(publication, "kpi_ratings_by_facility")
    condition, parameters = _facility_condition(scope)
    sql = (
        f"with newest as (select distinct processing_date from {table} order by 1 desc limit 2), "
        f"stars as (select f.ccn, max(case when f.processing_date = (select max(processing_date) from newest) then "
        f"f.overall_rating end) "
        "as now, max(case when f.processing_date = (select min(processing_date) from newest) then f.overall_rating end) as "
        "before "
        f"from {table} f where f.processing_date in (select processing_date from newest) and {condition} group by f.ccn) "
        "select cast((select max(processing_date) from newest) as varchar) as now_date, "
        "cast((select min(processing_date) from newest) as varchar) as before_date, "
        "count(case when now > before then 1 end) as up, count(case when now < before then 1 end) as down, "
        "count(case when now = before then 1 end) as same from stars"
    )
    return rows(publication, sql, parameters)


def benchmark_value(publication: Publication, measure: Measure, geography: str, period: str) -> float | None:
    """Our figure for a published one; months are summed where CMS speaks of a quarter."""
    series = measure.state
    if series is None or series.table not in publication.tables:
        return None
    if "Q" in period and series.period == "month":
        sql = f"select sum({series.value}) as value from {series.table} where state = ? and quarter = ? and {series.where}"
    else:
        sql = (
            f"select max({series.value}) as value from {series.table} "
            f"where state = ? and cast({series.period} as varchar) = ? and {series.where}"
        )
    value = rows(publication, sql, [geography, period])["value"].iloc[0]
    return None if pd.isna(value) else float(value)
