-- One row per facility, SNF QRP figure and vintage (48 per facility): pivot before joining to providers.
with

snf_qrp_measures as (

    select * from {{ ref('stg_snf_qrp_provider_data') }}
    where {{ new_rows('snf_qrp_provider_data') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        cms_region,
        measure_code,
        score,
        {{ cms_number_if_any('score') }} as score_value,
        footnote,
        start_date,
        end_date,
        measure_date_range,
        {{ period_start_date('_period') }} as processing_date,
        _file_md5,
        _period,
        _source_row
    from snf_qrp_measures

)

select * from final
