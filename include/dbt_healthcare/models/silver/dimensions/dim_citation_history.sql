-- One row per deficiency tag and vintage of CMS's citation look-up: its wording at that time, and where the wording changed.
with

citation_descriptions as (

    select * from {{ ref('stg_nh_citation_descriptions') }}
    where {{ is_kept('nh_citation_descriptions') }}

),

tagged as (

    select
        {{ deficiency_tag('deficiency_prefix', 'deficiency_tag_number') }} as deficiency_tag,
        deficiency_prefix,
        deficiency_tag_number,
        deficiency_description,
        deficiency_category,
        {{ period_start_date('_period') }} as processing_date,
        _file_md5,
        _period,
        _source_row
    from citation_descriptions

),

final as (

    select
        *,
        {{ is_infection_control_tag('deficiency_tag') }} as is_infection_control,
        {{ has_changed('deficiency_description', 'deficiency_tag', 'processing_date') }} as is_new_wording
    from tagged

)

select * from final
