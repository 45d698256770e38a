{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ delete_outdated_exclusions() }}') }}
{%- set is_uncounted -%}
    {%- if is_incremental() -%}
        {{ is_one_of_files('_file_md5', files_missing_in('select file_md5 from ' ~ this ~ " where reason = 'exact repeat'")) }}
    {%- else -%}
        _file_md5 in (select current_files.file_md5 from current_files)
    {%- endif -%}
{%- endset %}
-- What bronze holds and silver leaves out on purpose, counted in bronze: one row per file, counted once.
with

load_ledger as (

    select * from {{ source('bronze_ledger', 'load_ledger') }}

),

current_files as (

    select * from {{ ref('current_files') }}

),

superseded_files as (

    select
        load_ledger.family,
        load_ledger.file_md5,
        'superseded file' as reason,
        load_ledger.rows_loaded as rows_excluded
    from load_ledger
    left join current_files on load_ledger.file_md5 = current_files.file_md5
    where
        current_files.file_md5 is null
        {%- if is_incremental() %}
        and load_ledger.file_md5 not in (select counted.file_md5 from {{ this }} as counted)
        {%- endif %}

),

exact_repeats as (
    {% for family in cms_families() %}
    select
        '{{ family.name }}' as family,
        _file_md5 as file_md5,
        'exact repeat' as reason,
        count(*) - {{ count_where(is_kept(family.name)) }} as rows_excluded
    from {{ source('bronze', family.name) }}
    where {{ is_uncounted }}
    group by _file_md5
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select * from superseded_files
    union all
    select * from exact_repeats

)

select * from final
