-- Every file that was ever loaded: do its rows balance from the file through bronze to silver?
with

load_ledger as (

    select * from {{ source('bronze_ledger', 'load_ledger') }}

),

current_files as (

    select * from {{ ref('current_files') }}

),

excluded_rows as (

    select * from {{ ref('excluded_rows') }}

),

bronze_counts as (
    {% for family in cms_families() %}
    select
        _file_md5,
        count(*) as rows_counted
    from {{ source('bronze', family.name) }}
    group by _file_md5
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

silver_counts as (
    {% for family in cms_families() %}
    select
        _file_md5,
        count(*) as rows_counted
    from {{ ref(family.silver_model) }}
    group by _file_md5
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    select
        load_ledger.family,
        load_ledger.period,
        load_ledger.file_name,
        load_ledger.file_md5,
        current_files.file_md5 is null as is_superseded,
        coalesce(current_files.is_partial, false) as is_partial,
        load_ledger.run_id,
        load_ledger.loaded_at,
        load_ledger.rows_in_file,
        load_ledger.rows_certified,
        load_ledger.rows_rejected,
        coalesce(bronze_counts.rows_counted, 0) as rows_in_bronze,
        coalesce(silver_counts.rows_counted, 0) as rows_in_silver,
        coalesce(excluded_rows.rows_excluded, 0) as rows_excluded
    from load_ledger
    left join current_files on load_ledger.file_md5 = current_files.file_md5
    left join bronze_counts on load_ledger.file_md5 = bronze_counts._file_md5
    left join silver_counts on load_ledger.file_md5 = silver_counts._file_md5
    left join excluded_rows on load_ledger.file_md5 = excluded_rows.file_md5

),

final as (

    select
        *,
        rows_in_file = rows_certified + rows_rejected
        and rows_certified = rows_in_bronze
        and rows_in_bronze = rows_in_silver + rows_excluded as balanced
    from counted

)

select * from final
