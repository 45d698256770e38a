-- One row a facility and week: share of residents and of staff who are up to date with COVID-19 vaccination.
with

covid_vaccination as (

    select * from {{ ref('stg_nh_covid_vax_provider') }}
    where {{ new_rows('nh_covid_vax_provider') }}

),

final as (

    select
        ccn,
        state,
        residents_up_to_date_pct,
        staff_up_to_date_pct,
        residents_vaccinated_pct,
        staff_vaccinated_pct,
        residents_boosted_pct,
        staff_boosted_pct,
        as_of_date,
        _file_md5,
        _period,
        _source_row
    from covid_vaccination

)

select * from final
