-- One row per swing-bed hospital, SNF QRP figure and vintage; these hospitals are not in ProviderInfo.
with

swing_bed_measures as (

    select * from {{ ref('stg_swing_bed_snf_data') }}
    where {{ new_rows('swing_bed_snf_data') }}

),

final as (

    select
        ccn,
        provider_name,
        city,
        state,
        county_name,
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
    from swing_bed_measures

)

select * from final
