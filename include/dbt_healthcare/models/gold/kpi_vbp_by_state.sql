-- The measures of SNF value-based purchasing by state and program year: means of facilities, beside CMS's national figures.
with

facility_values as (

    select * from {{ ref('kpi_vbp_by_facility') }}

),

vbp_aggregate as (

    select * from {{ ref('fct_snf_vbp_aggregate_performance') }}

),

by_state as (

    select
        {{ state_or_nation('facility_values') }} as state,
        programme_year,
        measure_code,
        measure_name,
        unit,
        better_direction,
        {%- for stretch in ['baseline', 'performance'] %}
        max({{ stretch }}_fiscal_year) as {{ stretch }}_fiscal_year,
        {{ mean(stretch ~ '_value') }} as {{ stretch }}_value,
        count({{ stretch }}_value) as {{ stretch }}_facilities_reporting,
        {%- endfor %}
        count(*) as facilities
    from facility_values
    group by {{ states_and_nation('facility_values', ['programme_year', 'measure_code', 'measure_name', 'unit', 'better_direction']) }}

),

national_figures as (
    {% for measure in vbp_measures() %}
    select
        programme_year,
        '{{ measure.code }}' as measure_code,
        {%- for stretch in ['baseline', 'performance'] %}
        {{ vbp_value(measure, published_vbp_average(measure, stretch)) }} as published_{{ stretch }}_value,
        {%- endfor %}
        {{ measure.national.format('performance') }} is not null as is_published_value_adjusted,
        {{ 'achievement_threshold' if measure.code == 'SNFRM' else measure.scores ~ '_achievement_threshold' }} as achievement_threshold,
        {{ 'benchmark' if measure.code == 'SNFRM' else measure.scores ~ '_benchmark' }} as benchmark
    from vbp_aggregate
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        by_state.*,
        national_figures.published_baseline_value,
        national_figures.published_performance_value,
        national_figures.is_published_value_adjusted,
        national_figures.achievement_threshold,
        national_figures.benchmark
    from by_state
    left join national_figures
        on
            by_state.state = 'US'
            and by_state.programme_year = national_figures.programme_year
            and by_state.measure_code = national_figures.measure_code

)

select * from final
