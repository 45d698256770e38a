-- Nurse staffing beside occupancy (question 1), by state and month, so that their relation and lag can be read.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

throughput as (

    select * from {{ ref('kpi_resident_throughput_by_facility_month') }}

),

joined as (

    select
        monthly_staffing.*,
        throughput.bed_days,
        case when throughput.bed_days is not null then monthly_staffing.resident_days end as resident_days_in_known_beds
    from monthly_staffing
    inner join throughput
        on
            monthly_staffing.ccn = throughput.ccn
            and monthly_staffing.month = throughput.month

),

final as (

    select
        {{ state_or_nation('joined') }} as state,
        joined.month,
        joined.quarter,
        count(distinct joined.ccn) as facilities,
        count(distinct case when joined.bed_days is not null then joined.ccn end) as facilities_with_known_beds,
        cast(sum(joined.resident_days) as bigint) as resident_days,
        {{ ratio('sum(joined.resident_days)', 'sum(joined.days)') }} as average_daily_census_per_facility,
        {{ hprd('sum(joined.total_nurse_hours)', 'sum(joined.resident_days)') }} as total_nurse_hprd,
        {{ hprd('sum(joined.rn_hours)', 'sum(joined.resident_days)') }} as rn_hprd,
        {{ contract_share_pct('sum(joined.contract_hours)', 'sum(joined.total_nurse_hours)') }} as contract_share_pct,
        {{ occupancy_pct('sum(joined.resident_days_in_known_beds)', 'sum(joined.bed_days)') }} as occupancy_pct
    from joined
    group by {{ states_and_nation('joined', ['month', 'quarter']) }}

)

select * from final
