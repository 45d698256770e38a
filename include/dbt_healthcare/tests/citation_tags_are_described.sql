{{ config(severity='warn') }}
{# Tags that were cited but that no vintage of CMS's citation look-up describes. Silent while the look-up is absent. #}
with

citations as (

    select deficiency_tag from {{ ref('fct_health_citations') }}
    union
    select deficiency_tag from {{ ref('fct_fire_safety_citations') }}

),

described as (

    select deficiency_tag from {{ ref('dim_citation') }}

)

select citations.deficiency_tag
from citations
left join described on citations.deficiency_tag = described.deficiency_tag
where
    described.deficiency_tag is null
    and exists (select 1 from described as any_tag)
