-- KPI 9: mean star ratings by state and vintage, with how many facilities carry one and how the overall stars are spread.
{%- set ratings = ['overall_rating', 'health_inspection_rating', 'staffing_rating', 'qm_rating'] %}
with

facility_ratings as (

    select * from {{ ref('kpi_ratings_by_facility') }}

),

by_state as (

    select
        {{ state_or_nation('facility_ratings') }} as state,
        processing_date,
        definition_period,
        {%- for rating in ratings %}
        {{ mean(rating) }} as {{ rating }},
        {%- endfor %}
        count(*) as facilities,
        count(overall_rating) as facilities_rated,
        count(*) - count(overall_rating) as facilities_without_rating,
        {{ count_where('overall_rating is null and ' ~ has_footnote('overall_rating_footnote', '18')) }}
            as special_focus_facilities_not_rated,
        {%- for rating in ratings[1:] %}
        count({{ rating }}) as facilities_with_{{ rating }},
        {%- endfor %}
        {%- for star in range(1, 6) %}
        {{ share_pct(count_where('overall_rating = ' ~ star), 'count(overall_rating)') }} as overall_{{ star }}_star_share_pct
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from facility_ratings
    group by {{ states_and_nation('facility_ratings', ['processing_date', 'definition_period']) }}

),

final as (

    select
        *,
        {{ has_changed('definition_period', 'state', 'processing_date') }} as is_definition_change
    from by_state

)

select * from final
