{#
  Publication on Snowflake: the schema `published` holds a copy of gold, replaced in one transaction, and the row of
  `published.publication` that says which refresh it is. Readers see all of the old one or all of the new one.
  (On DuckDB publication is Parquet files: include/warehouse/publish.py.)

  `manifest`: version, published_at, run_id, fingerprint; the rows of each table are added here.
#}
{% macro publish_gold(manifest) -%}
    {% set publication = published('publication') %}
    {% set tables = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('config.schema', 'equalto', 'gold') | map(attribute='name') | sort %}
    {# DDL commits by itself, so every table has its columns before the transaction begins. #}
    {% do run_query('create table if not exists ' ~ publication ~ ' (manifest varchar)') %}
    {% for table in tables %}
        {% if column_types(published(table)) != column_types(gold(table)) %}
            {% do run_query('create or replace table ' ~ published(table) ~ ' as select * from ' ~ gold(table) ~ ' where 1 = 0') %}
        {% endif %}
    {% endfor %}
    {% set rows = {} %}
    {% do begin_transaction() %}
    {% for table in tables %}
        {% do run_query('delete from ' ~ published(table)) %}
        {% do run_query('insert into ' ~ published(table) ~ ' select * from ' ~ gold(table)) %}
        {% do rows.update({table: run_query('select count(*) from ' ~ published(table)).rows[0][0] | int}) %}
    {% endfor %}
    {% do run_query('delete from ' ~ publication) %}
    {% do run_query('insert into ' ~ publication ~ ' select ' ~ sql_text(tojson(dict(manifest, rows=rows)))) %}
    {% do commit_transaction() %}
{%- endmacro %}

{# Query for the manifest of what is published: one row, or none when nothing is. #}
{% macro current_publication() -%}
    {% if execute and load_relation(published('publication')) %}
        select manifest from {{ published('publication') }}
    {% else %}
        select '' as manifest where 1 = 0
    {% endif %}
{%- endmacro %}

{% macro gold(table) -%}
    {{ return(api.Relation.create(database=target.database, schema='gold', identifier=table)) }}
{%- endmacro %}

{% macro published(table) -%}
    {{ return(api.Relation.create(database=target.database, schema='published', identifier=table)) }}
{%- endmacro %}

{# Names and types in order; empty where there is no such table. #}
{% macro column_types(relation) -%}
    {% set existing = load_relation(relation) %}
    {% set found = [] %}
    {% if existing %}
        {% for column in adapter.get_columns_in_relation(existing) %}
            {% do found.append([column.name, column.data_type]) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{%- endmacro %}
