{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook='{{ delete_outdated_months() }}',
) }}
-- One row a facility and month: hours above the facility's own usual day. Incremental by month, for it reads every day of a month.
with

daily_staffing as (

    select
        ccn,
        month,
        total_nurse_hours
    from {{ ref('fct_daily_nurse_staffing') }}
    where {{ only_outdated_months() }}

),

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

wanted_months as (

    select
        ccn,
        month
    from monthly_staffing
    where {{ only_outdated_months() }}

),

sources as (

    {{ sources_of_trailing_quarters() }}

),

-- the usual day: mean of the trailing quarter, i.e. of the month and the two months before it, as far as they are loaded
usual_days as (

    select
        months.ccn,
        months.month,
        sum(recent.total_nurse_hours) as trailing_quarter_hours,
        sum(recent.days) as trailing_quarter_days
    from wanted_months as months
    inner join monthly_staffing as recent
        on
            months.ccn = recent.ccn
            and recent.month between {{ add_months('months.month', -2) }} and months.month
    group by months.ccn, months.month

),

usual_means as (

    select
        *,
        {{ ratio('trailing_quarter_hours', 'trailing_quarter_days') }} as usual_daily_hours
    from usual_days

),

surges as (

    select
        daily_staffing.ccn,
        daily_staffing.month,
        cast(sum(greatest(daily_staffing.total_nurse_hours - {{ addable('usual_means.usual_daily_hours') }}, 0)) as double)
            as surge_hours
    from daily_staffing
    inner join usual_means
        on
            daily_staffing.ccn = usual_means.ccn
            and daily_staffing.month = usual_means.month
    group by daily_staffing.ccn, daily_staffing.month

),

final as (

    select
        usual_means.ccn,
        usual_means.month,
        usual_means.usual_daily_hours,
        cast(usual_means.trailing_quarter_days as bigint) as trailing_quarter_days,
        surges.surge_hours,
        sources.built_from
    from usual_means
    inner join surges
        on
            usual_means.ccn = surges.ccn
            and usual_means.month = surges.month
    inner join sources on usual_means.month = sources.month

)

select * from final
