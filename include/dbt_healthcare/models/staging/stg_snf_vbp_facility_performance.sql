-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
with

bronze_rows as (

    select * from {{ source('bronze', 'snf_vbp_facility_performance') }}

),

current_files as (

    select file_md5 from {{ ref('current_files') }}

),

final as (

    select
        {{ cms_integer('program_ranking') }} as program_ranking,
        {{ cms_footnote('program_ranking_footnote') }} as program_ranking_footnote,
        {{ cms_ccn('ccn') }} as ccn,
        {{ cms_text('provider_name') }} as provider_name,
        {{ cms_text('provider_address') }} as provider_address,
        {{ cms_text('city') }} as city,
        {{ cms_state('state') }} as state,
        {{ cms_text('zip_code') }} as zip_code,
        {{ cms_number('baseline_readmission_rate') }} as baseline_readmission_rate,
        {{ cms_footnote('baseline_readmission_rate_footnote') }} as baseline_readmission_rate_footnote,
        {{ cms_number('performance_readmission_rate') }} as performance_readmission_rate,
        {{ cms_footnote('performance_readmission_rate_footnote') }} as performance_readmission_rate_footnote,
        {{ cms_number('achievement_score') }} as achievement_score,
        {{ cms_footnote('achievement_score_footnote') }} as achievement_score_footnote,
        {{ cms_number('improvement_score') }} as improvement_score,
        {{ cms_footnote('improvement_score_footnote') }} as improvement_score_footnote,
        {{ cms_number('readmission_achievement_score') }} as readmission_achievement_score,
        {{ cms_footnote('readmission_achievement_score_footnote') }} as readmission_achievement_score_footnote,
        {{ cms_number('readmission_improvement_score') }} as readmission_improvement_score,
        {{ cms_footnote('readmission_improvement_score_footnote') }} as readmission_improvement_score_footnote,
        {{ cms_number('readmission_measure_score') }} as readmission_measure_score,
        {{ cms_footnote('readmission_measure_score_footnote') }} as readmission_measure_score_footnote,
        {{ cms_number('hai_baseline_rate') }} as hai_baseline_rate,
        {{ cms_footnote('hai_baseline_rate_footnote') }} as hai_baseline_rate_footnote,
        {{ cms_number('hai_performance_rate') }} as hai_performance_rate,
        {{ cms_footnote('hai_performance_rate_footnote') }} as hai_performance_rate_footnote,
        {{ cms_number('hai_achievement_score') }} as hai_achievement_score,
        {{ cms_footnote('hai_achievement_score_footnote') }} as hai_achievement_score_footnote,
        {{ cms_number('hai_improvement_score') }} as hai_improvement_score,
        {{ cms_footnote('hai_improvement_score_footnote') }} as hai_improvement_score_footnote,
        {{ cms_number('hai_measure_score') }} as hai_measure_score,
        {{ cms_footnote('hai_measure_score_footnote') }} as hai_measure_score_footnote,
        {{ cms_number('turnover_baseline_rate') }} as turnover_baseline_rate,
        {{ cms_footnote('turnover_baseline_rate_footnote') }} as turnover_baseline_rate_footnote,
        {{ cms_number('turnover_performance_rate') }} as turnover_performance_rate,
        {{ cms_footnote('turnover_performance_rate_footnote') }} as turnover_performance_rate_footnote,
        {{ cms_number('turnover_achievement_score') }} as turnover_achievement_score,
        {{ cms_footnote('turnover_achievement_score_footnote') }} as turnover_achievement_score_footnote,
        {{ cms_number('turnover_improvement_score') }} as turnover_improvement_score,
        {{ cms_footnote('turnover_improvement_score_footnote') }} as turnover_improvement_score_footnote,
        {{ cms_number('turnover_measure_score') }} as turnover_measure_score,
        {{ cms_footnote('turnover_measure_score_footnote') }} as turnover_measure_score_footnote,
        {{ cms_number('nurse_staffing_baseline_hprd') }} as nurse_staffing_baseline_hprd,
        {{ cms_footnote('nurse_staffing_baseline_hprd_footnote') }} as nurse_staffing_baseline_hprd_footnote,
        {{ cms_number('nurse_staffing_performance_hprd') }} as nurse_staffing_performance_hprd,
        {{ cms_footnote('nurse_staffing_performance_hprd_footnote') }} as nurse_staffing_performance_hprd_footnote,
        {{ cms_number('nurse_staffing_achievement_score') }} as nurse_staffing_achievement_score,
        {{ cms_footnote('nurse_staffing_achievement_score_footnote') }} as nurse_staffing_achievement_score_footnote,
        {{ cms_number('nurse_staffing_improvement_score') }} as nurse_staffing_improvement_score,
        {{ cms_footnote('nurse_staffing_improvement_score_footnote') }} as nurse_staffing_improvement_score_footnote,
        {{ cms_number('nurse_staffing_measure_score') }} as nurse_staffing_measure_score,
        {{ cms_footnote('nurse_staffing_measure_score_footnote') }} as nurse_staffing_measure_score_footnote,
        {{ cms_number('performance_score') }} as performance_score,
        {{ cms_footnote('performance_score_footnote') }} as performance_score_footnote,
        {{ cms_number('incentive_payment_multiplier') }} as incentive_payment_multiplier,
        {{ cms_footnote('incentive_payment_multiplier_footnote') }} as incentive_payment_multiplier_footnote,
        {{ cms_integer('baseline_fiscal_year') }} as baseline_fiscal_year,
        {{ cms_integer('performance_fiscal_year') }} as performance_fiscal_year,
        _source_file,
        _source_row,
        _file_md5,
        _period,
        _landed_at,
        _occurrence
    from bronze_rows
    where _file_md5 in (select current_files.file_md5 from current_files)

)

select * from final
