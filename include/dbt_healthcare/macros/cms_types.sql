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

{# CMS's blanks, and what tools write for them. Not for text, where "None" is a real value ("With a Resident and Family Council"). #}
{% macro cms_blank_to_null(column) -%}
    case when upper(trim({{ column }})) in (
        '', '-', '--', '---', '.', 'N/A', 'NA', 'NULL', 'NOT AVAILABLE', 'NOT APPLICABLE', 'NAN', 'NONE'
    )
        then null else trim({{ column }}) end
{%- endmacro %}

{% macro cms_text(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{% macro cms_ccn(column) -%}
    upper(trim({{ column }}))
{%- endmacro %}

{% macro cms_state(column) -%}
    case
        when upper(trim({{ column }})) in ('NATION', 'NATIONAL', 'US') then 'US'
        else upper({{ cms_blank_to_null(column) }})
    end
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

{# A date as CMS and the tools on its way write it: 2024-04-01, 20240401, 4/1/2024, or midnight of the day. #}
{% macro cms_date(column) -%}
    {{ return(adapter.dispatch('cms_date')(column)) }}
{%- endmacro %}

{% macro default__cms_date(column) -%}
    cast(strptime({{ cms_blank_to_null(column) }}, [
        '%Y-%m-%d', '%Y%m%d', '%m/%d/%Y', '%Y-%m-%d 00:00:00', '%Y-%m-%dT00:00:00', '%Y-%m-%dT00:00:00.000'
    ]) as date)
{%- endmacro %}

{% macro snowflake__cms_date(column) -%}
    {%- set day -%}
        replace(replace(replace({{ cms_blank_to_null(column) }}, ' 00:00:00', ''), 'T00:00:00.000', ''), 'T00:00:00', '')
    {%- endset -%}
    coalesce(
        try_to_date({{ day }}, 'YYYY-MM-DD'),
        try_to_date({{ day }}, 'YYYYMMDD'),
        try_to_date(
            lpad(split_part({{ day }}, '/', 1), 2, '0') || '/' || lpad(split_part({{ day }}, '/', 2), 2, '0') || '/'
            || split_part({{ day }}, '/', 3),
            'MM/DD/YYYY'
        )
    )
{%- endmacro %}
