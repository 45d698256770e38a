-- One row a facility and month: sums of its days, exact, so that every coarser figure is a ratio of sums.
with

daily as (

    select * from {{ ref('fct_daily_nurse_staffing') }}
    where {{ only_new_files('pbj_daily_nurse_staffing') }}

),

final as (

    select
        ccn,
        month,
        max_by(provider_name, work_date) as provider_name,
        max_by(city, work_date) as city,
        max_by(state, work_date) as state,
        max_by(county_name, work_date) as county_name,
        max(quarter) as quarter,
        min(work_date) as first_work_date,
        max(work_date) as last_work_date,
        cast(count(*) as bigint) as days,
        cast(sum(resident_census) as bigint) as resident_days,
        cast(count_if(resident_census = 0) as bigint) as zero_census_days,
        cast(count_if(has_no_nurse_hours) as bigint) as no_nurse_days,
        cast(count_if(is_outlier) as bigint) as outlier_days,
        {%- for category in nurse_categories() %}
        sum({{ category.name }}_hours) as {{ category.name }}_hours,
        {%- endfor %}
        sum(total_nurse_hours) as total_nurse_hours,
        sum(rn_hours) as rn_hours,
        sum(lpn_hours) as lpn_hours,
        sum(nurse_aide_hours) as nurse_aide_hours,
        sum(direct_care_hours) as direct_care_hours,
        sum(employee_hours) as employee_hours,
        sum(contract_hours) as contract_hours,
        {%- for group in ['rn', 'lpn', 'nurse_aide'] %}
        sum({{ nurse_hours(group, '_contract') }}) as {{ group }}_contract_hours,
        {%- endfor %}
        sum(case when resident_census > 0 then total_nurse_hours else 0 end) as total_nurse_hours_on_census_days,
        cast(sum(case when is_weekend then resident_census else 0 end) as bigint) as weekend_resident_days,
        sum(case when is_weekend then total_nurse_hours else 0 end) as weekend_total_nurse_hours,
        sum(case when is_weekend then rn_hours else 0 end) as weekend_rn_hours,
        _file_md5
    from daily
    group by ccn, month, _file_md5

)

select * from final
