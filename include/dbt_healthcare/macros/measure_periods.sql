{# SNF VBP speaks of fiscal years (October to September), everything else of dates. #}
{% macro measure_period_label(relation) -%}
    case
        when {{ relation }}.source = 'vbp' then 'FY' || cast(extract(year from {{ relation }}.period_end_date) as varchar)
        else cast({{ relation }}.period_start_date as varchar) || ' to ' || cast({{ relation }}.period_end_date as varchar)
    end
{%- endmacro %}
