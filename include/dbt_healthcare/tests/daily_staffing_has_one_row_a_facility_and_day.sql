-- The grain of fct_daily_nurse_staffing, by the counts that were made when its rows came: a month that has more rows than dates
-- has a day twice. Days of another quarter are refused beside it, so no two files can hold the same day.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

final as (

    select
        ccn,
        month,
        days,
        distinct_days,
        _file_md5
    from monthly_staffing
    where days <> distinct_days

)

select * from final
