-- One row per state and vintage: the weighted inspection scores (lower is better) that earn each star.
with

health_inspection_cut_points as (

    select * from {{ ref('stg_nh_health_inspec_cutpoints_state') }}
    where {{ new_rows('nh_health_inspec_cutpoints_state') }}

),

final as (

    select
        state,
        {%- for stars in ['5_stars', '4_stars', '3_stars', '2_stars', '1_star'] %}
        range_{{ stars }},
        {{ range_lower_bound('range_' ~ stars) }} as score_{{ stars }}_lower,
        {{ range_upper_bound('range_' ~ stars) }} as score_{{ stars }}_upper,
        {%- endfor %}
        {{ period_start_date('_period') }} as processing_date,
        _file_md5,
        _period,
        _source_row
    from health_inspection_cut_points

)

select * from final
