-- One row per facility and month: sums of its days, exact, so that every coarser figure is a ratio of sums.
with

daily as (

    select * from {{ ref('fct_daily_nurse_staffing') }}
    where {{ only_new_files('pbj_daily_nurse_staffing') }}

),

final as (

    select
        daily.ccn,
        daily.month,
        {{ newest_known('daily.provider_name', 'daily.work_date') }} as provider_name,
        {{ newest_known('daily.city', 'daily.work_date') }} as city,
        {{ newest_known('daily.state', 'daily.work_date') }} as state,
        {{ newest_known('daily.county_name', 'daily.work_date') }} as county_name,
        max(daily.quarter) as quarter,
        min(daily.work_date) as first_work_date,
        max(daily.work_date) as last_work_date,
        cast(count(*) as bigint) as days,
        cast({{ count_days_of_month('daily.work_date') }} as bigint) as distinct_days,
        cast(count_if(daily.quarter <> daily._period) as bigint) as days_outside_the_period,
        cast(sum(daily.resident_census) as bigint) as resident_days,
        cast(count_if(daily.resident_census = 0) as bigint) as zero_census_days,
        cast(count_if(daily.has_no_nurse_hours) as bigint) as no_nurse_days,
        cast(count_if(daily.is_outlier) as bigint) as outlier_days,
        cast(count_if(coalesce(daily.is_incomplete, false)) as bigint) as incomplete_days,
        {%- for category in nurse_categories() %}
        {{ sum_of_hours('daily.' ~ category.name ~ '_hours') }} as {{ category.name }}_hours,
        {%- endfor %}
        {{ sum_of_hours('daily.total_nurse_hours') }} as total_nurse_hours,
        {{ sum_of_hours('daily.rn_hours') }} as rn_hours,
        {{ sum_of_hours('daily.lpn_hours') }} as lpn_hours,
        {{ sum_of_hours('daily.nurse_aide_hours') }} as nurse_aide_hours,
        {{ sum_of_hours('daily.direct_care_hours') }} as direct_care_hours,
        {{ sum_of_hours('daily.employee_hours') }} as employee_hours,
        {{ sum_of_hours('daily.contract_hours') }} as contract_hours,
        {{ sum_of_hours(
            'daily.contract_hours - daily.med_aide_contract_hours + daily.med_aide_contract_hours_as_published'
        ) }} as contract_hours_as_published,
        {%- for group in ['rn', 'lpn', 'nurse_aide'] %}
        {{ sum_of_hours(nurse_hours(group, '_contract', relation='daily')) }} as {{ group }}_contract_hours,
        {%- endfor %}
        {{ sum_of_hours('case when daily.resident_census > 0 then daily.total_nurse_hours else 0 end') }}
            as total_nurse_hours_on_census_days,
        cast(sum(case when daily.is_weekend then daily.resident_census else 0 end) as bigint) as weekend_resident_days,
        {{ sum_of_hours('case when daily.is_weekend then daily.total_nurse_hours else 0 end') }}
            as weekend_total_nurse_hours,
        {{ sum_of_hours('case when daily.is_weekend then daily.rn_hours else 0 end') }} as weekend_rn_hours,
        daily._file_md5
    from daily
    group by daily.ccn, daily.month, daily._file_md5

)

select * from final
