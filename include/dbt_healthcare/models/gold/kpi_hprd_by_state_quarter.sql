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
        {{ measure('total_nurse_hprd') }} as total_nurse_hprd,
        {{ measure('rn_hprd') }} as rn_hprd
    from facility_quarters

),

final as (

    select
        {{ state_or_nation('facility_ratios') }} as state,
        facility_ratios.quarter,
        count(distinct facility_ratios.ccn) as facilities,
        cast(sum(facility_ratios.resident_days) as bigint) as resident_days,
        cast(sum(facility_ratios.total_nurse_hours) as double) as total_nurse_hours,
        {{ measure_of_sums('total_nurse_hprd', 'facility_ratios') }} as total_nurse_hprd,
        {{ measure_of_sums('rn_hprd', 'facility_ratios') }} as rn_hprd,
        {{ measure_of_sums('lpn_hprd', 'facility_ratios') }} as lpn_hprd,
        {{ measure_of_sums('nurse_aide_hprd', 'facility_ratios') }} as nurse_aide_hprd,
        {{ measure_of_sums('direct_care_hprd', 'facility_ratios') }} as direct_care_hprd,
        {{ measure_of_sums('total_nurse_hprd_excluding_zero_census', 'facility_ratios') }} as total_nurse_hprd_excluding_zero_census,
        {{ measure_of_sums('weekend_total_nurse_hprd', 'facility_ratios') }} as weekend_total_nurse_hprd,
        {{ measure_of_sums('weekend_rn_hprd', 'facility_ratios') }} as weekend_rn_hprd,
        {{ mean('facility_ratios.total_nurse_hprd') }} as mean_facility_total_nurse_hprd,
        median(facility_ratios.total_nurse_hprd) as median_facility_total_nurse_hprd,
        {{ mean('facility_ratios.rn_hprd') }} as mean_facility_rn_hprd,
        median(facility_ratios.rn_hprd) as median_facility_rn_hprd
    from facility_ratios
    group by {{ states_and_nation('facility_ratios', ['quarter']) }}

)

select * from final
