{#
  The COPY of certified files into bronze. A file is a unit: its rows, its rejected records, its notices and its ledger row are
  written in one transaction. A file that is in the ledger is loaded again only when it was certified again (`replaces`).

  `dbt run-operation copy_all_bronze_tables --args '{files: [{family: …, period: …, file_md5: …, …}]}'`
#}

{% macro copy_all_bronze_tables(files=[]) -%}
    {% do act_as_loader() %}
    {% do create_bronze_tables() %}
    {% for file in files %}
        {% do copy_bronze_table(file) %}
    {% endfor %}
{%- endmacro %}

{# Makes what is missing: the schema, the ledger, rejects and notices, one all-text table a family, and columns a contract has gained. #}
{% macro create_bronze_tables() -%}
    {% do begin_transaction(for_ddl=true) %}
    {% if not adapter.check_schema_exists(target.database, 'bronze') %}
        {% do adapter.create_schema(api.Relation.create(database=target.database, schema='bronze')) %}
    {% endif %}
    {% for node in graph.sources.values() if node.schema == 'bronze' %}
        {% set table = source(node.source_name, node.name) %}
        {% set existing = load_relation(table) %}
        {% if not existing %}
            {% do run_query('create table if not exists ' ~ table ~ ' (' ~ bronze_column_list(node) ~ ')') %}
        {% else %}
            {% set present = adapter.get_columns_in_relation(table) | map(attribute='name') | map('lower') | list %}
            {% for column in node.columns.values() if column.name not in present %}
                {% do run_query('alter table ' ~ table ~ ' add column ' ~ column.name ~ ' ' ~ bronze_column_type(column)) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% do make_turn_at_bronze() %}
    {% do commit_transaction(for_ddl=true) %}
{%- endmacro %}

{% macro bronze_column_list(node) -%}
    {%- for column in node.columns.values() -%}
        {{ column.name }} {{ bronze_column_type(column) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro bronze_column_type(column) -%}
    {{ column.data_type or 'varchar' }}
{%- endmacro %}

{#
  One transaction around several statements; an error rolls back, as dbt then drops the connection.
  dbt-duckdb opens transactions by itself and wants to be asked; Snowflake takes the plain statements, and commits DDL by itself.
#}
{% macro begin_transaction(for_ddl=false) -%}
    {{ return(adapter.dispatch('begin_transaction')(for_ddl)) }}
{%- endmacro %}

{% macro default__begin_transaction(for_ddl) -%}
    {% call statement('begin_transaction', auto_begin=true) %} select 1 {% endcall %}
{%- endmacro %}

{% macro snowflake__begin_transaction(for_ddl) -%}
    {% if not for_ddl %}{% do run_query('begin') %}{% endif %}
{%- endmacro %}

{% macro commit_transaction(for_ddl=false) -%}
    {{ return(adapter.dispatch('commit_transaction')(for_ddl)) }}
{%- endmacro %}

{% macro default__commit_transaction(for_ddl) -%}
    {% do adapter.commit() %}
{%- endmacro %}

{% macro snowflake__commit_transaction(for_ddl) -%}
    {% if not for_ddl %}{% do run_query('commit') %}{% endif %}
{%- endmacro %}

{#
  Whoever loads a file has the turn until the transaction ends, and only then looks into the ledger: two runs that bring the same
  file at the same moment load it once. Snowflake runs transactions side by side, but an UPDATE waits for another one's row to be
  committed; DuckDB lets one process write at a time.
#}
{% macro take_turn_at_bronze() -%}
    {{ return(adapter.dispatch('take_turn_at_bronze')()) }}
{%- endmacro %}

{% macro default__take_turn_at_bronze() -%}
{%- endmacro %}

{% macro snowflake__take_turn_at_bronze() -%}
    {% do run_query('update ' ~ turn_at_bronze() ~ ' set taken_at = current_timestamp()') %}
{%- endmacro %}

{% macro make_turn_at_bronze() -%}
    {{ return(adapter.dispatch('make_turn_at_bronze')()) }}
{%- endmacro %}

{% macro default__make_turn_at_bronze() -%}
{%- endmacro %}

{% macro snowflake__make_turn_at_bronze() -%}
    {% do run_query('create table if not exists ' ~ turn_at_bronze() ~ ' (taken_at timestamp_tz)') %}
    {% do run_query('insert into ' ~ turn_at_bronze() ~ ' select current_timestamp() where not exists (select 1 from ' ~ turn_at_bronze() ~ ')') %}
{%- endmacro %}

{% macro turn_at_bronze() -%}
    {{ return(api.Relation.create(database=target.database, schema='bronze', identifier='turn_at_bronze')) }}
{%- endmacro %}

{#
  Loads one certified file. Of a file that the ledger has, only the date changes: an older content that is back in the folder
  speaks for its period again. A file that was certified again replaces what bronze has of it: see `forget_in_silver`.
  `file` is what certification recorded, with `bronze_path`, `rejects_path`.
#}
{% macro copy_bronze_table(file) -%}
    {% set ledger = source('bronze_ledger', 'load_ledger') %}
    {% set table = source('bronze', file.family) %}
    {% set columns = graph.sources['source.dbt_healthcare.bronze.' ~ file.family].columns.keys() | list %}
    {% do begin_transaction() %}
    {% do take_turn_at_bronze() %}
    {% if file.replaces %}
        {% do delete_from_bronze(file.file_md5, file.family) %}
    {% elif run_query("select 1 from " ~ ledger ~ " where file_md5 = '" ~ file.file_md5 ~ "'").rows | length > 0 %}
        {% do run_query("update " ~ ledger ~ " set modified_at = cast('" ~ file.modified_at ~ "' as timestamp) where file_md5 = '" ~ file.file_md5 ~ "'") %}
        {% do commit_transaction() %}
        {{ return('') }}
    {% endif %}
    {% do run_query(copy_parquet(table, columns, file.bronze_path)) %}
    {% do run_query(copy_parquet(source('bronze_ledger', 'rejected_rows'), ['file_md5', 'source_row', 'reason', 'raw_line'], file.rejects_path)) %}
    {% set loaded = run_query("select count(*) from " ~ table ~ " where _file_md5 = '" ~ file.file_md5 ~ "'").rows[0][0] | int %}
    {% if loaded != file.rows_certified %}
        {{ exceptions.raise_compiler_error(file.file_name ~ ': ' ~ loaded ~ ' rows arrived in bronze, ' ~ file.rows_certified ~ ' were certified') }}
    {% endif %}
    {% do run_query(ledger_insert(ledger, file, loaded)) %}
    {% for notice in file.notices %}
        {% do run_query(notice_insert(file.file_md5, notice)) %}
    {% endfor %}
    {% do commit_transaction() %}
    {% do log('loaded ' ~ loaded ~ ' rows of ' ~ file.file_name ~ ' into bronze.' ~ file.family, info=true) %}
{%- endmacro %}

{% macro ledger_insert(ledger, file, loaded) -%}
    insert into {{ ledger }} (
        file_md5, family, period, file_name, file_id, modified_at, rows_in_file, rows_certified, rows_rejected,
        rows_loaded, facilities, columns_mapped, run_id, landed_at, loaded_at
    )
    values (
        '{{ file.file_md5 }}', '{{ file.family }}', '{{ file.period }}', {{ sql_text(file.file_name) }}, {{ sql_text(file.file_id) }},
        cast('{{ file.modified_at }}' as timestamp), {{ file.rows_in_file }}, {{ file.rows_certified }}, {{ file.rows_rejected }},
        {{ loaded }}, {{ file.facilities }}, {{ file.columns_mapped }}, {{ sql_text(file.run_id) }}, cast('{{ file.landed_at }}' as timestamp), cast('{{ file.loaded_at }}' as timestamp)
    )
{%- endmacro %}

{# What a column of the file is to its contract: new, withdrawn, or perhaps renamed. #}
{% macro notice_insert(file_md5, notice) -%}
    insert into {{ source('bronze_ledger', 'layout_notices') }} (file_md5, column_name, kind)
    values ('{{ file_md5 }}', {{ sql_text(notice.column_name) }}, {{ sql_text(notice.kind) }})
{%- endmacro %}

{# A text literal, whatever the text holds: a backslash means something on Snowflake and nothing on DuckDB. #}
{% macro sql_text(value) -%}
    {{ return(adapter.dispatch('sql_text')(value)) }}
{%- endmacro %}

{% macro default__sql_text(value) -%}
    {{ return("'" ~ value | replace("'", "''") ~ "'") }}
{%- endmacro %}

{% macro snowflake__sql_text(value) -%}
    {{ return("'" ~ value | replace("\\", "\\\\") | replace("'", "''") ~ "'") }}
{%- endmacro %}

{# Bronze belongs to a role of its own: the one that runs the models can read it and no more. #}
{% macro act_as_loader() -%}
    {{ return(adapter.dispatch('act_as_loader')()) }}
{%- endmacro %}

{% macro default__act_as_loader() -%}
{%- endmacro %}

{% macro snowflake__act_as_loader() -%}
    {% do run_query('use role ' ~ var('loader_role')) %}
{%- endmacro %}

{# One warehouse's way to read one Parquet file into a table by column name; any bad row stops the whole statement. #}
{% macro copy_parquet(table, columns, path) -%}
    {{ return(adapter.dispatch('copy_parquet')(table, columns, path)) }}
{%- endmacro %}

{% macro default__copy_parquet(table, columns, path) -%}
    {#- By name, as on Snowflake: a file that was certified before its contract gained a column has none. #}
    insert into {{ table }} by name
    select {{ columns | join(', ') }}
    from (select * from {{ table }} where false union all by name select * from read_parquet({{ sql_text(path) }}))
{%- endmacro %}

{% macro snowflake__copy_parquet(table, columns, path) -%}
    copy into {{ table }}
    from @{{ var('landing_stage') }}
    files = ({{ sql_text(path) }})
    file_format = (type = parquet use_logical_type = true)
    match_by_column_name = case_insensitive
    on_error = abort_statement
{%- endmacro %}

{# Takes a file out of bronze and the ledger, so that it can be loaded again: the on-call verb `forget`. #}
{% macro forget_file(file_md5, family) -%}
    {% do act_as_loader() %}
    {% do create_bronze_tables() %}
    {% do begin_transaction() %}
    {% do delete_from_bronze(file_md5, family) %}
    {% do commit_transaction() %}
{%- endmacro %}

{% macro delete_from_bronze(file_md5, family) -%}
    {% do run_query("delete from " ~ source('bronze', family) ~ " where _file_md5 = '" ~ file_md5 ~ "'") %}
    {% for table in ['rejected_rows', 'layout_notices', 'load_ledger'] %}
        {% do run_query("delete from " ~ source('bronze_ledger', table) ~ " where file_md5 = '" ~ file_md5 ~ "'") %}
    {% endfor %}
{%- endmacro %}

{#
  Everything that can be made again from S3: the on-call verb `rebuild`. What the models built is dropped by the role that runs
  them, bronze by the loader, each its own; what is published stays. (On DuckDB the file is removed: include/warehouse/operations.py.)
#}
{% macro drop_warehouse() -%}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed') %}
        {% set built = load_relation(api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias)) %}
        {% if built %}
            {% do adapter.drop_relation(built) %}
        {% endif %}
    {% endfor %}
    {% do act_as_loader() %}
    {% for node in graph.sources.values() if node.schema == 'bronze' %}
        {% do run_query('drop table if exists ' ~ source(node.source_name, node.name)) %}
    {% endfor %}
    {% do run_query('drop table if exists ' ~ turn_at_bronze()) %}
{%- endmacro %}
