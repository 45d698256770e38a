-- One row an inspection of a facility (date, type, cycle), as each vintage listed it.
with

survey_dates as (

    select * from {{ ref('stg_nh_survey_dates') }}
    where {{ new_rows('nh_survey_dates') }}

),

final as (

    select
        ccn,
        survey_date,
        survey_type,
        survey_cycle,
        processing_date,
        _file_md5,
        _period,
        _source_row
    from survey_dates

)

select * from final
