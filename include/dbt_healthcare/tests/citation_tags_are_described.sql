{{ config(severity='warn', tags=['across_models']) }}
{# Tags that were cited but that no vintage of CMS's citation look-up describes. Silent while the look-up is absent. #}
with

citations as (

    select
        deficiency_tag,
        deficiency_tag as look_up_tag
    from {{ ref('fct_health_citations') }}
    union
    select
        deficiency_tag,
        look_up_tag
    from {{ ref('fct_fire_safety_citations') }}

),

described as (

    select deficiency_tag from {{ ref('dim_citation') }}

)

select citations.deficiency_tag
from citations
where
    citations.look_up_tag not in (select described.deficiency_tag from described)
    and citations.deficiency_tag not in (select described.deficiency_tag from described)
    and exists (select 1 from described)
