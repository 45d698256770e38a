{# where clause of a row-preserving fact: leaves out what `exact_repeats` finds, so that the rule stands in one place. #}
{% macro without_repeats(family, key=none) -%}
    (_file_md5, _source_row) not in (
        {{ exact_repeats(family, key) }}
    )
{%- endmacro %}
