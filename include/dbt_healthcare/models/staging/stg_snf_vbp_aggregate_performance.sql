-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
with

bronze_rows as (

    select * from {{ source('bronze', 'snf_vbp_aggregate_performance') }}

),

current_files as (

    select file_md5 from {{ ref('current_files') }}

),

final as (

    select
        {{ cms_number('baseline_national_readmission_rate') }} as baseline_national_readmission_rate,
        {{ cms_number('performance_national_readmission_rate') }} as performance_national_readmission_rate,
        {{ cms_number('achievement_threshold') }} as achievement_threshold,
        {{ cms_number('benchmark') }} as benchmark,
        {{ cms_number('readmission_baseline_national_rate') }} as readmission_baseline_national_rate,
        {{ cms_number('readmission_performance_national_rate') }} as readmission_performance_national_rate,
        {{ cms_number('hai_baseline_national_rate') }} as hai_baseline_national_rate,
        {{ cms_number('hai_performance_national_rate') }} as hai_performance_national_rate,
        {{ cms_number('hai_achievement_threshold') }} as hai_achievement_threshold,
        {{ cms_number('hai_benchmark') }} as hai_benchmark,
        {{ cms_number('turnover_baseline_national_rate') }} as turnover_baseline_national_rate,
        {{ cms_number('turnover_performance_national_rate') }} as turnover_performance_national_rate,
        {{ cms_number('turnover_achievement_threshold') }} as turnover_achievement_threshold,
        {{ cms_number('turnover_benchmark') }} as turnover_benchmark,
        {{ cms_number('nurse_staffing_baseline_national_hprd') }} as nurse_staffing_baseline_national_hprd,
        {{ cms_number('nurse_staffing_performance_national_hprd') }} as nurse_staffing_performance_national_hprd,
        {{ cms_number('nurse_staffing_achievement_threshold') }} as nurse_staffing_achievement_threshold,
        {{ cms_number('nurse_staffing_benchmark') }} as nurse_staffing_benchmark,
        {{ cms_text('performance_score_range') }} as performance_score_range,
        {{ cms_integer('snfs_receiving_payments') }} as snfs_receiving_payments,
        {{ cms_text('incentive_payment_multiplier_range') }} as incentive_payment_multiplier_range,
        {{ cms_text('incentive_payment_range_usd') }} as incentive_payment_range_usd,
        {{ cms_text('total_incentive_payments_usd') }} as total_incentive_payments_usd,
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
