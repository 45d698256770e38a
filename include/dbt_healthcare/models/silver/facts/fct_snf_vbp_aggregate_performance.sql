-- One row per SNF VBP program year: national figures of the measures, thresholds and payments.
with

snf_vbp_aggregate_performance as (

    select * from {{ ref('stg_snf_vbp_aggregate_performance') }}
    where {{ new_rows('snf_vbp_aggregate_performance') }}

),

final as (

    select
        'US' as state,
        snf_vbp_aggregate_performance.* exclude (_source_file, _landed_at, _occurrence),
        {{ programme_year('_period') }} as programme_year,
        {{ period_start_date('_period') }} as program_start_date
    from snf_vbp_aggregate_performance

)

select * from final
