-- KPI 10: what went wrong in a facility, by vintage: rates from MDS, counts from citations and from ProviderInfo.
-- The three families are published apart; they meet on the month they were published for, and each row says their dates.
{%- set incidents_withdrawn = withdrawn_since('nh_provider_info', 'facility_reported_incidents') %}
{%- set families = ['provider_snapshot', 'mds_by_facility', 'citations_by_facility'] %}
with

provider_snapshot as (

    select * from {{ ref('fct_provider_snapshot') }}

),

mds_measures as (

    select * from {{ ref('fct_mds_quality_measures') }}
    where measure_code in ('407', '410', '453', '479')

),

-- CMS's portal of 2015 to 2018 published citations of both kinds in one table.
health_citations as (

    select * from {{ ref('fct_health_citations') }}
    where survey_type is distinct from 'Fire Safety'

),

facilities as (

    select * from {{ ref('dim_facility') }}

),

-- 479 (any resident) replaced 453 (high-risk residents): a vintage that holds both speaks with 479.
mds_by_facility as (

    select
        ccn,
        _period,
        max(processing_date) as processing_date,
        max(case when measure_code in ('453', '479') then measure_code end) as pressure_ulcer_measure_code,
        {%- for code in ['407', '410', '453', '479'] %}
        max(case when measure_code = '{{ code }}' then four_quarter_average_score end) as pct_{{ code }},
        max(case when measure_code = '{{ code }}' then four_quarter_average_footnote end) as footnote_{{ code }},
        max(case when measure_code = '{{ code }}' then measure_period end) as period_{{ code }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from mds_measures
    group by ccn, _period

),

citations_by_facility as (

    select
        ccn,
        _period,
        max(processing_date) as processing_date,
        count(*) as health_citations,
        {{ count_where('is_complaint_deficiency') }} as complaint_citations,
        {{ count_where('is_infection_control') }} as infection_control_citations,
        {{ count_where('is_serious') }} as serious_citations,
        {{ count_where('is_immediate_jeopardy') }} as immediate_jeopardy_citations
    from health_citations
    group by ccn, _period

),

facility_vintages as (
    {% for family in families %}
    select
        ccn,
        _period
    from {{ family }}
    {{ 'union' if not loop.last }}
    {%- endfor %}
),

{% for family in families -%}
{{ family }}_dates as (

    select
        _period,
        max(processing_date) as processing_date
    from {{ family }}
    group by _period

),

{% endfor -%}

final as (

    select
        facility_vintages.ccn,
        facilities.provider_name,
        coalesce(provider_snapshot.state, facilities.state) as state,
        coalesce(
            provider_snapshot_dates.processing_date,
            mds_by_facility_dates.processing_date,
            citations_by_facility_dates.processing_date
        ) as processing_date,
        mds_by_facility.pct_410 as falls_major_injury_pct,
        mds_by_facility.footnote_410 as falls_major_injury_footnote,
        mds_by_facility.period_410 as falls_major_injury_measure_period,
        mds_by_facility.pct_407 as uti_pct,
        mds_by_facility.footnote_407 as uti_footnote,
        mds_by_facility.period_407 as uti_measure_period,
        {%- for column in ['pct', 'footnote', 'period'] %}
        case mds_by_facility.pressure_ulcer_measure_code
            when '479' then mds_by_facility.{{ column }}_479 else mds_by_facility.{{ column }}_453
        end as pressure_ulcer_{{ 'measure_period' if column == 'period' else column }},
        {%- endfor %}
        mds_by_facility.pressure_ulcer_measure_code,
        {%- for count in ['health', 'complaint', 'infection_control', 'serious', 'immediate_jeopardy'] %}
        case
            when citations_by_facility_dates._period is not null then coalesce(citations_by_facility.{{ count }}_citations, 0)
        end as {{ count }}_citations,
        {%- endfor %}
        provider_snapshot.facility_reported_incidents,
        provider_snapshot.substantiated_complaints,
        case
            when provider_snapshot_dates.processing_date >= {{ incidents_withdrawn }} then {{ incidents_withdrawn }}
        end as incidents_withdrawn_since,
        provider_snapshot_dates.processing_date as provider_info_processing_date,
        mds_by_facility_dates.processing_date as mds_processing_date,
        citations_by_facility_dates.processing_date as citations_processing_date
    from facility_vintages
    left join facilities on facility_vintages.ccn = facilities.ccn
    {%- for family in families %}
    left join {{ family }}
        on facility_vintages.ccn = {{ family }}.ccn and facility_vintages._period = {{ family }}._period
    left join {{ family }}_dates on facility_vintages._period = {{ family }}_dates._period
    {%- endfor %}

)

select * from final
