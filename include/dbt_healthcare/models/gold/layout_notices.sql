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
        layout_notices.file_md5,
        layout_notices.column_name,
        layout_notices.kind,
        min(load_ledger.loaded_at) over (
            partition by load_ledger.family, layout_notices.column_name, layout_notices.kind
        ) as first_seen,
        min_by(load_ledger.file_name, load_ledger.loaded_at) over (
            partition by load_ledger.family, layout_notices.column_name, layout_notices.kind
        ) as first_file_name
    from layout_notices
    inner join load_ledger on layout_notices.file_md5 = load_ledger.file_md5

),

final as (

    select noticed.* exclude (file_md5)
    from noticed
    inner join current_files on noticed.file_md5 = current_files.file_md5

)

select * from final
