-- One row a facility, inspection cycle and vintage: deficiencies by category, without complaint citations.
with

survey_summary as (

    select * from {{ ref('stg_nh_survey_summary') }}
    where
        {{ only_new_files() }}
        and {{ without_repeats('nh_survey_summary', key=['ccn', 'inspection_cycle']) }}

),

final as (

    select * exclude (_source_file, _landed_at, provider_address, city, zip_code, location)
    from survey_summary

)

select * from final
