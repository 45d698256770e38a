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
        {{ measure_of_sums('total_nurse_hprd', 'by_dimension') }} as total_nurse_hprd,
        {{ measure_of_sums('rn_hprd', 'by_dimension') }} as rn_hprd,
        {{ measure_of_sums('lpn_hprd', 'by_dimension') }} as lpn_hprd,
        {{ measure_of_sums('nurse_aide_hprd', 'by_dimension') }} as nurse_aide_hprd,
        {{ measure_of_sums('weekend_total_nurse_hprd', 'by_dimension') }} as weekend_total_nurse_hprd,
        {{ measure_of_sums('contract_share_pct', 'by_dimension') }} as contract_share_pct,
        {{ measure_of_sums('occupancy_pct', 'by_dimension') }} as occupancy_pct
    from by_dimension
    group by {{ states_and_nation('by_dimension', ['quarter', 'dimension', 'dimension_key']) }}

)

select * from final
