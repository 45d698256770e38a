{#- Families that name facilities, best informed first. Swing-bed CCNs are hospitals, so that family is not among them. -#}
{%- set other_families = [
    'nh_quality_msr_claims', 'nh_quality_msr_mds', 'nh_health_citations', 'nh_fire_safety_citations', 'nh_survey_summary',
    'nh_penalties', 'nh_ownership', 'snf_vbp_facility_performance', 'snf_qrp_provider_data',
] -%}
-- SCD1: every CCN that any file names, as the source that knows it best says: ProviderInfo, then PBJ, then the others.
with

provider_info as (

    select * from {{ ref('fct_provider_snapshot') }}

),

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

newest_provider_info as (

    select *
    from provider_info
    qualify row_number() over (partition by ccn order by {{ newest_provider_info_first() }}) = 1

),

named as (

    select
        ccn,
        1 as source_rank,
        'nh_provider_info' as named_by_family,
        processing_date as seen_date,
        provider_name,
        provider_address,
        city,
        state,
        zip_code,
        county_name
    from newest_provider_info

    union all

    select
        ccn,
        2 as source_rank,
        'pbj_daily_nurse_staffing' as named_by_family,
        max(last_work_date) as seen_date,
        {{ newest_known('provider_name', 'month') }} as provider_name,
        cast(null as varchar) as provider_address,
        {{ newest_known('city', 'month') }} as city,
        {{ newest_known('state', 'month') }} as state,
        cast(null as varchar) as zip_code,
        {{ newest_known('county_name', 'month') }} as county_name
    from monthly_staffing
    group by ccn
    {% for family in other_families %}
    union all

    select
        ccn,
        {{ loop.index + 2 }} as source_rank,
        '{{ family }}' as named_by_family,
        max({{ period_start_date('_period') }}) as seen_date,
        {{ newest_known('provider_name', '_period') }} as provider_name,
        {{ 'cast(null as varchar)' if family == 'snf_qrp_provider_data' else newest_known('provider_address', '_period') }}
            as provider_address,
        {{ newest_known('city', '_period') }} as city,
        {{ newest_known('state', '_period') }} as state,
        {{ newest_known('zip_code', '_period') }} as zip_code,
        cast(null as varchar) as county_name
    from {{ ref('stg_' ~ family) }}
    group by ccn
    {% endfor %}

),

best_named as (

    select * from named
    qualify row_number() over (partition by ccn order by source_rank) = 1

),

seen as (

    select
        ccn,
        processing_date as seen_date
    from provider_info
    union all
    select
        ccn,
        first_work_date as seen_date
    from monthly_staffing
    union all
    select
        ccn,
        seen_date
    from named

),

spans as (

    select
        ccn,
        min(seen_date) as first_seen,
        max(seen_date) as last_seen
    from seen
    group by ccn

),

final as (

    select
        best_named.ccn,
        best_named.provider_name,
        best_named.provider_address,
        best_named.city,
        best_named.state,
        best_named.zip_code,
        best_named.county_name,
        newest_provider_info.ownership_type,
        {{ ownership_group('newest_provider_info.ownership_type') }} as ownership_group,
        newest_provider_info.provider_type,
        newest_provider_info.is_in_hospital,
        newest_provider_info.certified_beds,
        newest_provider_info.latitude,
        newest_provider_info.longitude,
        best_named.source_rank = 1 as in_provider_info,
        best_named.named_by_family,
        spans.first_seen,
        spans.last_seen
    from best_named
    inner join spans on best_named.ccn = spans.ccn
    left join newest_provider_info on best_named.ccn = newest_provider_info.ccn

)

select * from final
