{#- What CMS published before: other quantities than up to date, never fed into it. -#}
{%- set earlier_shares = ['residents_vaccinated_pct', 'staff_vaccinated_pct', 'residents_boosted_pct', 'staff_boosted_pct'] -%}
-- KPI 6: COVID-19 vaccination by state and date: mean of the facilities that report, beside the average CMS publishes.
with

facility_vaccination as (

    select * from {{ ref('kpi_staff_vaccination_by_facility') }}

),

published_averages as (

    select * from {{ ref('fct_covid_vaccination_averages') }}

),

vaccination_definitions as (

    select * from {{ ref('definition_changes') }}
    where subject = 'covid_vaccination'

),

by_state as (

    select
        {{ state_or_nation('facility_vaccination') }} as state,
        as_of_date,
        {{ mean('staff_up_to_date_pct') }} as staff_up_to_date_pct,
        {{ mean('residents_up_to_date_pct') }} as residents_up_to_date_pct,
        {%- for share in earlier_shares %}
        {{ mean(share) }} as {{ share }},
        {%- endfor %}
        count(*) as facilities,
        count(staff_up_to_date_pct) as facilities_reporting,
        count(*) - count(staff_up_to_date_pct) as facilities_not_reporting,
        count(residents_up_to_date_pct) as resident_facilities_reporting
    from facility_vaccination
    group by {{ states_and_nation('facility_vaccination', ['as_of_date']) }}

),

-- Either file may be missing for a date: what is known stays.
beside_published as (

    select
        coalesce(by_state.state, published_averages.state) as state,
        coalesce(by_state.as_of_date, published_averages.as_of_date) as as_of_date,
        by_state.* exclude (state, as_of_date),
        published_averages.staff_up_to_date_pct as published_staff_up_to_date_pct,
        published_averages.residents_up_to_date_pct as published_residents_up_to_date_pct
        {%- for share in earlier_shares %},
        published_averages.{{ share }} as published_{{ share }}
        {%- endfor %}
    from by_state
    full outer join published_averages
        on
            by_state.state = published_averages.state
            and by_state.as_of_date = published_averages.as_of_date

),

final as (

    select
        beside_published.*,
        vaccination_definitions.definition_period,
        {{ has_changed('vaccination_definitions.definition_period', 'beside_published.state', 'beside_published.as_of_date') }}
            as is_definition_change
    from beside_published
    left join vaccination_definitions
        on
            beside_published.as_of_date >= vaccination_definitions.valid_from
            and beside_published.as_of_date < vaccination_definitions.valid_to

)

select * from final
