{#
  How the text of a CMS cell becomes a value: one macro for each type word of the contracts.
  Certification has rejected every cell that none of these can read, so the casts are strict: they fail, they never drop.
#}

{# By the type's name, where a model does not stand in the contract's words itself. #}
{% macro cms_cell(column, type) -%}
    {{ return({
        'ccn': cms_ccn, 'state': cms_state, 'text': cms_text, 'integer': cms_integer, 'number': cms_number, 'hours': cms_hours,
    }[type](column)) }}
{%- endmacro %}

{% macro cms_blank_to_null(column) -%}
    case when upper(trim({{ column }})) in ('', '-', '--', '---', '.', 'N/A', 'NA', 'NULL', 'NOT AVAILABLE', 'NOT APPLICABLE')
        then null else trim({{ column }}) end
{%- endmacro %}

{% macro cms_text(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{% macro cms_ccn(column) -%}
    upper(trim({{ column }}))
{%- endmacro %}

{% macro cms_state(column) -%}
    case when upper(trim({{ column }})) in ('NATION', 'NATIONAL', 'US') then 'US' else nullif(upper(trim({{ column }})), '') end
{%- endmacro %}

{% macro cms_footnote(column) -%}
    {{ cms_blank_to_null(column) }}
{%- endmacro %}

{% macro cms_flag(column) -%}
    case
        when upper(trim({{ column }})) in ('Y', 'YES', 'TRUE', '1') then true
        when upper(trim({{ column }})) in ('N', 'NO', 'FALSE', '0') then false
    end
{%- endmacro %}

{% macro cms_integer(column) -%}
    cast({{ cms_blank_to_null(column) }} as integer)
{%- endmacro %}

{% macro cms_number(column) -%}
    cast({{ cms_blank_to_null(column) }} as double)
{%- endmacro %}

{% macro cms_hours(column) -%}
    {{ as_hours(cms_blank_to_null(column)) }}
{%- endmacro %}

{# Hours as they are stored. A sum or difference is typed wider by the warehouse (38 digits), which takes four times the disk. #}
{% macro as_hours(value) -%}
    cast({{ value }} as decimal(18, 2))
{%- endmacro %}

{% macro sum_of_hours(hours) -%}
    {{ as_hours('sum(' ~ hours ~ ')') }}
{%- endmacro %}

{% macro cms_usd(column) -%}
    cast(replace(replace({{ cms_blank_to_null(column) }}, '$', ''), ',', '') as decimal(18, 2))
{%- endmacro %}

{% macro cms_date(column) -%}
    {{ return(adapter.dispatch('cms_date')(column)) }}
{%- endmacro %}

{% macro default__cms_date(column) -%}
    cast(strptime({{ cms_blank_to_null(column) }}, ['%Y-%m-%d', '%Y%m%d', '%m/%d/%Y']) as date)
{%- endmacro %}

{% macro snowflake__cms_date(column) -%}
    coalesce(
        try_to_date({{ cms_blank_to_null(column) }}, 'YYYY-MM-DD'),
        try_to_date({{ cms_blank_to_null(column) }}, 'YYYYMMDD'),
        try_to_date({{ cms_blank_to_null(column) }}, 'MM/DD/YYYY')
    )
{%- endmacro %}
