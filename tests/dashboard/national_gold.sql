-- Gold-shaped tables of any size: invented, seeded and plausible figures. Every state row is computed from facility rows.
-- Sizes come from variables that national_gold.py sets. Tables whose name begins with `_` are not published.

-- A stable number from 0 to 1 for anything that was hashed.
create macro share(hashed) as (hashed % 1000) / 1000.0;

-- One facility in twelve reports nothing, another one for each subject.
create macro is_suppressed(ccn, subject) as hash(ccn, subject) % 12 = 0;

create macro each_state_and_nation(name) as table
    select
        *,
        state as place
    from query_table(name)
    union all
    select
        *,
        'US' as place
    from query_table(name);

create table _months as
select
    cast(date '2021-10-01' + to_months(cast(range as int)) as date) as month,
    concat(year(month), 'Q', quarter(month)) as quarter,
    day(last_day(month)) as days
from range(cast(36 - 3 * getvariable('quarters') as bigint), 36);

create table _vintages as
select cast(date '2023-11-01' + to_months(cast(range as int)) as date) as processing_date
from range(cast(12 - getvariable('vintages') as bigint), 12);

create table _homes as
select
    lpad(cast(15009 + range * 41 as varchar), 6, '0') as ccn_digits,
    string_split(
        'AL AK AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO '
        || 'MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY', ' '
    )[1 + (range % 53)] as state,
    case when range % 57 = 3 then concat(ccn_digits[1:2], 'A', ccn_digits[4:6]) else ccn_digits end as ccn,
    case
        when range % 101 = 7 then '=HYPERLINK("x")' when range % 3 = 0 then 'MILLER''S MERRY MANOR' else
            concat('HOME ', cast(range as varchar), ' OF CARE')
    end as provider_name,
    ['HARTFORD', 'SAINT ANN''S', 'LAKE CITY', 'ESPAÑOLA'][1 + range % 4] as city,
    lpad(cast((range * 37) % 99999 as varchar), 5, '0') as zip_code,
    ['Adams', 'Baker', 'Clark', 'DeKalb'][1 + (range // 53) % 4] as county_name,
    ['For profit - Corporation', 'For profit - Limited Liability company', 'Non profit - Corporation', 'Government - County'][
        1 + (range // 7) % 4
    ] as ownership_type,
    case when range % 2 = 0 then concat('CHAIN ', cast(range % 300 as varchar)) end as chain_name,
    case when range % 2 = 0 then cast(range % 300 as varchar) end as chain_id,
    40 + range % 160 as certified_beds,
    range as number
from range(cast(getvariable('facilities') as bigint));

create table facilities as
select
    ccn,
    provider_name,
    concat(number, ' MAIN ST') as provider_address,
    city,
    state,
    zip_code,
    county_name,
    case when number % 40 <> 1 then 33 + 10 * share(hash(ccn, 'lat')) end as latitude,
    case when number % 40 <> 1 then -110 + 30 * share(hash(ccn, 'lon')) end as longitude,
    ownership_type,
    split_part(ownership_type, ' - ', 1) as ownership_group,
    'Medicare and Medicaid' as provider_type,
    number % 20 = 0 as is_in_hospital,
    cast(null as boolean) as is_urban,
    concat(provider_name, ' LLC') as legal_business_name,
    chain_name,
    chain_id,
    number % 30 = 0 as is_ccrc,
    certified_beds,
    certified_beds * 0.8 as average_residents_per_day,
    case when number % 90 = 5 then 'SFF' end as special_focus_status,
    number % 50 = 9 as has_abuse_icon,
    case when number % 90 <> 5 then cast(1 + number % 5 as bigint) end as overall_rating,
    cast(1 + (number // 2) % 5 as bigint) as health_inspection_rating,
    cast(1 + (number // 3) % 5 as bigint) as staffing_rating,
    cast(1 + (number // 5) % 5 as bigint) as qm_rating,
    case when number % 90 = 5 then '18' end as overall_rating_footnote,
    3.5 as reported_total_nurse_hprd,
    0.6 as reported_rn_hprd,
    3.1 as weekend_total_nurse_hprd,
    case when not (is_suppressed(ccn, 'turnover')) then 30 + 40 * share(hash(ccn, 'to')) end as total_nursing_turnover_pct,
    case when not (is_suppressed(ccn, 'turnover')) then 25 + 45 * share(hash(ccn, 'rto')) end as rn_turnover_pct,
    case when not (is_suppressed(ccn, 'turnover')) then cast(number % 3 as double) end as administrators_left,
    cast(number % 3 as bigint) as fines,
    5000.0 * (number % 3) as total_fines_usd,
    cast(0 as bigint) as payment_denials,
    true as in_provider_info,
    number % 70 <> 11 as is_active,
    (select max(processing_date) from _vintages) as processing_date,
    date '2017-01-01' as first_seen,
    date '2024-10-01' as last_seen
from _homes;

create table _staffing as
select
    ccn,
    provider_name,
    state,
    month,
    quarter,
    days,
    certified_beds,
    cast(round(certified_beds * days * (0.6 + 0.35 * share(hash(ccn, month)))) as bigint) as resident_days,
    resident_days * (0.4 + 0.5 * share(hash(ccn, month, 'rn'))) as rn_hours,
    resident_days * (0.6 + 0.5 * share(hash(ccn, month, 'lpn'))) as lpn_hours,
    resident_days * (1.8 + 0.9 * share(hash(ccn, month, 'aide'))) as aide_hours,
    rn_hours + lpn_hours + aide_hours as total_nurse_hours,
    total_nurse_hours * case when hash(ccn) % 3 = 0 then 0 else 0.2 * share(hash(ccn, quarter)) end as contract_hours,
    total_nurse_hours - contract_hours as employee_hours,
    total_nurse_hours * 0.06 * share(hash(ccn, month, 'surge')) as surge_hours
from _homes
cross join _months;

create table kpi_nurse_hours_by_state_month as
select
    place as state,
    month,
    quarter,
    count(distinct ccn) as facilities,
    cast(sum(resident_days) as bigint) as resident_days,
    sum(total_nurse_hours) as total_nurse_hours,
    sum(rn_hours) as rn_hours,
    sum(lpn_hours) as lpn_hours,
    sum(aide_hours) as nurse_aide_hours,
    0.93 * sum(total_nurse_hours) as direct_care_hours,
    sum(employee_hours) as employee_hours,
    sum(contract_hours) as contract_hours,
    0.1 * sum(rn_hours) as rn_don_hours,
    0.2 * sum(rn_hours) as rn_admin_hours,
    0.7 * sum(rn_hours) as rn_direct_care_hours,
    0.1 * sum(lpn_hours) as lpn_admin_hours,
    0.9 * sum(lpn_hours) as lpn_direct_care_hours,
    0.9 * sum(aide_hours) as cna_hours,
    0.04 * sum(aide_hours) as na_training_hours,
    0.06 * sum(aide_hours) as med_aide_hours,
    cast(0 as bigint) as outlier_days,
    cast(count(distinct ccn) // 100 as bigint) as incomplete_days
from each_state_and_nation('_staffing')
group by all;

create table kpi_hprd_by_facility_month as
select
    ccn,
    provider_name,
    state,
    month,
    quarter,
    cast(days as bigint) as days,
    resident_days,
    cast(0 as bigint) as zero_census_days,
    cast(0 as bigint) as no_nurse_days,
    cast(0 as bigint) as outlier_days,
    cast(0 as bigint) as incomplete_days,
    total_nurse_hours,
    cast(round(resident_days * 2 / 7) as bigint) as weekend_resident_days,
    rn_hours,
    lpn_hours,
    aide_hours as nurse_aide_hours,
    0.93 * total_nurse_hours as direct_care_hours,
    0.88 * total_nurse_hours * weekend_resident_days / nullif(resident_days, 0) as weekend_total_nurse_hours,
    (total_nurse_hours - weekend_total_nurse_hours)
    / nullif(resident_days - weekend_resident_days, 0) as weekday_total_nurse_hprd,
    total_nurse_hours / nullif(resident_days, 0) as total_nurse_hprd,
    rn_hours / nullif(resident_days, 0) as rn_hprd,
    lpn_hours / nullif(resident_days, 0) as lpn_hprd,
    aide_hours / nullif(resident_days, 0) as nurse_aide_hprd,
    0.93 * total_nurse_hprd as direct_care_hprd,
    total_nurse_hprd as total_nurse_hprd_excluding_zero_census,
    0.88 * total_nurse_hprd as weekend_total_nurse_hprd,
    0.7 * rn_hprd as weekend_rn_hprd
from _staffing;

create table kpi_hprd_by_state_quarter as with homes as (
    select
        place,
        quarter,
        ccn,
        sum(total_nurse_hours) / nullif(sum(resident_days), 0) as hprd,
        sum(rn_hours) / nullif(sum(resident_days), 0) as rn
    from each_state_and_nation('_staffing')
    group by all
),

means as (
    select
        place,
        quarter,
        avg(hprd) as mean_facility_total_nurse_hprd,
        median(hprd) as median_facility_total_nurse_hprd,
        avg(rn) as mean_facility_rn_hprd,
        median(rn) as median_facility_rn_hprd
    from homes
    group by all
),

sums as (
    select
        place as state,
        quarter,
        count(distinct ccn) as facilities,
        cast(sum(resident_days) as bigint) as resident_days,
        sum(total_nurse_hours) as total_nurse_hours,
        sum(total_nurse_hours) / nullif(sum(resident_days), 0) as total_nurse_hprd,
        sum(rn_hours) / nullif(sum(resident_days), 0) as rn_hprd,
        sum(lpn_hours) / nullif(sum(resident_days), 0) as lpn_hprd,
        sum(nurse_aide_hours) / nullif(sum(resident_days), 0) as nurse_aide_hprd,
        sum(direct_care_hours) / nullif(sum(resident_days), 0) as direct_care_hprd,
        sum(total_nurse_hours) / nullif(sum(resident_days), 0) as total_nurse_hprd_excluding_zero_census,
        sum(weekend_total_nurse_hours) / nullif(sum(weekend_resident_days), 0) as weekend_total_nurse_hprd,
        0.7 * sum(rn_hours) / nullif(sum(resident_days), 0) as weekend_rn_hprd
    from each_state_and_nation('kpi_hprd_by_facility_month')
    group by place, quarter
)

select
    s.*,
    m.* exclude (place, quarter)
from sums s join means m on m.place = s.state and m.quarter = s.quarter;

create table kpi_contract_staffing_by_facility_month as
select
    ccn,
    provider_name,
    state,
    month,
    quarter,
    employee_hours,
    contract_hours,
    total_nurse_hours,
    100 * contract_hours / nullif(total_nurse_hours, 0) as contract_share_pct,
    rn_hours,
    lpn_hours,
    aide_hours as nurse_aide_hours,
    0.8 * rn_hours * contract_share_pct / 100 as rn_contract_hours,
    1.2 * lpn_hours * contract_share_pct / 100 as lpn_contract_hours,
    nurse_aide_hours * contract_share_pct / 100 as nurse_aide_contract_hours,
    0.8 * contract_share_pct as rn_contract_share_pct,
    1.2 * contract_share_pct as lpn_contract_share_pct,
    contract_share_pct as nurse_aide_contract_share_pct,
    contract_hours as contract_hours_as_published,
    contract_share_pct as contract_share_as_published_pct
from _staffing;

create table kpi_contract_staffing_by_state_quarter as
select
    place as state,
    quarter,
    count(distinct ccn) as facilities,
    count(distinct case when contract_hours > 0 then ccn end) as facilities_with_contract_staff,
    sum(employee_hours) as employee_hours,
    sum(contract_hours) as contract_hours,
    sum(total_nurse_hours) as total_nurse_hours,
    100 * sum(contract_hours) / nullif(sum(total_nurse_hours), 0) as contract_share_pct,
    100 * sum(rn_contract_hours) / nullif(sum(rn_hours), 0) as rn_contract_share_pct,
    100 * sum(lpn_contract_hours) / nullif(sum(lpn_hours), 0) as lpn_contract_share_pct,
    100 * sum(nurse_aide_contract_hours) / nullif(sum(nurse_aide_hours), 0) as nurse_aide_contract_share_pct,
    sum(contract_hours_as_published) as contract_hours_as_published,
    100 * sum(contract_hours_as_published) / nullif(sum(total_nurse_hours), 0) as contract_share_as_published_pct
from each_state_and_nation('kpi_contract_staffing_by_facility_month')
group by place, quarter;

create table kpi_overtime_proxy_by_facility_month as
select
    ccn,
    provider_name,
    state,
    month,
    quarter,
    total_nurse_hours,
    contract_hours,
    100 * contract_hours / nullif(total_nurse_hours, 0) as contract_share_pct,
    total_nurse_hours / days as usual_daily_hours,
    cast(91 as bigint) as trailing_quarter_days,
    surge_hours,
    100 * surge_hours / nullif(total_nurse_hours, 0) as surge_share_pct
from _staffing;

create table kpi_resident_throughput_by_facility_month as
select
    ccn,
    provider_name,
    state,
    month,
    quarter,
    cast(days as bigint) as days,
    resident_days,
    resident_days / days as average_daily_census,
    certified_beds,
    month as beds_as_of_date,
    false as is_beds_vintage_nearest,
    cast(certified_beds * days as double) as bed_days,
    100.0 * resident_days / nullif(certified_beds * days, 0) as occupancy_pct
from _staffing;

create table staffing_occupancy_by_state_month as
select
    place as state,
    month,
    quarter,
    count(distinct ccn) as facilities,
    count(distinct ccn) as facilities_with_known_beds,
    cast(sum(resident_days) as bigint) as resident_days,
    sum(resident_days) / sum(days) as average_daily_census_per_facility,
    sum(total_nurse_hours) / nullif(sum(resident_days), 0) as total_nurse_hprd,
    sum(rn_hours) / nullif(sum(resident_days), 0) as rn_hprd,
    100 * sum(contract_hours) / nullif(sum(total_nurse_hours), 0) as contract_share_pct,
    100.0 * sum(resident_days) / nullif(sum(certified_beds * days), 0) as occupancy_pct
from each_state_and_nation('_staffing')
group by place, month, quarter;

create table staffing_by_type_quarter as with typed as (
    select
        s.*,
        s.state as place,
        f.ownership_group,
        f.ownership_type,
        f.provider_type,
        case when f.is_in_hospital then 'In a hospital' else 'Not in a hospital' end as in_hospital,
        'Not published' as urban
    from _staffing s join facilities f using (ccn)
),

long as (
    unpivot (
        select * from typed
        union all
        select * replace ('US' as place) from typed
    ) on ownership_group, ownership_type, provider_type, in_hospital, urban into name dimension value value
)

select
    place as state,
    quarter,
    dimension,
    value,
    count(distinct ccn) as facilities,
    cast(sum(resident_days) as bigint) as resident_days,
    sum(total_nurse_hours) as total_nurse_hours,
    sum(total_nurse_hours) / nullif(sum(resident_days), 0) as total_nurse_hprd,
    sum(rn_hours) / nullif(sum(resident_days), 0) as rn_hprd,
    sum(lpn_hours) / nullif(sum(resident_days), 0) as lpn_hprd,
    sum(aide_hours) / nullif(sum(resident_days), 0) as nurse_aide_hprd,
    0.88 * total_nurse_hprd as weekend_total_nurse_hprd,
    100 * sum(contract_hours) / nullif(sum(total_nurse_hours), 0) as contract_share_pct,
    100.0 * sum(resident_days) / nullif(sum(certified_beds * days), 0) as occupancy_pct
from long
group by place, quarter, dimension, value;

create table _turnover as
select
    ccn,
    provider_name,
    state,
    processing_date,
    case when not (is_suppressed(ccn, 'turnover')) then 30 + 40 * share(hash(ccn, processing_date)) end as total_pct,
    is_suppressed(ccn, 'turnover') as is_suppressed,
    number % 3 as left_count
from _homes
cross join _vintages;

create table kpi_turnover_by_facility as
select
    ccn,
    provider_name,
    state,
    processing_date,
    total_pct as total_nursing_turnover_pct,
    case when is_suppressed then '6' end as total_nursing_turnover_footnote,
    total_pct - 3 as rn_turnover_pct,
    case when is_suppressed then '6' end as rn_turnover_footnote,
    case when not is_suppressed then cast(left_count as double) end as administrators_left,
    case when is_suppressed then '6' end as administrator_turnover_footnote
from _turnover;

create table kpi_turnover_by_state as
select
    place as state,
    processing_date,
    avg(total_pct) as total_nursing_turnover_pct,
    avg(total_pct) - 3 as rn_turnover_pct,
    avg(case when not is_suppressed then left_count end) as administrators_left,
    count(*) as facilities,
    count(total_pct) as facilities_reporting,
    count_if(is_suppressed) as facilities_suppressed,
    count_if(is_suppressed) as facilities_suppressed_footnote_6,
    cast(0 as bigint) as facilities_suppressed_footnote_26,
    cast(0 as bigint) as facilities_suppressed_footnote_27,
    cast(0 as bigint) as facilities_blank_without_footnote,
    count(total_pct) as rn_facilities_reporting,
    count_if(is_suppressed) as rn_facilities_suppressed,
    count(total_pct) as administrator_facilities_reporting,
    count_if(is_suppressed) as administrator_facilities_suppressed,
    round(avg(total_pct), 1) as published_total_nursing_turnover_pct,
    round(avg(total_pct) - 3, 1) as published_rn_turnover_pct,
    0.5 as published_administrators_left
from each_state_and_nation('_turnover')
group by place, processing_date;

create table kpi_staff_vaccination_by_facility as
select
    ccn,
    provider_name,
    state,
    cast(processing_date + 26 as date) as as_of_date,
    case when not (is_suppressed(ccn, 'covid')) then 20 * share(hash(ccn, processing_date, 's')) end as staff_up_to_date_pct,
    case when not (is_suppressed(ccn, 'covid')) then 60 * share(hash(ccn, processing_date, 'r')) end as residents_up_to_date_pct,
    cast(null as double) as residents_vaccinated_pct,
    cast(null as double) as staff_vaccinated_pct,
    cast(null as double) as residents_boosted_pct,
    cast(null as double) as staff_boosted_pct,
    case when as_of_date >= date '2024-08-01' then 'July 2023: up to date only' else 'August 2022: up to date' end
        as definition_period
from _homes
cross join _vintages;

create table kpi_staff_vaccination_by_state as
select
    place as state,
    as_of_date,
    avg(staff_up_to_date_pct) as staff_up_to_date_pct,
    avg(residents_up_to_date_pct) as residents_up_to_date_pct,
    count(*) as facilities,
    count(staff_up_to_date_pct) as facilities_reporting,
    count(*) - count(staff_up_to_date_pct) as facilities_not_reporting,
    count(residents_up_to_date_pct) as resident_facilities_reporting,
    avg(residents_vaccinated_pct) as residents_vaccinated_pct,
    avg(staff_vaccinated_pct) as staff_vaccinated_pct,
    avg(residents_boosted_pct) as residents_boosted_pct,
    avg(staff_boosted_pct) as staff_boosted_pct,
    cast(null as double) as published_residents_vaccinated_pct,
    cast(null as double) as published_staff_vaccinated_pct,
    cast(null as double) as published_residents_boosted_pct,
    cast(null as double) as published_staff_boosted_pct,
    round(avg(staff_up_to_date_pct), 1) as published_staff_up_to_date_pct,
    round(avg(residents_up_to_date_pct), 1) as published_residents_up_to_date_pct,
    max(definition_period) as definition_period,
    false as is_definition_change
from each_state_and_nation('kpi_staff_vaccination_by_facility')
group by place, as_of_date;

create table kpi_ratings_by_facility as
select
    ccn,
    provider_name,
    state,
    processing_date,
    case when number % 90 <> 5 then cast(1 + hash(ccn, month(processing_date), 'overall_rating') % 5 as integer) end
        as overall_rating,
    case when number % 90 = 5 then '18' end as overall_rating_footnote,
    case when number % 90 <> 5 then cast(1 + hash(ccn, month(processing_date), 'health_inspection_rating') % 5 as integer) end
        as health_inspection_rating,
    case when number % 90 = 5 then '18' end as health_inspection_rating_footnote,
    case when number % 90 <> 5 then cast(1 + hash(ccn, month(processing_date), 'staffing_rating') % 5 as integer) end
        as staffing_rating,
    case when number % 90 = 5 then '18' end as staffing_rating_footnote,
    case when number % 90 <> 5 then cast(1 + hash(ccn, month(processing_date), 'qm_rating') % 5 as integer) end as qm_rating,
    case when number % 90 = 5 then '18' end as qm_rating_footnote,
    case when number % 90 <> 5 then cast(1 + hash(ccn, month(processing_date), 'long_stay_qm_rating') % 5 as integer) end
        as long_stay_qm_rating,
    case when number % 90 = 5 then '18' end as long_stay_qm_rating_footnote,
    case when number % 90 <> 5 then cast(1 + hash(ccn, month(processing_date), 'short_stay_qm_rating') % 5 as integer) end
        as short_stay_qm_rating,
    case when number % 90 = 5 then '18' end as short_stay_qm_rating_footnote,
    case when number % 90 = 5 then 'SFF' end as special_focus_status,
    number % 50 = 9 as has_abuse_icon,
    20.0 + number % 100 as total_weighted_health_survey_score,
    case when processing_date >= date '2024-07-01' then 'July 2024: PDPM case mix' else 'before July 2024' end
        as definition_period
from _homes
cross join _vintages;

create table kpi_rating_trend_by_state as
select
    place as state,
    processing_date,
    max(definition_period) as definition_period,
    avg(overall_rating) as overall_rating,
    avg(health_inspection_rating) as health_inspection_rating,
    avg(staffing_rating) as staffing_rating,
    avg(qm_rating) as qm_rating,
    count(*) as facilities,
    count(overall_rating) as facilities_rated,
    count(*) - count(overall_rating) as facilities_without_rating,
    count_if(overall_rating_footnote = '18') as special_focus_facilities_not_rated,
    count(health_inspection_rating) as facilities_with_health_inspection_rating,
    count(staffing_rating) as facilities_with_staffing_rating,
    count(qm_rating) as facilities_with_qm_rating,
    100.0 * count_if(overall_rating = 1) / nullif(count(overall_rating), 0) as overall_1_star_share_pct,
    100.0 * count_if(overall_rating = 2) / nullif(count(overall_rating), 0) as overall_2_star_share_pct,
    100.0 * count_if(overall_rating = 3) / nullif(count(overall_rating), 0) as overall_3_star_share_pct,
    100.0 * count_if(overall_rating = 4) / nullif(count(overall_rating), 0) as overall_4_star_share_pct,
    100.0 * count_if(overall_rating = 5) / nullif(count(overall_rating), 0) as overall_5_star_share_pct,
    max(processing_date) = date '2024-07-01' as is_definition_change
from each_state_and_nation('kpi_ratings_by_facility')
group by place, processing_date;

create table kpi_incidents_by_facility as
select
    ccn,
    provider_name,
    state,
    processing_date,
    case when not (is_suppressed(ccn, 'falls')) then 8 * share(hash(ccn, processing_date, 'f')) end as falls_major_injury_pct,
    case when is_suppressed(ccn, 'falls') then '9' end as falls_major_injury_footnote,
    '2023Q3-2024Q2' as falls_major_injury_measure_period,
    4 * share(hash(ccn, processing_date, 'u')) as uti_pct,
    cast(null as varchar) as uti_footnote,
    '2023Q3-2024Q2' as uti_measure_period,
    12 * share(hash(ccn, processing_date, 'p')) as pressure_ulcer_pct,
    cast(null as varchar) as pressure_ulcer_footnote,
    '2023Q3-2024Q2' as pressure_ulcer_measure_period,
    case when processing_date >= date '2024-09-01' then '479' else '453' end as pressure_ulcer_measure_code,
    cast(10 + number % 30 as bigint) as health_citations,
    cast(number % 6 as bigint) as complaint_citations,
    cast(number % 4 as bigint) as infection_control_citations,
    cast(number % 3 as bigint) as serious_citations,
    cast(number % 25 = 0 as bigint) as immediate_jeopardy_citations,
    cast(number % 5 as integer) as facility_reported_incidents,
    cast(number % 9 as integer) as substantiated_complaints,
    cast(null as date) as incidents_withdrawn_since,
    processing_date as provider_info_processing_date,
    processing_date as mds_processing_date,
    processing_date as citations_processing_date
from _homes
cross join _vintages;

create table kpi_incidents_by_state as
select
    place as state,
    processing_date,
    count(*) as facilities,
    avg(falls_major_injury_pct) as falls_major_injury_pct,
    count(falls_major_injury_pct) as falls_major_injury_facilities_reporting,
    count(falls_major_injury_footnote) as falls_major_injury_facilities_suppressed,
    max(falls_major_injury_measure_period) as falls_major_injury_measure_period,
    avg(uti_pct) as uti_pct,
    count(uti_pct) as uti_facilities_reporting,
    count(uti_footnote) as uti_facilities_suppressed,
    max(uti_measure_period) as uti_measure_period,
    avg(pressure_ulcer_pct) as pressure_ulcer_pct,
    count(pressure_ulcer_pct) as pressure_ulcer_facilities_reporting,
    count(pressure_ulcer_footnote) as pressure_ulcer_facilities_suppressed,
    max(pressure_ulcer_measure_period) as pressure_ulcer_measure_period,
    max(pressure_ulcer_measure_code) as pressure_ulcer_measure_code,
    cast(sum(health_citations) as bigint) as health_citations,
    cast(sum(complaint_citations) as bigint) as complaint_citations,
    cast(sum(infection_control_citations) as bigint) as infection_control_citations,
    cast(sum(serious_citations) as bigint) as serious_citations,
    cast(sum(immediate_jeopardy_citations) as bigint) as immediate_jeopardy_citations,
    cast(sum(facility_reported_incidents) as bigint) as facility_reported_incidents,
    cast(sum(substantiated_complaints) as bigint) as substantiated_complaints,
    cast(null as date) as incidents_withdrawn_since,
    processing_date as provider_info_processing_date,
    processing_date as mds_processing_date,
    processing_date as citations_processing_date,
    avg(falls_major_injury_pct) as published_falls_major_injury_pct,
    avg(uti_pct) as published_uti_pct,
    avg(pressure_ulcer_pct) as published_pressure_ulcer_pct
from each_state_and_nation('kpi_incidents_by_facility')
group by place, processing_date;

create table kpi_readmissions_by_facility as
select
    ccn,
    provider_name,
    state,
    source,
    measure_code,
    case when source = 'vbp' then cast(2024 as bigint) end as programme_year,
    true as is_newest_of_period,
    concat(measure_code, ' in words') as measure_name,
    'Short Stay' as resident_type,
    concat('to ', ends) as period,
    make_date(ends - 1, 10, 1) as period_start_date,
    make_date(ends, 9, 30) as period_end_date,
    case when not (is_suppressed(ccn, 'readmission')) then 15 + 12 * share(hash(ccn, measure_code, ends)) end as rate,
    case when source = 'qrp' then rate - 1.5 end as rate_low,
    case when source = 'qrp' then rate + 1.5 end as rate_high,
    case when measure_code like '%RSRR' then 'No Different than the National Rate' end as comparison_category,
    case when is_suppressed(ccn, 'readmission') then '9' end as footnote,
    cast(100 as bigint) as eligible_stays,
    cast(20 as bigint) as observed_readmissions,
    '2024-10' as release_period
from _homes
cross join
    (
        values ('vbp', 'SNFRM_BASELINE', 2019),
        ('vbp', 'SNFRM_PERFORMANCE', 2022),
        ('claims', '521_ADJUSTED', 2023),
        ('claims', '521_ADJUSTED', 2024),
        ('claims', '521_OBSERVED', 2024),
        ('claims', '521_EXPECTED', 2024),
        ('qrp', 'S_004_01_PPR_PD_OBS', 2023),
        ('qrp', 'S_004_01_PPR_PD_RSRR', 2023)
    ) c (source, measure_code, ends);

create table kpi_readmissions_by_state as
select
    place as state,
    source,
    measure_code,
    programme_year,
    true as is_newest_of_period,
    measure_name,
    resident_type,
    period,
    period_start_date,
    period_end_date,
    avg(rate) as rate,
    case when source = 'qrp' then avg(rate) end as pooled_rate,
    count(*) as facilities,
    count(rate) as facilities_reporting,
    count(footnote) as facilities_suppressed,
    case when measure_code like '%RSRR' then count(rate) // 10 end as facilities_better,
    case when measure_code like '%RSRR' then count(rate) end as facilities_no_different,
    case when measure_code like '%RSRR' then count(rate) // 9 end as facilities_worse,
    round(avg(rate), 2) as published_rate,
    source = 'claims' as is_published_rate_adjusted,
    cast(null as bigint) as published_facilities_better,
    cast(null as bigint) as published_facilities_no_different,
    cast(null as bigint) as published_facilities_worse,
    cast(null as bigint) as published_facilities_too_small,
    cast(null as double) as rate_low,
    cast(null as double) as rate_high,
    cast(null as varchar) as comparison_category,
    cast(null as varchar) as footnote,
    '2024-10' as release_period
from each_state_and_nation('kpi_readmissions_by_facility')
group by place, source, measure_code, programme_year, measure_name, resident_type, period, period_start_date, period_end_date;

create table facility_citations as
select
    ccn,
    provider_name,
    state,
    cast(date '2021-01-01' + cast(range * 30 as int) as date) as survey_date,
    case when range % 3 = 0 then 'Fire Safety' else 'Health' end as survey_type,
    concat('F-0', 580 + range * 10) as deficiency_tag,
    'Infection Control' as deficiency_category,
    'Provide and implement an infection prevention and control program.' as deficiency_description,
    ['B', 'D', 'E', 'G', 'J'][1 + range % 5] as scope_severity_code,
    cast([2, 4, 5, 7, 10][1 + range % 5] as bigint) as scope_severity_rank,
    range % 5 >= 3 as is_serious,
    range % 5 = 4 as is_immediate_jeopardy,
    range % 4 = 0 as is_infection_control,
    range % 2 = 0 as is_standard_deficiency,
    range % 2 = 1 as is_complaint_deficiency,
    'Deficient, Provider has date of correction' as deficiency_corrected,
    cast(survey_date + 40 as date) as correction_date,
    cast(1 + range % 3 as integer) as inspection_cycle,
    (select max(processing_date) from _vintages) as processing_date
from _homes
cross join range(cast(getvariable('citations_each') as bigint));

create table facility_penalties as
select
    ccn,
    provider_name,
    state,
    cast(date '2022-03-01' + cast(range * 200 as int) as date) as penalty_date,
    case when range = 0 then 'Fine' else 'Payment Denial' end as penalty_type,
    cast(null as varchar) as fine_id,
    cast(1 as bigint) as occurrence,
    case when range = 0 then cast(12345.00 as decimal(18, 2)) end as fine_amount_usd,
    case when range = 1 then date '2022-04-01' end as payment_denial_start_date,
    case when range = 1 then 30 end as payment_denial_length_days,
    (select max(processing_date) from _vintages) as processing_date
from _homes
cross join range(2)
where number % 3 = 0;

create table facility_quality_measures as
select
    ccn,
    state,
    case when range % 5 = 4 then 'claims' else 'mds' end as source,
    cast(401 + range as varchar) as measure_code,
    concat('Percentage of residents, measure ', 401 + range) as measure_description,
    case when range % 2 = 0 then 'Long Stay' else 'Short Stay' end as resident_type,
    case when hash(ccn, range) % 9 <> 0 then 20 * share(hash(ccn, range)) end as score,
    case when hash(ccn, range) % 9 = 0 then '9' end as footnote,
    1.0 as q1_score,
    2.0 as q2_score,
    3.0 as q3_score,
    4.0 as q4_score,
    cast(null as double) as observed_score,
    cast(null as double) as expected_score,
    range % 2 = 0 as is_used_in_five_star_rating,
    '2023Q3-2024Q2' as measure_period,
    (select max(processing_date) from _vintages) as processing_date,
    9.5 as state_average,
    10.0 as us_average,
    'percent' as unit,
    'lower' as better_direction
from _homes
cross join range(cast(getvariable('measures') as bigint));

create table data_reconciliation as
select
    f.family,
    strftime(processing_date, '%Y-%m') as period,
    concat(f.family, '_', period, '.csv') as file_name,
    md5(file_name) as file_md5,
    false as is_superseded,
    false as is_partial,
    timestamp '2024-11-01 06:00:00' as loaded_at,
    'national' as run_id,
    cast(1000 as bigint) as rows_in_file,
    cast(998 as bigint) as rows_certified,
    cast(2 as bigint) as rows_rejected,
    cast(998 as bigint) as rows_in_bronze,
    cast(998 as bigint) as rows_in_silver,
    cast(0 as bigint) as rows_excluded,
    true as balanced
from _vintages
cross join (select unnest(['pbj_daily_nurse_staffing', 'nh_provider_info', 'nh_penalties']) as family) f
where (select count(*) from _homes) > 0;

create table restatements as
select
    'pbj_daily_nurse_staffing' as family,
    (select max(quarter) from _months) as period,
    ccn,
    provider_name,
    state,
    kpi,
    10.0 * number as old_value,
    case when number % 7 <> 0 then 11.0 * number end as new_value,
    new_value - old_value as change,
    'first.csv' as old_file_name,
    md5('first') as old_file_md5,
    timestamp '2024-10-20 06:00:00' as old_published_at,
    timestamp '2024-10-21 06:00:00' as old_loaded_at,
    'second.csv' as new_file_name,
    md5('second') as new_file_md5,
    timestamp '2024-10-31 06:00:00' as new_published_at,
    timestamp '2024-11-01 06:00:00' as new_loaded_at
from _homes
cross join (select unnest(['resident_days', 'total_nurse_hours']) as kpi)
where number % 5 = 1;

create table data_notes as
select
    'ratings' as subject,
    'definition change' as kind,
    '2024-07-01' as period,
    'July 2024: PDPM case mix' as title,
    'Staffing is adjusted with the PDPM case mix' as description
union all
select
    'covid_vaccination',
    'definition change',
    '2022-08-01',
    'August 2022: up to date',
    'Boosters became up to date'
union all
select
    'contract_staffing',
    'correction',
    '2017Q2',
    'med_aide_contract_hours',
    'A column was mislabelled';

create table data_freshness as
select
    family,
    cast('2024-10' as varchar) as latest_period,
    cast(12 as bigint) as files,
    cast(998 as bigint) as rows_loaded,
    timestamp '2024-11-01 06:00:00' as last_loaded_at,
    date '2024-10-01' as latest_period_start_date,
    cast(75 as bigint) as max_age_days,
    cast(31 as bigint) as age_days,
    false as is_overdue
from (select unnest(['pbj_daily_nurse_staffing', 'nh_provider_info', 'nh_penalties']) as family);

create table kpi_vbp_by_facility as
select
    ccn,
    provider_name,
    state,
    cast(2026 as bigint) as programme_year,
    measure_code,
    concat(measure_code, ' in words') as measure_name,
    'percent' as unit,
    'lower' as better_direction,
    cast(2022 as bigint) as baseline_fiscal_year,
    30 * share(hash(ccn, measure_code, 'b')) as baseline_value,
    cast(null as varchar) as baseline_footnote,
    cast(2024 as bigint) as performance_fiscal_year,
    30 * share(hash(ccn, measure_code, 'p')) as performance_value,
    cast(null as varchar) as performance_footnote,
    5.0 as achievement_score,
    4.0 as improvement_score,
    5.0 as measure_score,
    50.0 as program_score,
    cast(number as bigint) as program_ranking,
    0.99 as incentive_payment_multiplier,
    'FY2026' as release_period
from _homes
cross join (select unnest(['SNFRM', 'SNFHAI', 'NURSE_TURNOVER', 'NURSE_STAFFING']) as measure_code);

create table kpi_vbp_by_state as
select
    place as state,
    programme_year,
    measure_code,
    measure_name,
    unit,
    better_direction,
    max(baseline_fiscal_year) as baseline_fiscal_year,
    avg(baseline_value) as baseline_value,
    count(baseline_value) as baseline_facilities_reporting,
    max(performance_fiscal_year) as performance_fiscal_year,
    avg(performance_value) as performance_value,
    count(performance_value) as performance_facilities_reporting,
    count(*) as facilities,
    cast(null as double) as published_baseline_value,
    cast(null as double) as published_performance_value,
    cast(null as boolean) as is_published_value_adjusted,
    cast(null as double) as achievement_threshold,
    cast(null as double) as benchmark
from each_state_and_nation('kpi_vbp_by_facility')
group by place, programme_year, measure_code, measure_name, unit, better_direction;

create table layout_notices as
select
    'nh_penalties' as family,
    strftime(processing_date, '%Y-%m') as period,
    concat('NH_Penalties_', period, '.csv') as file_name,
    'Fine ID' as column_name,
    'new' as kind,
    timestamp '2024-10-21 06:00:00' as first_seen,
    'NH_Penalties_first.csv' as first_file_name
from _vintages
where (select count(*) from _homes) > 0;

create table unknown_codes as
select
    'nh_provider_info' as family,
    'overall_rating_footnote' as column_name,
    'footnote' as kind,
    '99' as value,
    count(*) as rows_found,
    '2024-09' as first_period,
    '2024-10' as last_period
from _homes
having count(*) > 0;
