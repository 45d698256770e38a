-- One row a SNF VBP programme year: national readmission rates, thresholds and payments.
with

snf_vbp_aggregate_performance as (

    select * from {{ ref('stg_snf_vbp_aggregate_performance') }}
    where {{ new_rows('snf_vbp_aggregate_performance') }}

),

final as (

    select
        'US' as state,
        baseline_national_readmission_rate,
        {{ fraction_to_pct('baseline_national_readmission_rate') }} as baseline_national_readmission_rate_pct,
        performance_national_readmission_rate,
        {{ fraction_to_pct('performance_national_readmission_rate') }} as performance_national_readmission_rate_pct,
        achievement_threshold,
        benchmark,
        performance_score_range,
        snfs_receiving_payments,
        incentive_payment_multiplier_range,
        incentive_payment_range_usd,
        total_incentive_payments_usd,
        baseline_fiscal_year,
        performance_fiscal_year,
        {{ period_start_date('_period') }} as program_start_date,
        _file_md5,
        _period,
        _source_row
    from snf_vbp_aggregate_performance

)

select * from final
