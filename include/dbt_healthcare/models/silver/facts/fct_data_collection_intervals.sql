-- One row per measure and vintage: the dates that the published score covers.
with

data_collection_intervals as (

    select * from {{ ref('stg_nh_data_collection_intervals') }}
    where {{ new_rows('nh_data_collection_intervals') }}

),

final as (

    select {{ preserved_columns() }}
    from data_collection_intervals

)

select * from final
