{# How many rows fulfil a condition; a bigint under every adapter. #}
{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}

{# Share in percent points; null where there is nothing to divide by. Doubles first: Snowflake rounds quotients of decimals to 6 places. #}
{% macro share_pct(part, whole) -%}
    cast(100.0 * {{ part }} as double) / nullif(cast({{ whole }} as double), 0)
{%- endmacro %}

{# Of a group, the newest value that is known. Alone, max_by passes over unknown values on DuckDB and returns them on Snowflake. #}
{% macro newest_known(value, at) -%}
    max_by({{ value }}, case when {{ value }} is not null then {{ at }} end)
{%- endmacro %}

{#
  A double that is going to be added up, as a decimal. Doubles added in another order, as threads do, differ in their last digit;
  decimals do not, so that a rebuild gives the same gold to the last digit.
#}
{% macro addable(value) -%}
    cast({{ value }} as decimal(24, 12))
{%- endmacro %}

{# The mean of doubles, the same in every build. #}
{% macro mean(value) -%}
    cast(avg({{ addable(value) }}) as double)
{%- endmacro %}
