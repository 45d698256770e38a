-- One row a facility and SNF VBP programme year: readmission rates as published (fractions) and in percent points.
with

snf_vbp_facility_performance as (

    select * from {{ ref('stg_snf_vbp_facility_performance') }}
    where {{ new_rows('snf_vbp_facility_performance') }}

),

final as (

    select
        ccn,
        provider_name,
        city,
        state,
        program_ranking,
        program_ranking_footnote,
        baseline_readmission_rate,
        {{ fraction_to_pct('baseline_readmission_rate') }} as baseline_readmission_rate_pct,
        baseline_readmission_rate_footnote,
        performance_readmission_rate,
        {{ fraction_to_pct('performance_readmission_rate') }} as performance_readmission_rate_pct,
        performance_readmission_rate_footnote,
        achievement_score,
        achievement_score_footnote,
        improvement_score,
        improvement_score_footnote,
        performance_score,
        performance_score_footnote,
        incentive_payment_multiplier,
        incentive_payment_multiplier_footnote,
        baseline_fiscal_year,
        performance_fiscal_year,
        {{ period_start_date('_period') }} as program_start_date,
        _file_md5,
        _period,
        _source_row
    from snf_vbp_facility_performance

)

select * from final
