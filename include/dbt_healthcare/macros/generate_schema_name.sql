{#
  Schemas are called bronze, staging, silver and gold everywhere: no target prefix. What was known on an earlier date is built beside
  them, from the same bronze: gold_as_known_on_20241231.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
    {%- if var('as_known_on') -%} _as_known_on_{{ var('as_known_on') | string | replace('-', '') }} {%- endif -%}
{%- endmacro %}
