-- The figures that others published, as readers see them beside ours: the seed `published_benchmarks`.
with

published_benchmarks as (

    select * from {{ ref('published_benchmarks') }}

),

final as (

    select
        measure,
        geography,
        period,
        value,
        decimals,
        unit,
        source
    from published_benchmarks

)

select * from final
