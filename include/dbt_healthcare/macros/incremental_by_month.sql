{#
  Gold that looks back over the trailing quarter is incremental by month: a month is built again when one of the files that its
  trailing quarter comes from has changed, or when the model has; every other month stays as it is.
#}

{# One row a month of PBJ: the month and `built_from`, which names the files of it and of the two months before, and the model. #}
{% macro sources_of_trailing_quarters() -%}
    {%- set month_files -%}
        select distinct
            month,
            _file_md5
        from {{ ref('fct_monthly_nurse_staffing') }}
    {%- endset -%}
    select
        months.month,
        '{{ model.checksum.checksum }}'
        {%- for months_before in range(3) %}
        || coalesce(' ' || max(case when recent.month = {{ add_months('months.month', -months_before) }} then recent._file_md5 end), '')
        {%- endfor %} as built_from
    from ({{ month_files }}) as months
    left join ({{ month_files }}) as recent
        on recent.month between {{ add_months('months.month', -2) }} and months.month
    group by months.month
{%- endmacro %}

{# pre-hook: months that would come out otherwise now go first. #}
{% macro delete_outdated_months() -%}
    {%- set monthly_staffing = ref('fct_monthly_nurse_staffing') -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where {{ month_and_sources() }} not in (
            select {{ month_and_sources() }} from ({{ sources_of_trailing_quarters() }}) as sources
        )
    {%- endif -%}
{%- endmacro %}

{#
  where clause: only months that are to be built, as literals, so that the warehouse skips all other months. It is written before
  the pre-hook runs, and so asks for itself which months that will take away.
#}
{% macro only_outdated_months() -%}
    {%- if is_incremental() -%}
        {%- set months = first_column(
            'select month from (' ~ sources_of_trailing_quarters() ~ ') as sources where ' ~ month_and_sources()
            ~ ' not in (select distinct ' ~ month_and_sources() ~ ' from ' ~ this ~ ')'
        ) -%}
        {%- if months -%} month in (cast('{{ months | join("' as date), cast('") }}' as date)) {%- else -%} false {%- endif -%}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro month_and_sources() -%}
    cast(month as varchar) || ' ' || built_from
{%- endmacro %}
