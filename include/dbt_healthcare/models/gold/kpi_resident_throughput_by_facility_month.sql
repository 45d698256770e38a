-- KPI 7, resident throughput: resident days, mean census, and occupancy of the beds certified on each day.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

providers as (

    select * from {{ ref('dim_provider') }}

),

-- one row per facility, month and provider version that applies to a part of it: beds may change within a month
month_parts as (

    select
        monthly_staffing.ccn,
        monthly_staffing.month,
        providers.certified_beds,
        providers.valid_from,
        providers.valid_to,
        greatest(monthly_staffing.first_work_date, providers.nearest_from) as part_from,
        least(monthly_staffing.last_work_date + 1, providers.nearest_to) as part_to
    from monthly_staffing
    inner join providers
        on
            monthly_staffing.ccn = providers.ccn
            and monthly_staffing.last_work_date >= providers.nearest_from
            and monthly_staffing.first_work_date < providers.nearest_to

),

weighted_parts as (

    select
        *,
        part_from < valid_from or part_to > valid_to as is_nearest,
        case when certified_beds is not null then {{ days_between('part_from', 'part_to') }} end as part_days
    from month_parts

),

month_beds as (

    select
        ccn,
        month,
        {{ newest_known('certified_beds', 'part_from') }} as certified_beds,
        max(valid_from) as beds_as_of_date,
        count(case when is_nearest then 1 end) > 0 as is_nearest,
        {{ ratio('sum(certified_beds * part_days)', 'sum(part_days)') }} as mean_certified_beds
    from weighted_parts
    group by ccn, month

),

months_with_beds as (

    select
        monthly_staffing.ccn,
        monthly_staffing.provider_name,
        monthly_staffing.state,
        monthly_staffing.month,
        monthly_staffing.quarter,
        monthly_staffing.days,
        monthly_staffing.resident_days,
        cast(month_beds.certified_beds as bigint) as certified_beds,
        month_beds.beds_as_of_date,
        month_beds.is_nearest as is_beds_vintage_nearest,
        month_beds.mean_certified_beds * monthly_staffing.days as bed_days
    from monthly_staffing
    left join month_beds
        on
            monthly_staffing.ccn = month_beds.ccn
            and monthly_staffing.month = month_beds.month

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
        {{ measure('average_daily_census') }} as average_daily_census,
        certified_beds,
        beds_as_of_date,
        is_beds_vintage_nearest,
        bed_days,
        {{ measure('occupancy_pct') }} as occupancy_pct
    from months_with_beds

)

select * from final
