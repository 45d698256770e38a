{# Whether a value differs from that of the row before it; false for the first row. #}
{% macro has_changed(value, partition_by, order_by) -%}
    coalesce({{ value }} != lag({{ value }}) over (partition by {{ partition_by }} order by {{ order_by }}), false)
{%- endmacro %}
