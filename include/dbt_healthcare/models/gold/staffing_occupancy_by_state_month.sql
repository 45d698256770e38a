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
        month,
        quarter,
        count(distinct ccn) as facilities,
        count(distinct case when bed_days is not null then ccn end) as facilities_with_known_beds,
        cast(sum(resident_days) as bigint) as resident_days,
        {{ ratio('sum(resident_days)', 'sum(days)') }} as average_daily_census_per_facility,
        {{ hprd('sum(total_nurse_hours)', 'sum(resident_days)') }} as total_nurse_hprd,
        {{ hprd('sum(rn_hours)', 'sum(resident_days)') }} as rn_hprd,
        {{ contract_share_pct('sum(contract_hours)', 'sum(total_nurse_hours)') }} as contract_share_pct,
        {{ occupancy_pct('sum(resident_days_in_known_beds)', 'sum(bed_days)') }} as occupancy_pct
    from joined
    group by {{ states_and_nation('joined', ['month', 'quarter']) }}

)

select * from final
