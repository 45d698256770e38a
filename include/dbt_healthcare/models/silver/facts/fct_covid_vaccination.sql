-- One row per facility and week: share of residents and of staff who are up to date with COVID-19 vaccination.
with

covid_vaccination as (

    select * from {{ ref('stg_nh_covid_vax_provider') }}
    where {{ new_rows('nh_covid_vax_provider') }}

),

final as (

    select {{ preserved_columns() }}
    from covid_vaccination

)

select * from final
