-- One row per quality measure code: what it measures, in which unit, and which direction is better (SCD1, latest wording).
with

measure_catalog as (

    select * from {{ ref('measure_catalog') }}

),

published_measures as (

    select measure_code, 'mds' as source, resident_type, measure_description, _period
    from {{ ref('fct_mds_quality_measures') }}
    group by all

    union all

    select measure_code, 'claims' as source, resident_type, measure_description, _period
    from {{ ref('fct_claims_quality_measures') }}
    group by all

    union all

    select measure_code, 'qrp' as source, 'Short Stay' as resident_type, null as measure_description, _period
    from {{ ref('fct_snf_qrp_measures') }}
    group by all

    union all

    select measure_code, 'qrp_national' as source, 'Short Stay' as resident_type, null as measure_description, _period
    from {{ ref('fct_snf_qrp_national') }}
    group by all

),

latest_wording as (

    select
        measure_code,
        source,
        resident_type,
        measure_description,
        min(_period) over (partition by measure_code) as first_period,
        max(_period) over (partition by measure_code) as last_period
    from published_measures
    qualify row_number() over (partition by measure_code order by _period desc, measure_description asc) = 1

),

final as (

    select
        coalesce(latest_wording.measure_code, measure_catalog.measure_code) as measure_code,
        coalesce(latest_wording.source, measure_catalog.source) as source,
        coalesce(latest_wording.resident_type, measure_catalog.resident_type) as resident_type,
        coalesce(latest_wording.measure_description, measure_catalog.description) as measure_description,
        measure_catalog.unit,
        measure_catalog.better_direction,
        measure_catalog.measure_code is not null as is_in_catalog,
        latest_wording.first_period,
        latest_wording.last_period
    from latest_wording
    full outer join measure_catalog on latest_wording.measure_code = measure_catalog.measure_code

)

select * from final
