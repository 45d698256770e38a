{#
  What `make preflight` tries on Snowflake, each as the pipeline does it later. The tables and views are dropped again
  (a COPY that fails leaves its table, which the next preflight replaces).
#}

{# The loader reads one object of the bucket through the stage into a table of its own. #}
{% macro check_copy(path) -%}
    {% do act_as_loader() %}
    {% set table = api.Relation.create(database=target.database, schema='bronze', identifier='preflight_check') %}
    {% do run_query('create or replace table ' ~ table ~ ' (checked varchar)') %}
    {% do run_query(copy_parquet(table, ['checked'], path)) %}
    {% set rows = run_query('select count(*) from ' ~ table).rows[0][0] | int %}
    {% do run_query('drop table ' ~ table) %}
    {% if rows != 1 %}
        {{ exceptions.raise_compiler_error('the COPY of one row has loaded ' ~ rows) }}
    {% endif %}
{%- endmacro %}

{# The transformer makes what dbt builds. #}
{% macro check_transformer() -%}
    {% for schema, kind in [('staging', 'view'), ('silver', 'table'), ('silver', 'view'), ('gold', 'table'), ('published', 'table')] %}
        {% set relation = api.Relation.create(database=target.database, schema=schema, identifier='preflight_check_' ~ kind) %}
        {% do run_query('create or replace ' ~ kind ~ ' ' ~ relation ~ ' as select 1 as checked') %}
        {% do run_query('drop ' ~ kind ~ ' ' ~ relation) %}
    {% endfor %}
{%- endmacro %}
