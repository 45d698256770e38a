-- One row per state (US = nation) and week: CMS's own averages of the vaccination shares.
with

covid_vaccination_averages as (

    select * from {{ ref('stg_nh_covid_vax_averages') }}
    where {{ new_rows('nh_covid_vax_averages') }}

),

final as (

    select {{ preserved_columns() }}
    from covid_vaccination_averages

)

select * from final
