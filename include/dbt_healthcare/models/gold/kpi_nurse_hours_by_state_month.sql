-- KPI 1, total hours worked: paid nurse hours by the PBJ file's own state and calendar month, with a row for the nation.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

final as (

    select
        {{ state_or_nation('monthly_staffing') }} as state,
        monthly_staffing.month,
        monthly_staffing.quarter,
        count(distinct monthly_staffing.ccn) as facilities,
        cast(sum(monthly_staffing.resident_days) as bigint) as resident_days,
        {%- for hours in ['total_nurse', 'rn', 'lpn', 'nurse_aide', 'direct_care', 'employee', 'contract'] %}
        cast(sum(monthly_staffing.{{ hours }}_hours) as double) as {{ hours }}_hours,
        {%- endfor %}
        {%- for category in nurse_categories() %}
        cast(sum(monthly_staffing.{{ category.name }}_hours) as double) as {{ category.name }}_hours,
        {%- endfor %}
        cast(sum(monthly_staffing.outlier_days) as bigint) as outlier_days,
        cast(sum(monthly_staffing.incomplete_days) as bigint) as incomplete_days
    from monthly_staffing
    group by {{ states_and_nation('monthly_staffing', ['month', 'quarter']) }}

)

select * from final
