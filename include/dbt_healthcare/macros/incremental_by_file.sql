{#
  Silver facts are incremental by file: a re-published period brings a new current file, whose rows replace those of the
  file it supersedes; every other row stays as it is. Late and out-of-order files need nothing special.
#}

{# pre-hook of every fact: rows of files that are no longer current (superseded, forgotten) go first. #}
{% macro delete_rows_of_superseded_files() -%}
    {#- Outside the condition, so that dbt sees the dependency when it parses. #}
    {%- set current_files = ref('current_files') -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where _file_md5 not in (select file_md5 from {{ current_files }})
    {%- endif -%}
{%- endmacro %}

{# where clause of every fact: only files that are not in it yet. #}
{% macro only_new_files() -%}
    {%- if is_incremental() -%}
        _file_md5 not in (select distinct _file_md5 from {{ this }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
