{# CMS footnote codes (NH Data Dictionary, table 17): several in one cell are separated by commas. #}

{% macro has_footnote(column, code) -%}
    ',' || replace({{ column }}, ' ', '') || ',' like '%,{{ code }},%'
{%- endmacro %}

{# No value, and CMS says why. #}
{% macro is_suppressed(value, footnote) -%}
    {{ value }} is null and {{ footnote }} is not null
{%- endmacro %}
