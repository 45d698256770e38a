-- KPI 8: readmission rates by state: the mean of the facilities that report, with counts, beside CMS's published rate.
-- A mean of adjusted rates weighs a small facility like a large one; pooled_rate does not, where CMS gives the counts.
with

facility_rates as (

    select * from {{ ref('kpi_readmissions_by_facility') }}

),

vbp_aggregate as (

    select * from {{ ref('fct_snf_vbp_aggregate_performance') }}

),

state_us_averages as (

    select * from {{ ref('fct_state_us_averages') }}

),

collection_intervals as (

    select * from {{ ref('fct_data_collection_intervals') }}
    where measure_code = '521'

),

qrp_national as (

    select * from {{ ref('fct_snf_qrp_national') }}
    where measure_code like 'S_004_%_PPR_PD_%'

),

measure_catalog as (

    select * from {{ ref('measure_catalog') }}

),

by_state as (

    select
        {{ state_or_nation('facility_rates') }} as state,
        source,
        measure_code,
        programme_year,
        period_start_date,
        period_end_date,
        {{ mean('rate') }} as rate,
        case
            when measure_code like '%_PPR_PD_OBS'
                then {{ share_pct('sum(observed_readmissions)', 'sum(eligible_stays)') }}
        end as pooled_rate,
        count(*) as facilities,
        count(rate) as facilities_reporting,
        {{ count_where(is_suppressed('rate', 'footnote')) }} as facilities_suppressed,
        {%- for category, words in {'better': 'better', 'no_different': 'no different', 'worse': 'worse'}.items() %}
        case
            when count(comparison_category) > 0
                then {{ count_where("lower(comparison_category) like '" ~ words ~ "%'") }}
        end as facilities_{{ category }},
        {%- endfor %}
        max(release_period) as release_period
    from facility_rates
    group by {{ states_and_nation('facility_rates', ['source', 'measure_code', 'programme_year', 'period_start_date', 'period_end_date']) }}

),

-- The averages file does not say which dates its column covers: the interval file or the measure file of the same release does.
rehospitalization_periods as (

    select
        _period,
        period_start_date,
        period_end_date
    from collection_intervals
    union
    select
        release_period,
        period_start_date,
        period_end_date
    from facility_rates
    where measure_code = '521_ADJUSTED'

),

qrp_nation as (

    select
        state,
        left(measure_code, 8) as measure_id,
        start_date,
        end_date,
        _period,
        {%- for name in ['better', 'no_diff', 'worse'] %}
        cast(max(case when measure_code like '%_N_{{ name | upper }}_NAT' then score_value end) as bigint) as {{ name }},
        {%- endfor %}
        cast(max(case when measure_code like '%_N_TOO_SMALL' then score_value end) as bigint) as too_small,
        max(case when measure_code like '%_NAT_UNADJUST_AVG' then score_value end) as rate
    from qrp_national
    group by state, left(measure_code, 8), start_date, end_date, _period

),

published_rates as (
    {% for stretch in ['baseline', 'performance'] %}
    select
        state,
        'vbp' as source,
        'SNFRM_{{ stretch | upper }}' as measure_code,
        programme_year,
        {{ fiscal_year_start_date(stretch ~ '_fiscal_year') }} as period_start_date,
        {{ fiscal_year_end_date(stretch ~ '_fiscal_year') }} as period_end_date,
        {{ fraction_to_pct(published_vbp_average(vbp_measures()[0], stretch)) }} as published_rate,
        readmission_{{ stretch }}_national_rate is not null as is_published_rate_adjusted,
        cast(null as bigint) as published_facilities_better,
        cast(null as bigint) as published_facilities_no_different,
        cast(null as bigint) as published_facilities_worse,
        cast(null as bigint) as published_facilities_too_small,
        _period as release_period
    from vbp_aggregate
    union all
    {%- endfor %}

    select
        state_us_averages.state,
        'claims' as source,
        '521_ADJUSTED' as measure_code,
        null as programme_year,
        rehospitalization_periods.period_start_date,
        rehospitalization_periods.period_end_date,
        state_us_averages.short_stay_rehospitalized_pct,
        true as is_published_rate_adjusted,
        null as published_facilities_better,
        null as published_facilities_no_different,
        null as published_facilities_worse,
        null as published_facilities_too_small,
        state_us_averages._period
    from state_us_averages
    inner join rehospitalization_periods on state_us_averages._period = rehospitalization_periods._period
    {% for figure in ['OBS', 'RSRR'] %}
    union all
    select
        state,
        'qrp' as source,
        measure_id || '_PPR_PD_{{ figure }}' as measure_code,
        null as programme_year,
        start_date,
        end_date,
        rate,
        false as is_published_rate_adjusted,
        better,
        no_diff,
        worse,
        too_small,
        _period
    from qrp_nation
    {% endfor %}
),

newest_published as (

    select * from published_rates
    qualify
        row_number() over (
            partition by state, measure_code, programme_year, period_start_date, period_end_date
            order by release_period desc
        ) = 1

),

joined as (

    select
        coalesce(by_state.state, newest_published.state) as state,
        coalesce(by_state.source, newest_published.source) as source,
        coalesce(by_state.measure_code, newest_published.measure_code) as measure_code,
        cast(coalesce(by_state.programme_year, newest_published.programme_year) as bigint) as programme_year,
        coalesce(by_state.period_start_date, newest_published.period_start_date) as period_start_date,
        coalesce(by_state.period_end_date, newest_published.period_end_date) as period_end_date,
        by_state.rate,
        by_state.pooled_rate,
        by_state.facilities,
        by_state.facilities_reporting,
        by_state.facilities_suppressed,
        by_state.facilities_better,
        by_state.facilities_no_different,
        by_state.facilities_worse,
        newest_published.published_rate,
        newest_published.is_published_rate_adjusted,
        newest_published.published_facilities_better,
        newest_published.published_facilities_no_different,
        newest_published.published_facilities_worse,
        newest_published.published_facilities_too_small,
        coalesce(by_state.release_period, newest_published.release_period) as release_period
    from by_state
    full outer join newest_published
        on
            by_state.state = newest_published.state
            and by_state.measure_code = newest_published.measure_code
            and by_state.programme_year is not distinct from newest_published.programme_year
            and by_state.period_start_date = newest_published.period_start_date
            and by_state.period_end_date = newest_published.period_end_date

),

final as (

    select
        joined.state,
        joined.source,
        joined.measure_code,
        coalesce(measure_catalog.description, joined.measure_code) as measure_name,
        coalesce(measure_catalog.resident_type, 'Short Stay') as resident_type,
        {{ measure_period_label('joined') }} as period,
        {{ is_newest_of_period('joined') }} as is_newest_of_period,
        joined.* exclude (state, source, measure_code, release_period),
        cast(null as double) as rate_low,
        cast(null as double) as rate_high,
        cast(null as varchar) as comparison_category,
        cast(null as varchar) as footnote,
        joined.release_period
    from joined
    left join measure_catalog on joined.measure_code = measure_catalog.measure_code

)

select * from final
