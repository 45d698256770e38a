-- One row per facility, claims measure and vintage: risk-adjusted, observed and expected score.
with

claims_quality_measures as (

    select * from {{ ref('stg_nh_quality_msr_claims') }}
    where {{ new_rows('nh_quality_msr_claims') }}

),

final as (

    select {{ preserved_columns(['provider_address', 'city', 'zip_code', 'location']) }}
    from claims_quality_measures

)

select * from final
