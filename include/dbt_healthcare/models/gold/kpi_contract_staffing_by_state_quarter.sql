-- KPI 3 by state and quarter, with a row for the nation: a ratio of sums, not a mean of shares.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

final as (

    select
        {{ state_or_nation('monthly_staffing') }} as state,
        monthly_staffing.quarter,
        count(distinct monthly_staffing.ccn) as facilities,
        count(distinct case when monthly_staffing.contract_hours > 0 then monthly_staffing.ccn end) as facilities_with_contract_staff,
        cast(sum(monthly_staffing.employee_hours) as double) as employee_hours,
        cast(sum(monthly_staffing.contract_hours) as double) as contract_hours,
        cast(sum(monthly_staffing.total_nurse_hours) as double) as total_nurse_hours,
        {{ measure_of_sums('contract_share_pct', 'monthly_staffing') }} as contract_share_pct,
        {{ measure_of_sums('rn_contract_share_pct', 'monthly_staffing') }} as rn_contract_share_pct,
        {{ measure_of_sums('lpn_contract_share_pct', 'monthly_staffing') }} as lpn_contract_share_pct,
        {{ measure_of_sums('nurse_aide_contract_share_pct', 'monthly_staffing') }} as nurse_aide_contract_share_pct,
        cast(sum(monthly_staffing.contract_hours_as_published) as double) as contract_hours_as_published,
        {{ measure_of_sums('contract_share_as_published_pct', 'monthly_staffing') }} as contract_share_as_published_pct
    from monthly_staffing
    group by {{ states_and_nation('monthly_staffing', ['quarter']) }}

)

select * from final
