-- Columns in which a file that speaks now differs from its contract: what CMS has added, withdrawn, or perhaps renamed.
with

layout_notices as (

    select * from {{ source('bronze_ledger', 'layout_notices') }}

),

load_ledger as (

    select * from {{ source('bronze_ledger', 'load_ledger') }}

),

current_files as (

    select * from {{ ref('current_files') }}

),

noticed as (

    select
        load_ledger.family,
        load_ledger.period,
        load_ledger.file_name,
        load_ledger.loaded_at,
        layout_notices.file_md5,
        layout_notices.column_name,
        layout_notices.kind
    from layout_notices
    inner join load_ledger on layout_notices.file_md5 = load_ledger.file_md5

),

first_noticed as (

    select
        family,
        column_name,
        kind,
        min(loaded_at) as first_seen,
        min_by(file_name, loaded_at) as first_file_name
    from noticed
    group by family, column_name, kind

),

final as (

    select
        noticed.family,
        noticed.period,
        noticed.file_name,
        noticed.column_name,
        noticed.kind,
        first_noticed.first_seen,
        first_noticed.first_file_name
    from noticed
    inner join current_files on noticed.file_md5 = current_files.file_md5
    inner join first_noticed
        on
            noticed.family = first_noticed.family
            and noticed.column_name = first_noticed.column_name
            and noticed.kind = first_noticed.kind

)

select * from final
