-- How old the data of each family is, against the pace at which CMS publishes it.
with

families as (
    {% for family in cms_families() %}
    select
        '{{ family.name }}' as family,
        {{ family.max_age_days }} as max_age_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

load_ledger as (

    select * from {{ source('bronze_ledger', 'load_ledger') }}

),

current_files as (

    select * from {{ ref('current_files') }}

),

loaded as (

    select
        load_ledger.family,
        max(load_ledger.period) as latest_period,
        count(*) as files,
        sum(load_ledger.rows_loaded) as rows_loaded,
        max(load_ledger.loaded_at) as last_loaded_at
    from load_ledger
    inner join current_files on load_ledger.file_md5 = current_files.file_md5
    group by load_ledger.family

),

aged as (

    select
        families.family,
        loaded.latest_period,
        coalesce(loaded.files, 0) as files,
        cast(coalesce(loaded.rows_loaded, 0) as bigint) as rows_loaded,
        loaded.last_loaded_at,
        {{ period_start_date('loaded.latest_period') }} as latest_period_start_date,
        cast(families.max_age_days as bigint) as max_age_days
    from families
    left join loaded on families.family = loaded.family

),

final as (

    select
        *,
        {{ days_between('latest_period_start_date', 'current_date') }} as age_days,
        coalesce({{ days_between('latest_period_start_date', 'current_date') }} > max_age_days, true) as is_overdue
    from aged

)

select * from final
