-- The facility profile's measures: one row per facility and measure (latest MDS and claims vintage) beside CMS's own averages.
with

mds_measures as (

    select * from {{ ref('fct_mds_quality_measures') }}

),

claims_measures as (

    select * from {{ ref('fct_claims_quality_measures') }}

),

published_averages as (

    select * from {{ ref('fct_state_us_averages') }}

),

measure_catalog as (

    select * from {{ ref('measure_catalog') }}

),

latest_measures as (

    select
        ccn,
        state,
        'mds' as source,
        measure_code,
        measure_description,
        resident_type,
        four_quarter_average_score as score,
        four_quarter_average_footnote as footnote,
        q1_score,
        q2_score,
        q3_score,
        q4_score,
        cast(null as double) as observed_score,
        cast(null as double) as expected_score,
        is_used_in_five_star_rating,
        measure_period,
        processing_date,
        _period
    from mds_measures
    where _period = (select max(newest._period) from mds_measures as newest)

    union all

    select
        ccn,
        state,
        'claims' as source,
        measure_code,
        measure_description,
        resident_type,
        adjusted_score as score,
        footnote,
        null as q1_score,
        null as q2_score,
        null as q3_score,
        null as q4_score,
        observed_score,
        expected_score,
        is_used_in_five_star_rating,
        measure_period,
        processing_date,
        _period
    from claims_measures
    where _period = (select max(newest._period) from claims_measures as newest)

),

final as (

    select
        latest_measures.* exclude (_period),
        {{ published_average_of_measure('latest_measures.measure_code', 'state_averages') }}
            as state_average,
        {{ published_average_of_measure('latest_measures.measure_code', 'us_averages') }}
            as us_average,
        measure_catalog.unit,
        measure_catalog.better_direction
    from latest_measures
    left join published_averages as state_averages
        on
            latest_measures.state = state_averages.state
            and latest_measures._period = state_averages._period
    left join published_averages as us_averages
        on
            us_averages.state = 'US'
            and latest_measures._period = us_averages._period
    left join measure_catalog on latest_measures.measure_code = measure_catalog.measure_code

)

select * from final
