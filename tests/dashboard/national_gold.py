"""A published gold folder of any size, made in seconds without the pipeline: for page tests (tens of facilities) and for
measuring (14,600 facilities, 12 quarters, 12 vintages).

Run `python tests/dashboard/national_gold.py <folder>` for the national size. Figures are invented, seeded and plausible;
every state row is computed from facility rows, as in gold itself.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC "
    "SD TN TX UT VT VA WA WV WI WY"
).split()
PUBLISHED_AT = "2024-11-01T06:30:00+00:00"


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    facilities: int = 14_600
    quarters: int = 12
    vintages: int = 12
    citations_each: int = 40
    measures: int = 20


NATIONAL = Size()
SMALL = Size(facilities=159, quarters=3, vintages=5, citations_each=6, measures=4)


def publish(home: Path, size: Size, version: str = "20241101T063000000000Z") -> Path:
    """Writes one version below `home/published/versions` and makes it current, as the pipeline does; returns `current`."""
    folder = home / "published" / "versions" / version
    folder.mkdir(parents=True)
    database = duckdb.connect()
    database.execute("select setseed(0.42)")
    rows = {}
    for table, sql in _tables(size):
        database.execute(f"create table {table} as {sql}")
        if not table.startswith("_"):
            database.execute(f"copy {table} to '{folder / table}.parquet' (format parquet, compression zstd)")
            rows[table] = database.execute(f"select count(*) from {table}").fetchall()[0][0]
    database.close()
    manifest = {"version": version, "published_at": PUBLISHED_AT, "run_id": "manual__national", "fingerprint": "x", "rows": rows}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return make_current(home, version)


def make_current(home: Path, version: str) -> Path:
    """The pipeline's atomic swap."""
    current = home / "published" / "current"
    link = home / "published" / f".current-{version}"
    link.symlink_to(Path("versions") / version)
    os.replace(link, current)  # noqa: PTH105 - replaces the link, not what it points at
    return current


# -------------------------------------------------------------------------------------------------------- tables

_SUPPRESSED = "hash(ccn, '{salt}') % 12 = 0"


def _noise(*columns: str, salt: str = "") -> str:
    """A stable number from 0 to 1 for a facility, some columns and a word."""
    keys = ", ".join(["ccn", *columns, f"'{salt}'"])
    return f"((hash({keys}) % 1000) / 1000.0)"


def _tables(size: Size) -> list[tuple[str, str]]:
    return [*_dimension(size), *_staffing(), *_quality(), *_facility_details(size), *_provenance()]


def _dimension(size: Size) -> list[tuple[str, str]]:
    states = ", ".join(f"'{state}'" for state in _STATES)
    months = 3 * size.quarters
    return [
        (
            "_months",
            "select cast(date '2021-10-01' + to_months(cast(range as int)) as date) as month, "
            "concat(year(month), 'Q', quarter(month)) as quarter, day(last_day(month)) as days "
            f"from range(36 - {months}, 36)",
        ),
        ("_vintages", f"select cast(date '2023-11-01' + to_months(cast(range as int)) as date) as processing_date from range(12 - {size.vintages}, 12)"),
        (
            "_homes",
            # CCNs begin with 0 or hold a letter, two facilities in three share a name, a few names try to be formulas.
            f"select lpad(cast(15009 + range * 41 as varchar), 6, '0') as ccn_digits, [{states}][1 + (range % {len(_STATES)})] as state, "
            "case when range % 57 = 3 then concat(ccn_digits[1:2], 'A', ccn_digits[4:6]) else ccn_digits end as ccn, "
            "case when range % 101 = 7 then '=HYPERLINK(\"x\")' when range % 3 = 0 then 'MILLER''S MERRY MANOR' "
            "else concat('HOME ', cast(range as varchar), ' OF CARE') end as provider_name, "
            "['HARTFORD', 'SAINT ANN''S', 'LAKE CITY', 'ESPAÑOLA'][1 + range % 4] as city, "
            "lpad(cast((range * 37) % 99999 as varchar), 5, '0') as zip_code, ['Adams', 'Baker', 'Clark', 'DeKalb'][1 + (range // 53) % 4] as county_name, "
            "['For profit - Corporation', 'For profit - Limited Liability company', 'Non profit - Corporation', 'Government - County'][1 + (range // 7) % 4] "
            "as ownership_type, case when range % 2 = 0 then concat('CHAIN ', cast(range % 300 as varchar)) end as chain_name, "
            f"case when range % 2 = 0 then cast(range % 300 as varchar) end as chain_id, 40 + range % 160 as certified_beds, range as number from range({size.facilities})",
        ),
        (
            "facilities",
            "select ccn, provider_name, concat(number, ' MAIN ST') as provider_address, city, state, zip_code, county_name, "
            f"case when number % 40 <> 1 then 33 + 10 * {_noise(salt='lat')} end as latitude, case when number % 40 <> 1 then -110 + 30 * {_noise(salt='lon')} end as longitude, "
            "ownership_type, split_part(ownership_type, ' - ', 1) as ownership_group, 'Medicare and Medicaid' as provider_type, number % 20 = 0 as is_in_hospital, "
            "concat(provider_name, ' LLC') as legal_business_name, chain_name, chain_id, number % 30 = 0 as is_ccrc, certified_beds, certified_beds * 0.8 as average_residents_per_day, "
            "case when number % 90 = 5 then 'SFF' end as special_focus_status, number % 50 = 9 as has_abuse_icon, "
            "case when number % 90 <> 5 then cast(1 + number % 5 as bigint) end as overall_rating, cast(1 + (number // 2) % 5 as bigint) as health_inspection_rating, "
            "cast(1 + (number // 3) % 5 as bigint) as staffing_rating, cast(1 + (number // 5) % 5 as bigint) as qm_rating, "
            "case when number % 90 = 5 then '18' end as overall_rating_footnote, 3.5 as reported_total_nurse_hprd, 0.6 as reported_rn_hprd, 3.1 as weekend_total_nurse_hprd, "
            f"case when not ({_SUPPRESSED.format(salt='turnover')}) then 30 + 40 * {_noise(salt='to')} end as total_nursing_turnover_pct, "
            f"case when not ({_SUPPRESSED.format(salt='turnover')}) then 25 + 45 * {_noise(salt='rto')} end as rn_turnover_pct, "
            f"case when not ({_SUPPRESSED.format(salt='turnover')}) then cast(number % 3 as double) end as administrators_left, "
            "cast(number % 3 as bigint) as fines, 5000.0 * (number % 3) as total_fines_usd, cast(0 as bigint) as payment_denials, true as in_provider_info, number % 70 <> 11 as is_active, "
            "(select max(processing_date) from _vintages) as processing_date, date '2017-01-01' as first_seen, date '2024-10-01' as last_seen from _homes",
        ),
    ]


_HPRD = (
    "sum(total_nurse_hours) / nullif(sum(resident_days), 0) as total_nurse_hprd, sum(rn_hours) / nullif(sum(resident_days), 0) as rn_hprd, "
    "sum(lpn_hours) / nullif(sum(resident_days), 0) as lpn_hprd, sum(aide_hours) / nullif(sum(resident_days), 0) as nurse_aide_hprd"
)
_EACH_STATE_AND_NATION = "(select *, state as place from {table} union all select *, 'US' as place from {table})"


def _nation(table: str) -> str:
    return _EACH_STATE_AND_NATION.format(table=table)


def _staffing() -> list[tuple[str, str]]:
    monthly = (
        f"select ccn, provider_name, state, month, quarter, days, certified_beds, cast(round(certified_beds * days * (0.6 + 0.35 * {_noise('month')})) as bigint) as resident_days, "
        f"resident_days * (0.4 + 0.5 * {_noise('month', salt='rn')}) as rn_hours, resident_days * (0.6 + 0.5 * {_noise('month', salt='lpn')}) as lpn_hours, "
        f"resident_days * (1.8 + 0.9 * {_noise('month', salt='aide')}) as aide_hours, rn_hours + lpn_hours + aide_hours as total_nurse_hours, "
        f"total_nurse_hours * case when hash(ccn) % 3 = 0 then 0 else 0.2 * {_noise('quarter')} end as contract_hours, total_nurse_hours - contract_hours as employee_hours, "
        f"total_nurse_hours * 0.06 * {_noise('month', salt='surge')} as surge_hours from _homes cross join _months"
    )
    return [
        ("_staffing", monthly),
        (
            "kpi_nurse_hours_by_state_month",
            "select place as state, month, quarter, count(distinct ccn) as facilities, cast(sum(resident_days) as bigint) as resident_days, sum(total_nurse_hours) as total_nurse_hours, "
            "sum(rn_hours) as rn_hours, sum(lpn_hours) as lpn_hours, sum(aide_hours) as nurse_aide_hours, 0.93 * sum(total_nurse_hours) as direct_care_hours, "
            "sum(employee_hours) as employee_hours, sum(contract_hours) as contract_hours, 0.1 * sum(rn_hours) as rn_don_hours, 0.2 * sum(rn_hours) as rn_admin_hours, "
            "0.7 * sum(rn_hours) as rn_direct_care_hours, 0.1 * sum(lpn_hours) as lpn_admin_hours, 0.9 * sum(lpn_hours) as lpn_direct_care_hours, 0.9 * sum(aide_hours) as cna_hours, "
            "0.04 * sum(aide_hours) as na_training_hours, 0.06 * sum(aide_hours) as med_aide_hours, cast(0 as bigint) as outlier_days "
            f"from {_nation('_staffing')} group by all",
        ),
        (
            "kpi_hprd_by_facility_month",
            "select ccn, provider_name, state, month, quarter, cast(days as bigint) as days, resident_days, cast(0 as bigint) as zero_census_days, cast(0 as bigint) as no_nurse_days, "
            "cast(0 as bigint) as outlier_days, total_nurse_hours, total_nurse_hours / nullif(resident_days, 0) as total_nurse_hprd, rn_hours / nullif(resident_days, 0) as rn_hprd, "
            "lpn_hours / nullif(resident_days, 0) as lpn_hprd, aide_hours / nullif(resident_days, 0) as nurse_aide_hprd, 0.93 * total_nurse_hprd as direct_care_hprd, "
            "total_nurse_hprd as total_nurse_hprd_excluding_zero_census, 0.88 * total_nurse_hprd as weekend_total_nurse_hprd, 0.7 * rn_hprd as weekend_rn_hprd from _staffing",
        ),
        (
            "kpi_hprd_by_state_quarter",
            f"with homes as (select place, quarter, ccn, sum(total_nurse_hours) / nullif(sum(resident_days), 0) as hprd, sum(rn_hours) / nullif(sum(resident_days), 0) as rn "
            f"from {_nation('_staffing')} group by all), means as (select place, quarter, avg(hprd) as mean_facility_total_nurse_hprd, median(hprd) as median_facility_total_nurse_hprd, "
            "avg(rn) as mean_facility_rn_hprd, median(rn) as median_facility_rn_hprd from homes group by all), sums as (select place as state, quarter, count(distinct ccn) as facilities, "
            f"cast(sum(resident_days) as bigint) as resident_days, sum(total_nurse_hours) as total_nurse_hours, {_HPRD}, 0.93 * total_nurse_hprd as direct_care_hprd, "
            "total_nurse_hprd as total_nurse_hprd_excluding_zero_census, 0.88 * total_nurse_hprd as weekend_total_nurse_hprd, 0.7 * rn_hprd as weekend_rn_hprd "
            f"from {_nation('_staffing')} group by place, quarter) select s.*, m.* exclude (place, quarter) from sums s join means m on m.place = s.state and m.quarter = s.quarter",
        ),
        (
            "kpi_contract_staffing_by_facility_month",
            "select ccn, provider_name, state, month, quarter, employee_hours, contract_hours, total_nurse_hours, 100 * contract_hours / nullif(total_nurse_hours, 0) as contract_share_pct, "
            "contract_share_pct as rn_contract_share_pct, contract_share_pct as lpn_contract_share_pct, contract_share_pct as nurse_aide_contract_share_pct from _staffing",
        ),
        (
            "kpi_contract_staffing_by_state_quarter",
            "select place as state, quarter, count(distinct ccn) as facilities, count(distinct case when contract_hours > 0 then ccn end) as facilities_with_contract_staff, "
            "sum(employee_hours) as employee_hours, sum(contract_hours) as contract_hours, sum(total_nurse_hours) as total_nurse_hours, "
            "100 * sum(contract_hours) / nullif(sum(total_nurse_hours), 0) as contract_share_pct, 0.8 * contract_share_pct as rn_contract_share_pct, "
            f"1.2 * contract_share_pct as lpn_contract_share_pct, contract_share_pct as nurse_aide_contract_share_pct from {_nation('_staffing')} group by place, quarter",
        ),
        (
            "kpi_overtime_proxy_by_facility_month",
            "select ccn, provider_name, state, month, quarter, total_nurse_hours, contract_hours, 100 * contract_hours / nullif(total_nurse_hours, 0) as contract_share_pct, "
            "total_nurse_hours / days as usual_daily_hours, cast(91 as bigint) as trailing_quarter_days, surge_hours, 100 * surge_hours / nullif(total_nurse_hours, 0) as surge_share_pct from _staffing",
        ),
        (
            "kpi_resident_throughput_by_facility_month",
            "select ccn, provider_name, state, month, quarter, cast(days as bigint) as days, resident_days, resident_days / days as average_daily_census, certified_beds, month as beds_as_of_date, "
            "false as is_beds_vintage_nearest, cast(certified_beds * days as double) as bed_days, 100.0 * resident_days / nullif(certified_beds * days, 0) as occupancy_pct from _staffing",
        ),
        (
            "staffing_occupancy_by_state_month",
            "select place as state, month, quarter, count(distinct ccn) as facilities, count(distinct ccn) as facilities_with_known_beds, cast(sum(resident_days) as bigint) as resident_days, "
            "sum(resident_days) / sum(days) as average_daily_census_per_facility, sum(total_nurse_hours) / nullif(sum(resident_days), 0) as total_nurse_hprd, "
            "sum(rn_hours) / nullif(sum(resident_days), 0) as rn_hprd, 100 * sum(contract_hours) / nullif(sum(total_nurse_hours), 0) as contract_share_pct, "
            f"100.0 * sum(resident_days) / nullif(sum(certified_beds * days), 0) as occupancy_pct from {_nation('_staffing')} group by place, month, quarter",
        ),
        (
            "staffing_by_type_quarter",
            "with typed as (select s.*, s.state as place, f.ownership_group, f.ownership_type, f.provider_type, case when f.is_in_hospital then 'In a hospital' else 'Not in a hospital' end as in_hospital "
            "from _staffing s join facilities f using (ccn)), long as (unpivot (select * from typed union all select * replace ('US' as place) from typed) "
            "on ownership_group, ownership_type, provider_type, in_hospital into name dimension value value) select place as state, quarter, dimension, value, count(distinct ccn) as facilities, "
            f"cast(sum(resident_days) as bigint) as resident_days, sum(total_nurse_hours) as total_nurse_hours, {_HPRD}, 0.88 * total_nurse_hprd as weekend_total_nurse_hprd, "
            "100 * sum(contract_hours) / nullif(sum(total_nurse_hours), 0) as contract_share_pct, 100.0 * sum(resident_days) / nullif(sum(certified_beds * days), 0) as occupancy_pct "
            "from long group by place, quarter, dimension, value",
        ),
    ]


_RATING_DEFINITION = (
    "case when processing_date >= date '2024-07-01' then 'July 2024: PDPM case mix' else 'before July 2024' end"
)
_VACCINATION_DEFINITION = (
    "case when as_of_date >= date '2024-06-01' then 'July 2023: up to date only' else 'August 2022: up to date' end"
)


def _quality() -> list[tuple[str, str]]:
    return [*_turnover_and_vaccination(), *_ratings_and_incidents(), *_readmissions()]


def _turnover_and_vaccination() -> list[tuple[str, str]]:
    suppressed = _SUPPRESSED.format(salt="turnover")
    return [
        (
            "_turnover",
            f"select ccn, state, processing_date, case when not ({suppressed}) then 30 + 40 * {_noise('processing_date')} end as total_pct, {suppressed} as is_suppressed, "
            f"number % 3 as left_count from _homes cross join _vintages",
        ),
        (
            "kpi_turnover_by_state",
            "select place as state, processing_date, avg(total_pct) as total_nursing_turnover_pct, avg(total_pct) - 3 as rn_turnover_pct, avg(case when not is_suppressed then left_count end) "
            "as administrators_left, count(*) as facilities, count(total_pct) as facilities_reporting, count_if(is_suppressed) as facilities_suppressed, "
            "count_if(is_suppressed) as facilities_suppressed_footnote_6, cast(0 as bigint) as facilities_suppressed_footnote_26, cast(0 as bigint) as facilities_suppressed_footnote_27, "
            "cast(0 as bigint) as facilities_blank_without_footnote, count(total_pct) as rn_facilities_reporting, count_if(is_suppressed) as rn_facilities_suppressed, "
            "count(total_pct) as administrator_facilities_reporting, count_if(is_suppressed) as administrator_facilities_suppressed, round(avg(total_pct), 1) as published_total_nursing_turnover_pct, "
            f"round(avg(total_pct) - 3, 1) as published_rn_turnover_pct, 0.5 as published_administrators_left from {_nation('_turnover')} group by place, processing_date",
        ),
        (
            "kpi_staff_vaccination_by_facility",
            f"select ccn, provider_name, state, cast(processing_date + 26 as date) as as_of_date, case when not ({_SUPPRESSED.format(salt='covid')}) then 20 * {_noise('processing_date', salt='s')} end "
            f"as staff_up_to_date_pct, case when not ({_SUPPRESSED.format(salt='covid')}) then 60 * {_noise('processing_date', salt='r')} end as residents_up_to_date_pct, "
            f"{_VACCINATION_DEFINITION} as definition_period from _homes cross join _vintages",
        ),
        (
            "kpi_staff_vaccination_by_state",
            "select place as state, as_of_date, avg(staff_up_to_date_pct) as staff_up_to_date_pct, avg(residents_up_to_date_pct) as residents_up_to_date_pct, count(*) as facilities, "
            "count(staff_up_to_date_pct) as facilities_reporting, count(*) - count(staff_up_to_date_pct) as facilities_not_reporting, count(residents_up_to_date_pct) as resident_facilities_reporting, "
            "round(avg(staff_up_to_date_pct), 1) as published_staff_up_to_date_pct, round(avg(residents_up_to_date_pct), 1) as published_residents_up_to_date_pct, max(definition_period) as definition_period, "
            f"false as is_definition_change from {_nation('kpi_staff_vaccination_by_facility')} group by place, as_of_date",
        ),
    ]


def _ratings_and_incidents() -> list[tuple[str, str]]:
    stars = {
        name: f"case when number % 90 <> 5 then cast(1 + hash(ccn, processing_date // 3, '{name}') % 5 as integer) end as {name}".replace("processing_date // 3", "month(processing_date)")
        for name in ("overall_rating", "health_inspection_rating", "staffing_rating", "qm_rating", "long_stay_qm_rating", "short_stay_qm_rating")
    }
    columns = ", ".join(f"{sql}, case when number % 90 = 5 then '18' end as {name}_footnote" for name, sql in stars.items())
    shares = ", ".join(f"100.0 * count_if(overall_rating = {n}) / nullif(count(overall_rating), 0) as overall_{n}_star_share_pct" for n in range(1, 6))
    return [
        (
            "kpi_ratings_by_facility",
            f"select ccn, provider_name, state, processing_date, {columns}, case when number % 90 = 5 then 'SFF' end as special_focus_status, number % 50 = 9 as has_abuse_icon, "
            f"20.0 + number % 100 as total_weighted_health_survey_score, {_RATING_DEFINITION} as definition_period from _homes cross join _vintages",
        ),
        (
            "kpi_rating_trend_by_state",
            "select place as state, processing_date, max(definition_period) as definition_period, avg(overall_rating) as overall_rating, avg(health_inspection_rating) as health_inspection_rating, "
            "avg(staffing_rating) as staffing_rating, avg(qm_rating) as qm_rating, count(*) as facilities, count(overall_rating) as facilities_rated, count(*) - count(overall_rating) as facilities_without_rating, "
            "count_if(overall_rating_footnote = '18') as special_focus_facilities_not_rated, count(health_inspection_rating) as facilities_with_health_inspection_rating, "
            f"count(staffing_rating) as facilities_with_staffing_rating, count(qm_rating) as facilities_with_qm_rating, {shares}, max(processing_date) = date '2024-07-01' as is_definition_change "
            f"from {_nation('kpi_ratings_by_facility')} group by place, processing_date",
        ),
        (
            "kpi_incidents_by_facility",
            f"select ccn, provider_name, state, processing_date, case when not ({_SUPPRESSED.format(salt='falls')}) then 8 * {_noise('processing_date', salt='f')} end as falls_major_injury_pct, "
            f"case when {_SUPPRESSED.format(salt='falls')} then '9' end as falls_major_injury_footnote, '2023Q3-2024Q2' as falls_major_injury_measure_period, 4 * {_noise('processing_date', salt='u')} as uti_pct, "
            f"cast(null as varchar) as uti_footnote, '2023Q3-2024Q2' as uti_measure_period, 12 * {_noise('processing_date', salt='p')} as pressure_ulcer_pct, cast(null as varchar) as pressure_ulcer_footnote, "
            "'2023Q3-2024Q2' as pressure_ulcer_measure_period, case when processing_date >= date '2024-09-01' then '479' else '453' end as pressure_ulcer_measure_code, "
            "cast(10 + number % 30 as bigint) as health_citations, cast(number % 4 as bigint) as infection_control_citations, cast(number % 3 as bigint) as serious_citations, "
            "cast(number % 25 = 0 as bigint) as immediate_jeopardy_citations, cast(number % 5 as integer) as facility_reported_incidents, cast(number % 9 as integer) as substantiated_complaints, "
            "processing_date as provider_info_processing_date, processing_date as mds_processing_date, processing_date as citations_processing_date from _homes cross join _vintages",
        ),
        ("kpi_incidents_by_state", _incidents_by_state()),
    ]


def _incidents_by_state() -> str:
    rates = ", ".join(
        f"avg({stem}_pct) as {stem}_pct, count({stem}_pct) as {stem}_facilities_reporting, count({stem}_footnote) as {stem}_facilities_suppressed, max({stem}_measure_period) as {stem}_measure_period"
        for stem in ("falls_major_injury", "uti", "pressure_ulcer")
    )
    counts = ", ".join(
        f"cast(sum({name}) as bigint) as {name}"
        for name in (
            "health_citations", "infection_control_citations", "serious_citations", "immediate_jeopardy_citations", "facility_reported_incidents", "substantiated_complaints",
        )
    )  # fmt: skip
    return (
        f"select place as state, processing_date, count(*) as facilities, {rates}, max(pressure_ulcer_measure_code) as pressure_ulcer_measure_code, {counts}, "
        "processing_date as provider_info_processing_date, processing_date as mds_processing_date, processing_date as citations_processing_date, avg(falls_major_injury_pct) as published_falls_major_injury_pct, "
        "avg(uti_pct) as published_uti_pct, avg(pressure_ulcer_pct) as published_pressure_ulcer_pct "
        f"from {_nation('kpi_incidents_by_facility')} group by place, processing_date"
    )


def _readmissions() -> list[tuple[str, str]]:
    codes = (
        "(values ('vbp', 'SNFRM_BASELINE', 2019), ('vbp', 'SNFRM_PERFORMANCE', 2022), ('claims', '521_ADJUSTED', 2023), ('claims', '521_ADJUSTED', 2024), "
        "('claims', '521_OBSERVED', 2024), ('claims', '521_EXPECTED', 2024), ('qrp', 'S_004_01_PPR_PD_OBS', 2023), ('qrp', 'S_004_01_PPR_PD_RSRR', 2023)) c(source, measure_code, ends)"
    )
    return [
        (
            "kpi_readmissions_by_facility",
            "select ccn, provider_name, state, source, measure_code, concat(measure_code, ' in words') as measure_name, 'Short Stay' as resident_type, concat('to ', ends) as period, "
            f"make_date(ends - 1, 10, 1) as period_start_date, make_date(ends, 9, 30) as period_end_date, case when not ({_SUPPRESSED.format(salt='readmission')}) then 15 + 12 * {_noise('measure_code', 'ends')} end as rate, "
            "case when source = 'qrp' then rate - 1.5 end as rate_low, case when source = 'qrp' then rate + 1.5 end as rate_high, case when measure_code like '%RSRR' then 'No Different than the National Rate' end as comparison_category, "
            f"case when {_SUPPRESSED.format(salt='readmission')} then '9' end as footnote, cast(100 as bigint) as eligible_stays, cast(20 as bigint) as observed_readmissions, '2024-10' as release_period "
            f"from _homes cross join {codes}",
        ),
        (
            "kpi_readmissions_by_state",
            "select place as state, source, measure_code, measure_name, resident_type, period, period_start_date, period_end_date, avg(rate) as rate, case when source = 'qrp' then avg(rate) end as pooled_rate, "
            "count(*) as facilities, count(rate) as facilities_reporting, count(footnote) as facilities_suppressed, case when measure_code like '%RSRR' then count(rate) // 10 end as facilities_better, "
            "case when measure_code like '%RSRR' then count(rate) end as facilities_no_different, case when measure_code like '%RSRR' then count(rate) // 9 end as facilities_worse, round(avg(rate), 2) as published_rate, "
            "cast(null as bigint) as published_facilities_better, cast(null as bigint) as published_facilities_no_different, cast(null as bigint) as published_facilities_worse, "
            "cast(null as bigint) as published_facilities_too_small, cast(null as double) as rate_low, cast(null as double) as rate_high, cast(null as varchar) as comparison_category, "
            f"cast(null as varchar) as footnote, '2024-10' as release_period from {_nation('kpi_readmissions_by_facility')} "
            "group by place, source, measure_code, measure_name, resident_type, period, period_start_date, period_end_date",
        ),
    ]


def _facility_details(size: Size) -> list[tuple[str, str]]:
    newest = "(select max(processing_date) from _vintages)"
    return [
        (
            "facility_citations",
            f"select ccn, provider_name, state, cast(date '2021-01-01' + cast(range * 30 as int) as date) as survey_date, case when range % 3 = 0 then 'Fire Safety' else 'Health' end as survey_type, "
            "concat('F-0', 580 + range * 10) as deficiency_tag, 'Infection Control' as deficiency_category, 'Provide and implement an infection prevention and control program.' as deficiency_description, "
            "['B', 'D', 'E', 'G', 'J'][1 + range % 5] as scope_severity_code, cast([2, 4, 5, 7, 10][1 + range % 5] as bigint) as scope_severity_rank, range % 5 >= 3 as is_serious, range % 5 = 4 as is_immediate_jeopardy, "
            "range % 4 = 0 as is_infection_control, range % 2 = 0 as is_standard_deficiency, range % 2 = 1 as is_complaint_deficiency, 'Deficient, Provider has date of correction' as deficiency_corrected, "
            f"cast(survey_date + 40 as date) as correction_date, cast(1 + range % 3 as integer) as inspection_cycle, {newest} as processing_date from _homes cross join range({size.citations_each})",
        ),
        (
            "facility_penalties",
            f"select ccn, provider_name, state, cast(date '2022-03-01' + cast(range * 200 as int) as date) as penalty_date, case when range = 0 then 'Fine' else 'Payment Denial' end as penalty_type, "
            "case when range = 0 then cast(12345.00 as decimal(18, 2)) end as fine_amount_usd, case when range = 1 then date '2022-04-01' end as payment_denial_start_date, "
            f"case when range = 1 then 30 end as payment_denial_length_days, {newest} as processing_date from _homes cross join range(2) where number % 3 = 0",
        ),
        (
            "facility_quality_measures",
            f"select ccn, state, case when range % 5 = 4 then 'claims' else 'mds' end as source, cast(401 + range as varchar) as measure_code, concat('Percentage of residents, measure ', 401 + range) as measure_description, "
            f"case when range % 2 = 0 then 'Long Stay' else 'Short Stay' end as resident_type, case when hash(ccn, range) % 9 <> 0 then 20 * {_noise('range')} end as score, "
            "case when hash(ccn, range) % 9 = 0 then '9' end as footnote, 1.0 as q1_score, 2.0 as q2_score, 3.0 as q3_score, 4.0 as q4_score, cast(null as double) as observed_score, cast(null as double) as expected_score, "
            f"range % 2 = 0 as is_used_in_five_star_rating, '2023Q3-2024Q2' as measure_period, {newest} as processing_date, 9.5 as state_average, 10.0 as us_average, 'percent' as unit, 'lower' as better_direction "
            f"from _homes cross join range({size.measures})",
        ),
    ]


def _provenance() -> list[tuple[str, str]]:
    families = "['pbj_daily_nurse_staffing', 'nh_provider_info', 'nh_penalties']"
    return [
        (
            "data_reconciliation",
            f"select f.family, strftime(processing_date, '%Y-%m') as period, concat(f.family, '_', period, '.csv') as file_name, md5(file_name) as file_md5, false as is_superseded, "
            "timestamp '2024-11-01 06:00:00' as loaded_at, cast(1000 as bigint) as rows_in_file, cast(998 as bigint) as rows_certified, cast(2 as bigint) as rows_rejected, cast(998 as bigint) as rows_in_bronze, "
            f"cast(998 as bigint) as rows_in_silver, cast(0 as bigint) as rows_excluded, true as balanced from _vintages cross join (select unnest({families}) as family) f where (select count(*) from _homes) > 0",
        ),
        (
            "data_freshness",
            f"select family, cast('2024-10' as varchar) as latest_period, cast(12 as bigint) as files, cast(998 as bigint) as rows_loaded, timestamp '2024-11-01 06:00:00' as last_loaded_at, "
            f"date '2024-10-01' as latest_period_start_date, cast(75 as bigint) as max_age_days, cast(31 as bigint) as age_days, false as is_overdue from (select unnest({families}) as family)",
        ),
    ]


if __name__ == "__main__":
    sys.stdout.write(f"{publish(Path(sys.argv[1]), NATIONAL)}\n")
