-- The facility profile's citations: one row per health or fire-safety citation of the latest vintage of its family.
{%- set families = ['health_citations', 'fire_safety_citations'] %}
with

{% for family in families -%}
{{ family }} as (

    select * from {{ ref('fct_' ~ family) }}

),

{% endfor -%}

final as (
    {% for family in families %}
    select
        ccn,
        provider_name,
        state,
        survey_date,
        survey_type,
        deficiency_tag,
        deficiency_category,
        deficiency_description,
        scope_severity_code,
        scope_severity_rank,
        is_serious,
        is_immediate_jeopardy,
        is_infection_control,
        is_standard_deficiency,
        is_complaint_deficiency,
        deficiency_corrected,
        correction_date,
        inspection_cycle,
        processing_date
    from {{ family }}
    where _period = (select max(newest._period) from {{ family }} as newest)
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select * from final
