-- KPI 2, nurse-to-patient ratio: nurse hours per resident day (HPRD, also HPPD) of each facility and month.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        month,
        quarter,
        days,
        resident_days,
        zero_census_days,
        no_nurse_days,
        outlier_days,
        cast(total_nurse_hours as double) as total_nurse_hours,
        {{ hprd('total_nurse_hours', 'resident_days') }} as total_nurse_hprd,
        {{ hprd('rn_hours', 'resident_days') }} as rn_hprd,
        {{ hprd('lpn_hours', 'resident_days') }} as lpn_hprd,
        {{ hprd('nurse_aide_hours', 'resident_days') }} as nurse_aide_hprd,
        {{ hprd('direct_care_hours', 'resident_days') }} as direct_care_hprd,
        {{ hprd('total_nurse_hours_on_census_days', 'resident_days') }} as total_nurse_hprd_excluding_zero_census,
        {{ hprd('weekend_total_nurse_hours', 'weekend_resident_days') }} as weekend_total_nurse_hprd,
        {{ hprd('weekend_rn_hours', 'weekend_resident_days') }} as weekend_rn_hprd
    from monthly_staffing

)

select * from final
