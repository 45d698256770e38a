-- KPI 5: nurse turnover by state and ProviderInfo vintage: mean of the facilities that report it, with those that do not.
{%- set footnote_codes = ['6', '26', '27'] %}
with

provider_snapshot as (

    select * from {{ ref('fct_provider_snapshot') }}

),

published_averages as (

    select * from {{ ref('fct_state_us_averages') }}

),

by_state as (

    select
        {{ state_or_nation('provider_snapshot') }} as state,
        processing_date,
        _period,
        {{ mean('total_nursing_turnover_pct') }} as total_nursing_turnover_pct,
        {{ mean('rn_turnover_pct') }} as rn_turnover_pct,
        {{ mean('administrators_left') }} as administrators_left,
        count(*) as facilities,
        count(total_nursing_turnover_pct) as facilities_reporting,
        {{ count_where(is_suppressed('total_nursing_turnover_pct', 'total_nursing_turnover_footnote')) }} as facilities_suppressed,
        {%- for code in footnote_codes %}
        {{ count_where('total_nursing_turnover_pct is null and ' ~ has_footnote('total_nursing_turnover_footnote', code)) }}
            as facilities_suppressed_footnote_{{ code }},
        {%- endfor %}
        {{ count_where('total_nursing_turnover_pct is null and total_nursing_turnover_footnote is null') }}
            as facilities_blank_without_footnote,
        count(rn_turnover_pct) as rn_facilities_reporting,
        {{ count_where(is_suppressed('rn_turnover_pct', 'rn_turnover_footnote')) }} as rn_facilities_suppressed,
        count(administrators_left) as administrator_facilities_reporting,
        {{ count_where(is_suppressed('administrators_left', 'administrator_turnover_footnote')) }}
            as administrator_facilities_suppressed
    from provider_snapshot
    group by {{ states_and_nation('provider_snapshot', ['processing_date', '_period']) }}

),

final as (

    select
        by_state.* exclude (_period),
        published_averages.total_nursing_turnover_pct as published_total_nursing_turnover_pct,
        published_averages.rn_turnover_pct as published_rn_turnover_pct,
        published_averages.administrators_left as published_administrators_left
    from by_state
    left join published_averages
        on
            by_state.state = published_averages.state
            and by_state._period = published_averages._period

)

select * from final
