-- One row a facility, claims measure and vintage: risk-adjusted, observed and expected score.
with

claims_quality_measures as (

    select * from {{ ref('stg_nh_quality_msr_claims') }}
    where {{ new_rows('nh_quality_msr_claims') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        measure_code,
        measure_description,
        resident_type,
        adjusted_score,
        observed_score,
        expected_score,
        footnote,
        is_used_in_five_star_rating,
        measure_period,
        processing_date,
        _file_md5,
        _period,
        _source_row
    from claims_quality_measures

)

select * from final
