{# pre-hook of `excluded_rows`: forgets what was counted for files that have since been superseded, restored or forgotten. #}
{% macro delete_outdated_exclusions() -%}
    {%- set load_ledger = source('bronze_ledger', 'load_ledger') -%}
    {%- set current_files = ref('current_files') -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where file_md5 || reason not in (
            select
                load_ledger.file_md5
                || case when current_files.file_md5 is null then 'superseded file' else 'exact repeat' end
            from {{ load_ledger }} as load_ledger
            left join {{ current_files }} as current_files on load_ledger.file_md5 = current_files.file_md5
        )
    {%- endif -%}
{%- endmacro %}
