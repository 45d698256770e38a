-- Average staffing by state and by type of facility (question 3): one row per state, quarter, dimension and value.
{%- set dimensions = {
    'ownership_group': 'ownership_group',
    'ownership_type': 'ownership_type',
    'provider_type': 'provider_type',
    'in_hospital': "case when is_in_hospital then 'In a hospital' when not is_in_hospital then 'Not in a hospital' end",
    'urban': "case when is_urban then 'Urban' when not is_urban then 'Rural' else 'Not published' end",
} %}
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

providers as (

    select * from {{ ref('dim_provider') }}

),

-- CMS says so since October 2025 only: it holds from that vintage to the next one that says so, and for no month before
urban_facilities as (

    select
        ccn,
        is_urban,
        processing_date as valid_from,
        lead(processing_date, 1, cast('9999-12-31' as date)) over (partition by ccn order by processing_date) as valid_to
    from {{ ref('fct_provider_snapshot') }}
    where is_urban is not null

),

throughput as (

    select * from {{ ref('kpi_resident_throughput_by_facility_month') }}

),

-- the facility as the vintage of the month, or the nearest one, describes it
typed_months as (

    select
        monthly_staffing.*,
        throughput.bed_days,
        case when throughput.bed_days is not null then monthly_staffing.resident_days end
            as resident_days_in_known_beds,
        providers.ownership_group,
        providers.ownership_type,
        providers.provider_type,
        providers.is_in_hospital,
        urban_facilities.is_urban
    from monthly_staffing
    inner join throughput
        on
            monthly_staffing.ccn = throughput.ccn
            and monthly_staffing.month = throughput.month
    left join providers
        on
            monthly_staffing.ccn = providers.ccn
            and monthly_staffing.last_work_date >= providers.nearest_from
            and monthly_staffing.last_work_date < providers.nearest_to
    left join urban_facilities
        on
            monthly_staffing.ccn = urban_facilities.ccn
            and monthly_staffing.last_work_date >= urban_facilities.valid_from
            and monthly_staffing.last_work_date < urban_facilities.valid_to

),

by_dimension as (
    {% for dimension, value in dimensions.items() %}
    select
        '{{ dimension }}' as dimension,
        coalesce({{ value }}, 'Not in ProviderInfo') as dimension_value,
        upper(coalesce({{ value }}, 'Not in ProviderInfo')) as dimension_key,
        typed_months.*
    from typed_months
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        {{ state_or_nation('by_dimension') }} as state,
        by_dimension.quarter,
        by_dimension.dimension,
        max(by_dimension.dimension_value) as value,
        count(distinct by_dimension.ccn) as facilities,
        cast(sum(by_dimension.resident_days) as bigint) as resident_days,
        cast(sum(by_dimension.total_nurse_hours) as double) as total_nurse_hours,
        {{ hprd('sum(by_dimension.total_nurse_hours)', 'sum(by_dimension.resident_days)') }} as total_nurse_hprd,
        {{ hprd('sum(by_dimension.rn_hours)', 'sum(by_dimension.resident_days)') }} as rn_hprd,
        {{ hprd('sum(by_dimension.lpn_hours)', 'sum(by_dimension.resident_days)') }} as lpn_hprd,
        {{ hprd('sum(by_dimension.nurse_aide_hours)', 'sum(by_dimension.resident_days)') }} as nurse_aide_hprd,
        {{ hprd('sum(by_dimension.weekend_total_nurse_hours)', 'sum(by_dimension.weekend_resident_days)') }}
            as weekend_total_nurse_hprd,
        {{ contract_share_pct('sum(by_dimension.contract_hours)', 'sum(by_dimension.total_nurse_hours)') }}
            as contract_share_pct,
        {{ occupancy_pct('sum(by_dimension.resident_days_in_known_beds)', 'sum(by_dimension.bed_days)') }}
            as occupancy_pct
    from by_dimension
    group by {{ states_and_nation('by_dimension', ['quarter', 'dimension', 'dimension_key']) }}

)

select * from final
