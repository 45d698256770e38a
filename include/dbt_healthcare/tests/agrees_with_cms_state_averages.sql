{{ config(severity='warn', tags=['across_models']) }}
{#
  Means of facilities against CMS's State and US Averages of the same month, state by state. One row is one disagreement.

  The genuine NATION row of October 2024 IS the unweighted mean of the reporting facilities in every column below, to CMS's
  rounding (profile of the genuine ProviderInfo file: RN 0.66807 of 14,428 facilities, turnover 48.759771 -> 48.8 of 13,341).
  So the threshold is 0 disagreements, and the tolerance is rounding only: half a unit of the published decimals plus half a unit
  of the facility's own. The nursing case-mix index is left out: CMS weighs it by residents (1.35608, mean of facilities 1.34854).
#}
{%- set provider_columns = {
    'average_residents_per_day': ['average_residents_per_day', 0.1],
    'reported_nurse_aide_hprd': ['reported_nurse_aide_hprd', 0.00501],
    'reported_lpn_hprd': ['reported_lpn_hprd', 0.00501],
    'reported_rn_hprd': ['reported_rn_hprd', 0.00001],
    'reported_licensed_hprd': ['reported_licensed_hprd', 0.00501],
    'reported_total_nurse_hprd': ['reported_total_nurse_hprd', 0.00001],
    'weekend_total_nurse_hprd': ['weekend_total_nurse_hprd', 0.00001],
    'weekend_rn_hprd': ['weekend_rn_hprd', 0.00501],
    'reported_physical_therapist_hprd': ['reported_physical_therapist_hprd', 0.00501],
    'total_nursing_turnover_pct': ['total_nursing_turnover_pct', 0.1],
    'rn_turnover_pct': ['rn_turnover_pct', 0.1],
    'administrators_left': ['administrators_left', 0.05],
    'fines': ['fines', 0.05],
    'fine_amount_usd': ['total_fines_usd', 0.5],
    'cycle_1_health_deficiencies': ['cycle_1_deficiencies', 0.05],
    'overall_rating': ['overall_rating', 0.05],
    'health_inspection_rating': ['health_inspection_rating', 0.05],
    'qm_rating': ['qm_rating', 0.05],
    'staffing_rating': ['staffing_rating', 0.05],
} %}
with

provider_snapshot as (

    select * from {{ ref('fct_provider_snapshot') }}

),

published_averages as (

    select * from {{ ref('fct_state_us_averages') }}

),

measure_scores as (

    select state, _period, measure_code, four_quarter_average_score as score
    from {{ ref('fct_mds_quality_measures') }}
    union all
    select state, _period, measure_code, adjusted_score
    from {{ ref('fct_claims_quality_measures') }}

),

provider_means as (

    select
        {{ state_or_nation('provider_snapshot') }} as state,
        {%- for provider_column, tolerance in provider_columns.values() %}
        avg({{ provider_column }}) as {{ provider_column }},
        {%- endfor %}
        _period
    from provider_snapshot
    group by {{ states_and_nation('provider_snapshot', ['_period']) }}

),

measure_means as (

    select
        {{ state_or_nation('measure_scores') }} as state,
        _period,
        measure_code,
        avg(score) as score
    from measure_scores
    group by {{ states_and_nation('measure_scores', ['_period', 'measure_code']) }}

),

compared as (
    {% for average_column, (provider_column, tolerance) in provider_columns.items() %}
    select
        published_averages.state,
        published_averages._period,
        '{{ average_column }}' as figure,
        cast(published_averages.{{ average_column }} as double) as published,
        cast(provider_means.{{ provider_column }} as double) as mean_of_facilities,
        {{ tolerance }} as tolerance
    from published_averages
    inner join provider_means
        on published_averages.state = provider_means.state and published_averages._period = provider_means._period
    union all
    {% endfor %}
    select
        published_averages.state,
        published_averages._period,
        measure_means.measure_code as figure,
        {{ published_average_of_measure('measure_means.measure_code', 'published_averages') }} as published,
        measure_means.score as mean_of_facilities,
        0.000001 as tolerance
    from published_averages
    inner join measure_means
        on published_averages.state = measure_means.state and published_averages._period = measure_means._period

)

-- A hair more than the tolerance: doubles are not decimal.
select * from compared
where abs(published - mean_of_facilities) > tolerance + 0.0000001
