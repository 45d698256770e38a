-- One row per state (US = nation) and vintage: CMS's own averages, what our figures are checked against.
with

state_us_averages as (

    select * from {{ ref('stg_nh_state_us_averages') }}
    where {{ new_rows('nh_state_us_averages') }}

),

final as (

    select * exclude (_source_file, _landed_at, _occurrence)
    from state_us_averages

)

select * from final
