-- Every published ProviderInfo vintage as it stands, typed: the source of the dimensions, of turnover and of rating trends.
with

provider_info as (

    select * from {{ ref('stg_nh_provider_info') }}
    where {{ new_rows('nh_provider_info') }}

),

final as (

    select * exclude (_occurrence)
    from provider_info

)

select * from final
