-- The file that speaks for each family and period: of several, the one that was modified last. Of two that were modified at once,
-- one is taken by its content, never by the order of loading: a run that was killed and started again loads in another order.
-- A file with less than half of the facilities (or rows, where it names none) of a neighbor in time is a part: a page of the API, one
-- state.
-- With `as_known_on`: of the files that were loaded by that day.
with

load_ledger as (

    select * from {{ source('bronze_ledger', 'load_ledger') }}

),

newest as (

    select
        file_md5,
        family,
        period,
        file_name,
        coalesce(nullif(facilities, 0), rows_loaded) as facilities_or_rows
    from load_ledger
    {%- if var('as_known_on') %}
    where cast(loaded_at as date) <= cast('{{ var('as_known_on') }}' as date)
    {%- endif %}
    qualify
        row_number() over (
            partition by family, period
            order by modified_at desc, file_md5 desc
        ) = 1

),

with_neighbors as (

    select
        *,
        coalesce(lag(facilities_or_rows) over (partition by family order by period), 0) as number_before,
        coalesce(lead(facilities_or_rows) over (partition by family order by period), 0) as number_after
    from newest

),

final as (

    select
        file_md5,
        family,
        period,
        file_name,
        facilities_or_rows < 0.5 * greatest(number_before, number_after) as is_partial
    from with_neighbors

)

select * from final
