{#
  An exact repeat is a record that equals an earlier record of the same file in every cell, as published.
  Silver leaves it out; `excluded_rows` counts it. Two records that differ in any cell are both kept.
#}

{# Fingerprint of a record: every column CMS publishes, none of the lineage columns. #}
{% macro row_fingerprint(family) -%}
    hash({{ published_columns(family) | join(', ') }})
{%- endmacro %}

{# The columns of a family that CMS publishes, from the rendered staging YAML: no query, the same under every adapter. #}
{% macro published_columns(family) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for model in graph.nodes.values() if model.name == 'stg_' ~ family -%}
            {%- do names.extend(model.columns.keys() | reject('in', lineage_columns()) | list) -%}
        {%- endfor -%}
        {%- if not names -%}
            {{ exceptions.raise_compiler_error('stg_' ~ family ~ ' documents no columns: run `make contracts`') }}
        {%- endif -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}

{# What the pipeline adds to every row of bronze. #}
{% macro lineage_columns() -%}
    {{ return(['_source_file', '_source_row', '_file_md5', '_period', '_landed_at']) }}
{%- endmacro %}

{#
  Query for the repeats among the files a fact is about to take in: (_file_md5, _source_row).
  `key`: columns that can only repeat together with the whole row; where given, only rows with a repeated key are compared.
  A key is looked for by its hash, eight bytes: the text keys of all of history would fill the memory many times over. Two keys
  of one hash are told apart by the fingerprint.
#}
{% macro exact_repeats(family, key=none) -%}
    {%- set hashed_key -%} hash(_file_md5, {{ key | join(', ') if key else row_fingerprint(family) }}) {%- endset -%}
    select
        _file_md5,
        _source_row
    from {{ source('bronze', family) }}
    where
        {{ only_new_files() }}
        and {{ hashed_key }} in (
            select {{ hashed_key }} as repeated
            from {{ source('bronze', family) }}
            where {{ only_new_files() }}
            group by repeated
            having count(*) > 1
        )
    qualify row_number() over (partition by _file_md5, {{ row_fingerprint(family) }} order by _source_row) > 1
{%- endmacro %}
