-- The file that speaks for each family and period: of several, the one that was modified last. Of two that were modified at once,
-- one is taken by its content, never by the order of loading: a run that was killed and started again loads in another order.
-- With `as_known_on`: of the files that were loaded by that day.
with

load_ledger as (

    select * from {{ source('bronze_ledger', 'load_ledger') }}

),

final as (

    select
        file_md5,
        family,
        period,
        file_name
    from load_ledger
    {%- if var('as_known_on') %}
    where cast(loaded_at as date) <= cast('{{ var('as_known_on') }}' as date)
    {%- endif %}
    qualify
        row_number() over (
            partition by family, period
            order by modified_at desc, file_md5 desc
        ) = 1

)

select * from final
