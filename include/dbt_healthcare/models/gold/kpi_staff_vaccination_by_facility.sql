-- KPI 6: share of staff and residents of one facility who are up to date with COVID-19 vaccination, as of one date.
with

covid_vaccination as (

    select * from {{ ref('fct_covid_vaccination') }}

),

facilities as (

    select * from {{ ref('dim_facility') }}

),

vaccination_definitions as (

    select * from {{ ref('definition_changes') }}
    where subject = 'covid_vaccination'

),

final as (

    select
        covid_vaccination.ccn,
        facilities.provider_name,
        covid_vaccination.state,
        covid_vaccination.as_of_date,
        covid_vaccination.staff_up_to_date_pct,
        covid_vaccination.residents_up_to_date_pct,
        covid_vaccination.residents_vaccinated_pct,
        covid_vaccination.staff_vaccinated_pct,
        covid_vaccination.residents_boosted_pct,
        covid_vaccination.staff_boosted_pct,
        vaccination_definitions.definition_period
    from covid_vaccination
    left join facilities on covid_vaccination.ccn = facilities.ccn
    left join vaccination_definitions
        on
            covid_vaccination.as_of_date >= vaccination_definitions.valid_from
            and covid_vaccination.as_of_date < vaccination_definitions.valid_to

)

select * from final
