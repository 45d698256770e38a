-- The measures of SNF value-based purchasing by facility and program year, a baseline beside the performance of its own year.
with

vbp_performance as (

    select * from {{ ref('fct_snf_vbp_facility_performance') }}

),

measure_catalog as (

    select * from {{ ref('measure_catalog') }}

),

facilities as (

    select * from {{ ref('dim_facility') }}

),

by_measure as (
    {% for measure in vbp_measures() %}
    select
        ccn,
        programme_year,
        '{{ measure.code }}' as measure_code,
        baseline_fiscal_year,
        performance_fiscal_year,
        {%- for stretch in ['baseline', 'performance'] %}
        {{ vbp_value(measure, measure[stretch]) }} as {{ stretch }}_value,
        {{ measure[stretch] }}_footnote as {{ stretch }}_footnote,
        {%- endfor %}
        {%- for score in ['achievement', 'improvement', 'measure'] %}
        {{ measure.scores }}_{{ score }}_score as {{ score }}_score,
        {%- endfor %}
        performance_score as program_score,
        program_ranking,
        incentive_payment_multiplier,
        _period as release_period
    from vbp_performance
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        by_measure.ccn,
        facilities.provider_name,
        facilities.state,
        cast(by_measure.programme_year as bigint) as programme_year,
        by_measure.measure_code,
        measure_catalog.description as measure_name,
        measure_catalog.unit,
        measure_catalog.better_direction,
        cast(by_measure.baseline_fiscal_year as bigint) as baseline_fiscal_year,
        by_measure.baseline_value,
        by_measure.baseline_footnote,
        cast(by_measure.performance_fiscal_year as bigint) as performance_fiscal_year,
        by_measure.performance_value,
        by_measure.performance_footnote,
        by_measure.achievement_score,
        by_measure.improvement_score,
        by_measure.measure_score,
        by_measure.program_score,
        cast(by_measure.program_ranking as bigint) as program_ranking,
        by_measure.incentive_payment_multiplier,
        by_measure.release_period
    from by_measure
    inner join measure_catalog on by_measure.measure_code = measure_catalog.measure_code
    left join facilities on by_measure.ccn = facilities.ccn
    -- until 2025 the program had one measure
    where coalesce(
        cast(by_measure.baseline_value as varchar),
        cast(by_measure.performance_value as varchar),
        by_measure.baseline_footnote,
        by_measure.performance_footnote
    ) is not null

)

select * from final
