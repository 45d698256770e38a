-- KPI 4, overtime PROXY: no public file holds overtime. Contract share, and hours above the facility's own usual day.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

surges as (

    select * from {{ ref('surge_hours_by_month') }}

),

staffing_with_surges as (

    select
        monthly_staffing.*,
        surges.usual_daily_hours,
        surges.trailing_quarter_days,
        surges.surge_hours
    from monthly_staffing
    inner join surges
        on
            monthly_staffing.ccn = surges.ccn
            and monthly_staffing.month = surges.month

),

final as (

    select
        ccn,
        provider_name,
        state,
        month,
        quarter,
        cast(total_nurse_hours as double) as total_nurse_hours,
        cast(contract_hours as double) as contract_hours,
        {{ measure('contract_share_pct') }} as contract_share_pct,
        usual_daily_hours,
        trailing_quarter_days,
        surge_hours,
        {{ measure('surge_share_pct') }} as surge_share_pct
    from staffing_with_surges

)

select * from final
