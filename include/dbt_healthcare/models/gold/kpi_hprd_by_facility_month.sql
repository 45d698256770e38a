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
        incomplete_days,
        weekend_resident_days,
        cast(total_nurse_hours as double) as total_nurse_hours,
        cast(rn_hours as double) as rn_hours,
        cast(lpn_hours as double) as lpn_hours,
        cast(nurse_aide_hours as double) as nurse_aide_hours,
        cast(direct_care_hours as double) as direct_care_hours,
        cast(weekend_total_nurse_hours as double) as weekend_total_nurse_hours,
        {{ measure('total_nurse_hprd') }} as total_nurse_hprd,
        {{ measure('rn_hprd') }} as rn_hprd,
        {{ measure('lpn_hprd') }} as lpn_hprd,
        {{ measure('nurse_aide_hprd') }} as nurse_aide_hprd,
        {{ measure('direct_care_hprd') }} as direct_care_hprd,
        {{ measure('total_nurse_hprd_excluding_zero_census') }} as total_nurse_hprd_excluding_zero_census,
        {{ ratio('total_nurse_hours - weekend_total_nurse_hours', 'resident_days - weekend_resident_days') }}
            as weekday_total_nurse_hprd,
        {{ measure('weekend_total_nurse_hprd') }} as weekend_total_nurse_hprd,
        {{ measure('weekend_rn_hprd') }} as weekend_rn_hprd
    from monthly_staffing

)

select * from final
