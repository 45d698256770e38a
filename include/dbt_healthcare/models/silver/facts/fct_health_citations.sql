-- One row per health citation (F tag) of about three inspection cycles, as each vintage listed it.
with

new_citations as (

    select * from {{ ref('stg_nh_health_citations') }}
    where {{ new_rows('nh_health_citations') }}

),

citations as (

    select
        ccn,
        provider_name,
        state,
        survey_date,
        survey_type,
        deficiency_prefix,
        deficiency_tag_number,
        {{ deficiency_tag('deficiency_prefix', 'deficiency_tag_number') }} as deficiency_tag,
        deficiency_category,
        deficiency_description,
        scope_severity_code,
        {{ scope_severity_rank('scope_severity_code') }} as scope_severity_rank,
        deficiency_corrected,
        correction_date,
        inspection_cycle,
        is_standard_deficiency,
        is_complaint_deficiency,
        is_infection_control_deficiency,
        is_under_idr,
        is_under_iidr,
        survey_footnote,
        processing_date,
        _file_md5,
        _period,
        _source_row
    from new_citations

),

final as (

    select
        *,
        {{ is_serious('scope_severity_rank') }} as is_serious,
        {{ is_immediate_jeopardy('scope_severity_rank') }} as is_immediate_jeopardy,
        coalesce(is_infection_control_deficiency, false)
        or coalesce({{ is_infection_control_tag('deficiency_tag') }}, false) as is_infection_control
    from citations

)

select * from final
