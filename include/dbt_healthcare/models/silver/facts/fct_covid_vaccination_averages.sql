-- One row a state (US = nation) and week: CMS's own averages of the vaccination shares.
with

covid_vaccination_averages as (

    select * from {{ ref('stg_nh_covid_vax_averages') }}
    where {{ new_rows('nh_covid_vax_averages') }}

),

final as (

    select
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
    from covid_vaccination_averages

)

select * from final
