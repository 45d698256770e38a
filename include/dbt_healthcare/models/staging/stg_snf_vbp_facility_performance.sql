-- Rendered from include/cms_contracts/families by `make contracts`; do not edit by hand.
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
        _landed_at
    from bronze_rows
    where _file_md5 in (select current_files.file_md5 from current_files)

)

select * from final
