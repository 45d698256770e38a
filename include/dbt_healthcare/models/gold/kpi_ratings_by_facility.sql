-- KPI 9: the star ratings of one facility in one ProviderInfo vintage, with the footnote that explains a missing star.
with

provider_snapshot as (

    select * from {{ ref('fct_provider_snapshot') }}

),

rating_definitions as (

    select * from {{ ref('definition_changes') }}
    where subject = 'ratings'

),

final as (

    select
        provider_snapshot.ccn,
        provider_snapshot.provider_name,
        provider_snapshot.state,
        provider_snapshot.processing_date,
        provider_snapshot.overall_rating,
        provider_snapshot.overall_rating_footnote,
        provider_snapshot.health_inspection_rating,
        provider_snapshot.health_inspection_rating_footnote,
        provider_snapshot.staffing_rating,
        provider_snapshot.staffing_rating_footnote,
        provider_snapshot.qm_rating,
        provider_snapshot.qm_rating_footnote,
        provider_snapshot.long_stay_qm_rating,
        provider_snapshot.long_stay_qm_rating_footnote,
        provider_snapshot.short_stay_qm_rating,
        provider_snapshot.short_stay_qm_rating_footnote,
        {{ special_focus_status('provider_snapshot.special_focus_status') }} as special_focus_status,
        provider_snapshot.has_abuse_icon,
        provider_snapshot.total_weighted_health_survey_score,
        rating_definitions.definition_period
    from provider_snapshot
    left join rating_definitions
        on
            provider_snapshot.processing_date >= rating_definitions.valid_from
            and provider_snapshot.processing_date < rating_definitions.valid_to

)

select * from final
