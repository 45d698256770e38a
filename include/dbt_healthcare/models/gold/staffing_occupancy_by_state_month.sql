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
        throughput.bed_days
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
        {{ measure_of_sums('average_daily_census', 'joined') }} as average_daily_census_per_facility,
        {{ measure_of_sums('total_nurse_hprd', 'joined') }} as total_nurse_hprd,
        {{ measure_of_sums('rn_hprd', 'joined') }} as rn_hprd,
        {{ measure_of_sums('contract_share_pct', 'joined') }} as contract_share_pct,
        {{ measure_of_sums('occupancy_pct', 'joined') }} as occupancy_pct
    from joined
    group by {{ states_and_nation('joined', ['month', 'quarter']) }}

)

select * from final
