-- KPI 10 by state: rates are means of reporting facilities, counts are sums; the two are never added.
with

facility_incidents as (

    select * from {{ ref('kpi_incidents_by_facility') }}

),

published_averages as (

    select * from {{ ref('fct_state_us_averages') }}

),

by_state as (

    select
        {{ state_or_nation('facility_incidents') }} as state,
        processing_date,
        count(*) as facilities,
        {%- for rate in ['falls_major_injury', 'uti', 'pressure_ulcer'] %}
        {{ mean(rate ~ '_pct') }} as {{ rate }}_pct,
        count({{ rate }}_pct) as {{ rate }}_facilities_reporting,
        {{ count_where(is_suppressed(rate ~ '_pct', rate ~ '_footnote')) }} as {{ rate }}_facilities_suppressed,
        max({{ rate }}_measure_period) as {{ rate }}_measure_period,
        {%- endfor %}
        max(pressure_ulcer_measure_code) as pressure_ulcer_measure_code,
        {%- for count in [
            'health_citations', 'complaint_citations', 'infection_control_citations', 'serious_citations',
            'immediate_jeopardy_citations', 'facility_reported_incidents', 'substantiated_complaints',
        ] %}
        cast(sum({{ count }}) as bigint) as {{ count }},
        {%- endfor %}
        max(incidents_withdrawn_since) as incidents_withdrawn_since,
        max(provider_info_processing_date) as provider_info_processing_date,
        max(mds_processing_date) as mds_processing_date,
        max(citations_processing_date) as citations_processing_date
    from facility_incidents
    group by {{ states_and_nation('facility_incidents', ['processing_date']) }}

),

final as (

    select
        by_state.*,
        published_averages.long_stay_falls_major_injury_pct as published_falls_major_injury_pct,
        published_averages.long_stay_urinary_tract_infection_pct as published_uti_pct,
        case by_state.pressure_ulcer_measure_code
            when '479' then published_averages.long_stay_pressure_ulcers_pct
            when '453' then published_averages.high_risk_long_stay_pressure_ulcers_pct
        end as published_pressure_ulcer_pct
    from by_state
    left join published_averages
        on
            by_state.state = published_averages.state
            and by_state.mds_processing_date = published_averages.processing_date

)

select * from final
