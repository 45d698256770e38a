-- KPI 5 of one facility in one ProviderInfo vintage, with the footnote that explains a missing figure.
with

provider_snapshot as (

    select * from {{ ref('fct_provider_snapshot') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        processing_date,
        total_nursing_turnover_pct,
        total_nursing_turnover_footnote,
        rn_turnover_pct,
        rn_turnover_footnote,
        administrators_left,
        administrator_turnover_footnote
    from provider_snapshot

)

select * from final
