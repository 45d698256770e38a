-- One row per facility and SNF VBP program year: the measures as published (fractions, hours) and readmissions in percent points.
with

snf_vbp_facility_performance as (

    select * from {{ ref('stg_snf_vbp_facility_performance') }}
    where {{ new_rows('snf_vbp_facility_performance') }}

),

final as (

    select
        * exclude (provider_address, zip_code, _source_file, _landed_at, _occurrence),
        {{ fraction_to_pct('baseline_readmission_rate') }} as baseline_readmission_rate_pct,
        {{ fraction_to_pct('performance_readmission_rate') }} as performance_readmission_rate_pct,
        {{ programme_year('_period') }} as programme_year,
        {{ period_start_date('_period') }} as program_start_date
    from snf_vbp_facility_performance

)

select * from final
