-- KPI 4, overtime PROXY: no public file holds overtime. Contract share, and hours above the facility's own usual day.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

surges as (

    select * from {{ ref('surge_hours_by_month') }}

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
        surges.usual_daily_hours,
        surges.trailing_quarter_days,
        surges.surge_hours,
        {{ ratio('surges.surge_hours', 'monthly_staffing.total_nurse_hours', times=100) }} as surge_share_pct
    from monthly_staffing
    inner join surges
        on
            monthly_staffing.ccn = surges.ccn
            and monthly_staffing.month = surges.month

)

select * from final
