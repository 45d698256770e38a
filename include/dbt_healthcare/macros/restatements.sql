{#
  Restatements: what a later publication of a period changed. Only files of periods that were published more than once are read,
  two by two, and a pair that has been compared is not compared again.
#}

{# The figures of a facility that are compared, by family. #}
{% macro restated_kpis() -%}
    {{ return({
        'pbj_daily_nurse_staffing': ['resident_days', 'total_nurse_hours', 'total_nurse_hprd', 'rn_hprd', 'contract_share_pct'],
        'nh_provider_info': [
            'overall_rating', 'health_inspection_rating', 'staffing_rating', 'qm_rating', 'total_nursing_turnover_pct',
            'rn_turnover_pct', 'certified_beds',
        ],
        'nh_covid_vax_provider': ['staff_up_to_date_pct', 'residents_up_to_date_pct'],
    }) }}
{%- endmacro %}

{# Two publications of one period that follow each other, in the order in which `current_files` lets them speak. #}
{% macro publication_pairs(load_ledger) -%}
    select
        ordered.*,
        {{ pair_key() }} as pair_key
    from (
        select
            family,
            period,
            file_md5 as new_file_md5,
            file_name as new_file_name,
            modified_at as new_published_at,
            loaded_at as new_loaded_at,
            {%- for name, column in {
                'file_md5': 'file_md5', 'file_name': 'file_name', 'published_at': 'modified_at', 'loaded_at': 'loaded_at'
            }.items() %}
            lag({{ column }}) over (partition by family, period order by modified_at, file_md5) as old_{{ name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ load_ledger }}
        where family in ('{{ restated_kpis().keys() | join("', '") }}')
    ) as ordered
    where ordered.old_file_md5 is not null
{%- endmacro %}

{# Tells a pair of publications apart from the same pair at other times: a file may be forgotten and loaded again. #}
{% macro pair_key() -%}
    {%- set parts = ['old_file_md5', 'new_file_md5'] -%}
    {%- for time in ['old_published_at', 'new_published_at', 'old_loaded_at', 'new_loaded_at'] -%}
        {%- do parts.append('cast(' ~ time ~ ' as varchar)') -%}
    {%- endfor -%}
    {{ parts | join(" || ' ' || ") }}
{%- endmacro %}

{# pre-hook of `restatements`: pairs go that are none any more, because a file was forgotten, touched, or came between. #}
{% macro delete_outdated_restatements() -%}
    {%- set load_ledger = source('bronze_ledger', 'load_ledger') -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where {{ pair_key() }} not in (select pairs.pair_key from ({{ publication_pairs(load_ledger) }}) as pairs)
    {%- endif -%}
{%- endmacro %}

{# Condition for the files of pairs that have not been compared yet, as literals, so that the warehouse skips all other files. #}
{% macro is_file_to_compare(md5_column) -%}
    {%- set load_ledger = source('bronze_ledger', 'load_ledger') -%}
    {%- set md5s = [] -%}
    {#- Compiled before anything was loaded, there is no ledger to ask. #}
    {%- for side in ['old', 'new'] if execute and load_relation(load_ledger) -%}
        {%- do md5s.extend(first_column(
            'select distinct ' ~ side ~ '_file_md5 from (' ~ publication_pairs(load_ledger) ~ ') as pairs where ' ~ is_pair_to_compare()
        )) -%}
    {%- endfor -%}
    {{ is_one_of_files(md5_column, md5s | unique | sort) }}
{%- endmacro %}

{% macro is_pair_to_compare() -%}
    {%- if is_incremental() -%}
        pair_key not in (select {{ pair_key() }} from {{ this }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# Columns of bronze with the types of their contract, an exact repeat counted once. `columns`: name to type. #}
{% macro published_rows(family, columns) -%}
    select
        _file_md5,
        _period,
        {%- for name, type in columns.items() %}
        {{ cms_cell(name, type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source('bronze', family) }}
    where {{ is_file_to_compare('_file_md5') }} and {{ is_kept(family) }}
{%- endmacro %}
