-- KPI 4, overtime PROXY: no public file holds overtime. Contract share, and hours above the facility's own usual day.
with

daily_staffing as (

    select
        ccn,
        month,
        total_nurse_hours
    from {{ ref('fct_daily_nurse_staffing') }}

),

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

-- the usual day: mean of the trailing quarter, i.e. of the month and the two months before it, as far as they are loaded
usual_days as (

    select
        months.ccn,
        months.month,
        sum(recent.total_nurse_hours) as trailing_quarter_hours,
        sum(recent.days) as trailing_quarter_days
    from monthly_staffing as months
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
        monthly_staffing.ccn,
        monthly_staffing.provider_name,
        monthly_staffing.state,
        monthly_staffing.month,
        monthly_staffing.quarter,
        cast(monthly_staffing.total_nurse_hours as double) as total_nurse_hours,
        cast(monthly_staffing.contract_hours as double) as contract_hours,
        {{ contract_share_pct('monthly_staffing.contract_hours', 'monthly_staffing.total_nurse_hours') }}
            as contract_share_pct,
        usual_means.usual_daily_hours,
        cast(usual_means.trailing_quarter_days as bigint) as trailing_quarter_days,
        surges.surge_hours,
        {{ ratio('surges.surge_hours', 'monthly_staffing.total_nurse_hours', times=100) }} as surge_share_pct
    from monthly_staffing
    inner join usual_means
        on
            monthly_staffing.ccn = usual_means.ccn
            and monthly_staffing.month = usual_means.month
    inner join surges
        on
            monthly_staffing.ccn = surges.ccn
            and monthly_staffing.month = surges.month

)

select * from final
