-- One row per facility, inspection cycle and vintage: deficiencies by category, without complaint citations.
with

survey_summary as (

    select * from {{ ref('stg_nh_survey_summary') }}
    where {{ new_rows('nh_survey_summary') }}

),

final as (

    select * exclude (_source_file, _landed_at, _occurrence, provider_address, city, zip_code, location)
    from survey_summary

)

select * from final
