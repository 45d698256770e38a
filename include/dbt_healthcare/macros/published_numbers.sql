{# Numbers inside published text. A text without a number gives null: the text stays beside it. #}

{# Scores of the SNF QRP are text: 9.02, "Not Available", or a performance category. #}
{% macro cms_number_if_any(column) -%}
    try_cast(replace({{ column }}, ',', '') as double)
{%- endmacro %}

{# SNF VBP publishes 0.19788 for 19.788 %; five published decimals leave three. Rounded because doubles are not decimal. #}
{% macro fraction_to_pct(column) -%}
    round(100 * {{ column }}, 5)
{%- endmacro %}

{# Cut points: 6.001-14.667 (both included) or >38.000 (open upwards, bound not included). #}
{% macro range_lower_bound(column) -%}
    try_cast(replace(split_part({{ column }}, '-', 1), '>', '') as double)
{%- endmacro %}

{% macro range_upper_bound(column) -%}
    try_cast(nullif(split_part({{ column }}, '-', 2), '') as double)
{%- endmacro %}
