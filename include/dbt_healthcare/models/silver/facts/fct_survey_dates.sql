-- One row per inspection of a facility (date, type, cycle), as each vintage listed it.
with

survey_dates as (

    select * from {{ ref('stg_nh_survey_dates') }}
    where {{ new_rows('nh_survey_dates') }}

),

final as (

    select {{ preserved_columns() }}
    from survey_dates

)

select * from final
