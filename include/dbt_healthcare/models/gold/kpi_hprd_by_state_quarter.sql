-- KPI 2 by state and quarter: the ratio of sums first, and beside it, named so, the mean and median of facilities.
{%- set sums = [
    'resident_days', 'total_nurse_hours', 'rn_hours', 'lpn_hours', 'nurse_aide_hours', 'direct_care_hours',
    'total_nurse_hours_on_census_days', 'weekend_resident_days', 'weekend_total_nurse_hours', 'weekend_rn_hours',
] %}
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

facility_quarters as (

    select
        monthly_staffing.ccn,
        monthly_staffing.state,
        monthly_staffing.quarter,
        {%- for column in sums %}
        sum(monthly_staffing.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from monthly_staffing
    group by monthly_staffing.ccn, monthly_staffing.state, monthly_staffing.quarter

),

facility_ratios as (

    select
        *,
        {{ hprd('total_nurse_hours', 'resident_days') }} as total_nurse_hprd,
        {{ hprd('rn_hours', 'resident_days') }} as rn_hprd
    from facility_quarters

),

final as (

    select
        {{ state_or_nation('facility_ratios') }} as state,
        facility_ratios.quarter,
        count(distinct facility_ratios.ccn) as facilities,
        cast(sum(facility_ratios.resident_days) as bigint) as resident_days,
        cast(sum(facility_ratios.total_nurse_hours) as double) as total_nurse_hours,
        {{ hprd('sum(facility_ratios.total_nurse_hours)', 'sum(facility_ratios.resident_days)') }} as total_nurse_hprd,
        {{ hprd('sum(facility_ratios.rn_hours)', 'sum(facility_ratios.resident_days)') }} as rn_hprd,
        {{ hprd('sum(facility_ratios.lpn_hours)', 'sum(facility_ratios.resident_days)') }} as lpn_hprd,
        {{ hprd('sum(facility_ratios.nurse_aide_hours)', 'sum(facility_ratios.resident_days)') }} as nurse_aide_hprd,
        {{ hprd('sum(facility_ratios.direct_care_hours)', 'sum(facility_ratios.resident_days)') }} as direct_care_hprd,
        {{ hprd('sum(facility_ratios.total_nurse_hours_on_census_days)', 'sum(facility_ratios.resident_days)') }}
            as total_nurse_hprd_excluding_zero_census,
        {{ hprd('sum(facility_ratios.weekend_total_nurse_hours)', 'sum(facility_ratios.weekend_resident_days)') }}
            as weekend_total_nurse_hprd,
        {{ hprd('sum(facility_ratios.weekend_rn_hours)', 'sum(facility_ratios.weekend_resident_days)') }}
            as weekend_rn_hprd,
        {{ mean('facility_ratios.total_nurse_hprd') }} as mean_facility_total_nurse_hprd,
        median(facility_ratios.total_nurse_hprd) as median_facility_total_nurse_hprd,
        {{ mean('facility_ratios.rn_hprd') }} as mean_facility_rn_hprd,
        median(facility_ratios.rn_hprd) as median_facility_rn_hprd
    from facility_ratios
    group by {{ states_and_nation('facility_ratios', ['quarter']) }}

)

select * from final
