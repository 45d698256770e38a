-- One row per national SNF QRP figure and vintage: rates and counts of facilities by performance category.
with

snf_qrp_national as (

    select * from {{ ref('stg_snf_qrp_national_data') }}
    where {{ new_rows('snf_qrp_national_data') }}

),

final as (

    select
        'US' as state,
        ccn,
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
    from snf_qrp_national

)

select * from final
