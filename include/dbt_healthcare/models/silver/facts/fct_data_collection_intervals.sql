-- One row a measure and vintage: the dates that the published score covers.
with

data_collection_intervals as (

    select * from {{ ref('stg_nh_data_collection_intervals') }}
    where {{ new_rows('nh_data_collection_intervals') }}

),

final as (

    select
        measure_code,
        measure_description,
        period_start_date,
        period_end_date,
        measure_date_range,
        processing_date,
        _file_md5,
        _period,
        _source_row
    from data_collection_intervals

)

select * from final
