{# How many rows fulfil a condition; a bigint under every adapter. #}
{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}

{# Share in percent points; null where there is nothing to divide by. #}
{% macro share_pct(part, whole) -%}
    cast(100.0 * {{ part }} / nullif({{ whole }}, 0) as double)
{%- endmacro %}
