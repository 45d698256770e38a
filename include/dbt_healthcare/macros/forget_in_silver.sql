{#
  A file that is in bronze and was certified again is taken in again as well: what the incremental models made of it goes first.
  Called before its new rows are copied; called twice, or for a file that no model has, it changes nothing.

  `dbt run-operation forget_in_silver --args '{file_md5s: […]}'`
#}
{% macro forget_in_silver(file_md5s=[]) -%}
    {% do begin_transaction() %}
    {% for node in graph.nodes.values() if file_md5s and node.config.materialized == 'incremental' %}
        {% set built = load_relation(api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias)) %}
        {% if built %}
            {% set columns = adapter.get_columns_in_relation(built) | map(attribute='name') | map('lower') | list %}
            {% do run_query('delete from ' ~ built ~ ' where ' ~ comes_from_files(columns, file_md5s)) %}
        {% endif %}
    {% endfor %}
    {% do commit_transaction() %}
{%- endmacro %}

{# Condition on the columns that name files, one each (`_file_md5`, the two sides of a restatement) or all that a row was made of. #}
{% macro comes_from_files(columns, file_md5s) -%}
    {%- set conditions = ['false'] -%}
    {%- for column in ['_file_md5', 'file_md5', 'old_file_md5', 'new_file_md5'] if column in columns -%}
        {%- do conditions.append(is_one_of_files(column, file_md5s)) -%}
    {%- endfor -%}
    {%- for file_md5 in file_md5s if 'built_from' in columns -%}
        {%- do conditions.append("built_from like '%" ~ file_md5 ~ "%'") -%}
    {%- endfor -%}
    {{ return(conditions | join(' or ')) }}
{%- endmacro %}
