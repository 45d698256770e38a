-- KPI 8: readmission rates by facility: three CMS sources side by side, never mixed. No public file holds a diagnosis.
with

vbp_performance as (

    select * from {{ ref('fct_snf_vbp_facility_performance') }}

),

claims_measures as (

    select * from {{ ref('fct_claims_quality_measures') }}
    where measure_code = '521'

),

qrp_measures as (

    select
        *,
        left(measure_code, 8) as measure_id,
        substr(measure_code, 10) as figure
    from {{ ref('fct_snf_qrp_measures') }}
    where measure_code like 'S_004_%_PPR_PD_%'

),

measure_catalog as (

    select * from {{ ref('measure_catalog') }}

),

facilities as (

    select * from {{ ref('dim_facility') }}

),

-- CMS publishes 48 rows per facility: they become one before anything is joined.
qrp_by_facility as (

    select
        ccn,
        measure_id,
        start_date,
        end_date,
        _period,
        {%- for figure in ['OBS', 'RSRR', 'RSRR_2_5', 'RSRR_97_5', 'VOLUME', 'OBS_READM'] %}
        max(case when figure = 'PPR_PD_{{ figure }}' then score_value end) as {{ figure | lower }},
        {%- endfor %}
        max(case when figure = 'PPR_PD_OBS' then footnote end) as obs_footnote,
        max(case when figure = 'PPR_PD_RSRR' then footnote end) as rsrr_footnote,
        max(
            case when figure = 'PPR_PD_COMP_PERF' and upper(score) != 'NOT AVAILABLE' then score end
        ) as comparison_category
    from qrp_measures
    group by ccn, measure_id, start_date, end_date, _period

),

all_rates as (
    {% for stretch in ['baseline', 'performance'] %}
    select
        ccn,
        'vbp' as source,
        'SNFRM_{{ stretch | upper }}' as measure_code,
        programme_year,
        {{ fiscal_year_start_date(stretch ~ '_fiscal_year') }} as period_start_date,
        {{ fiscal_year_end_date(stretch ~ '_fiscal_year') }} as period_end_date,
        {{ stretch }}_readmission_rate_pct as rate,
        cast(null as double) as rate_low,
        cast(null as double) as rate_high,
        cast(null as varchar) as comparison_category,
        {{ stretch }}_readmission_rate_footnote as footnote,
        cast(null as bigint) as eligible_stays,
        cast(null as bigint) as observed_readmissions,
        _period as release_period
    from vbp_performance
    union all
    {%- endfor %}
    {% for score in ['adjusted', 'observed', 'expected'] %}
    select
        ccn,
        'claims' as source,
        '521_{{ score | upper }}' as measure_code,
        null as programme_year,
        {{ cms_date('left(measure_period, 8)') }} as period_start_date,
        {{ cms_date('right(measure_period, 8)') }} as period_end_date,
        {{ score }}_score as rate,
        null as rate_low,
        null as rate_high,
        null as comparison_category,
        footnote,
        null as eligible_stays,
        null as observed_readmissions,
        _period as release_period
    from claims_measures
    union all
    {%- endfor %}
    {% for figure in ['obs', 'rsrr'] %}
    select
        ccn,
        'qrp' as source,
        measure_id || '_PPR_PD_{{ figure | upper }}' as measure_code,
        null as programme_year,
        start_date as period_start_date,
        end_date as period_end_date,
        {{ figure }} as rate,
        {{ 'rsrr_2_5' if figure == 'rsrr' else 'null' }} as rate_low,
        {{ 'rsrr_97_5' if figure == 'rsrr' else 'null' }} as rate_high,
        {{ 'comparison_category' if figure == 'rsrr' else 'null' }} as comparison_category,
        {{ figure }}_footnote as footnote,
        cast(volume as bigint) as eligible_stays,
        cast(obs_readm as bigint) as observed_readmissions,
        _period as release_period
    from qrp_by_facility
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- CMS repeats a measure period over several releases: the last release that reports a period speaks for it. A VBP program year
-- does not repeat another one: its baseline is computed again, also where it is of the same period.
newest_releases as (

    select * from all_rates
    qualify
        release_period = max(release_period) over (
            partition by measure_code, programme_year, period_start_date, period_end_date
        )

),

final as (

    select
        newest_releases.ccn,
        facilities.provider_name,
        facilities.state,
        newest_releases.source,
        newest_releases.measure_code,
        cast(newest_releases.programme_year as bigint) as programme_year,
        {{ is_newest_of_period('newest_releases') }} as is_newest_of_period,
        coalesce(measure_catalog.description, newest_releases.measure_code) as measure_name,
        coalesce(measure_catalog.resident_type, 'Short Stay') as resident_type,
        {{ measure_period_label('newest_releases') }} as period,
        newest_releases.period_start_date,
        newest_releases.period_end_date,
        newest_releases.rate,
        newest_releases.rate_low,
        newest_releases.rate_high,
        newest_releases.comparison_category,
        newest_releases.footnote,
        newest_releases.eligible_stays,
        newest_releases.observed_readmissions,
        newest_releases.release_period
    from newest_releases
    left join measure_catalog on newest_releases.measure_code = measure_catalog.measure_code
    left join facilities on newest_releases.ccn = facilities.ccn

)

select * from final
