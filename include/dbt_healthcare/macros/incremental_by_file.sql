{#
  Silver facts are incremental by file: a re-published period brings a new current file, whose rows replace those of the
  file it supersedes; every other row stays as it is. Late and out-of-order files need nothing special.
#}

{# pre-hook of every fact: rows of files that are no longer current (superseded, forgotten) go first. #}
{% macro delete_rows_of_superseded_files() -%}
    {#- Outside the condition, so that dbt sees the dependency when it parses. #}
    {%- set current_files = ref('current_files') -%}
    {%- if execute and is_incremental() -%}
        {%- set superseded = first_column(
            'select distinct _file_md5 from ' ~ this ~ ' except select file_md5 from ' ~ current_files
        ) -%}
        {%- if superseded -%}
            delete from {{ this }} where {{ is_one_of_files('_file_md5', superseded) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#
  where clause: only rows of files that the fact does not hold yet. The md5s stand in the query as literals, so that the
  warehouse skips all other files before it casts a cell; as a subquery the clause casts all of bronze every time.
#}
{% macro only_new_files(family) -%}
    {%- if is_incremental() -%}
        {{ is_one_of_files('_file_md5', files_missing_in('select distinct _file_md5 from ' ~ this, family)) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# where clause of the fact that preserves the rows of a family. #}
{% macro new_rows(family) -%}
    {{ only_new_files(family) }} and {{ is_kept(family) }}
{%- endmacro %}

{# Every column of a staged family but those `without`, and the lineage that silver keeps. #}
{% macro preserved_columns(without=[]) -%}
    {%- set lineage = ['_source_file', '_source_row', '_file_md5', '_period', '_landed_at', '_occurrence'] -%}
    * exclude ({{ (without + lineage) | join(', ') }}), _file_md5, _period, _source_row
{%- endmacro %}

{# md5s of the current files (of one family, or all) that a query for known md5s does not give. #}
{% macro files_missing_in(known_md5s, family=none) -%}
    {%- set of_family = " where family = '" ~ family ~ "'" if family else '' -%}
    {{ return(first_column('select file_md5 from ' ~ ref('current_files') ~ of_family ~ ' except ' ~ known_md5s)) }}
{%- endmacro %}

{% macro first_column(query) -%}
    {{ return(run_query(query).columns[0].values() | sort if execute else []) }}
{%- endmacro %}

{% macro is_one_of_files(md5_column, md5s) -%}
    {%- if md5s -%} {{ md5_column }} in ('{{ md5s | join("', '") }}') {%- else -%} false {%- endif -%}
{%- endmacro %}
