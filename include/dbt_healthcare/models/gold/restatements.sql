{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook='{{ delete_outdated_restatements() }}'
) }}
{%- set facility = {'ccn': 'ccn', 'provider_name': 'text', 'state': 'state'} -%}
{%- set staffing_columns = dict(facility, work_date='text', resident_census='integer') -%}
{%- for category in nurse_categories() -%}
    {%- for kind in ['', '_employee', '_contract'] -%}
        {%- do staffing_columns.update({category.staged ~ kind ~ '_hours': 'hours'}) -%}
    {%- endfor -%}
{%- endfor -%}
-- What a later publication of a period changed, by facility and figure: one row per change, none for a figure that stayed.
with

load_ledger as (

    select * from {{ source('bronze_ledger', 'load_ledger') }}

),

pairs as (

    select * from (
        {{ publication_pairs('load_ledger') }}
    ) as all_pairs
    where {{ is_pair_to_compare() }}

),

known_corrections as (

    {{ periods_to_correct('pbj_daily_nurse_staffing', 'med_aide_contract_hours') }}

),

published_staffing as (

    {{ published_rows('pbj_daily_nurse_staffing', staffing_columns) }}

),

staffing_days as (

    select
        published_staffing._file_md5,
        published_staffing.ccn,
        published_staffing.provider_name,
        published_staffing.state,
        published_staffing.resident_census,
        {{ nurse_category_columns() }},
        {{ corrected_med_aide_contract_hours('published_staffing', 'known_corrections') }}
            - published_staffing.med_aide_contract_hours as contract_correction_hours
    from published_staffing
    left join known_corrections on published_staffing._period = known_corrections.period

),

staffing_quarters as (

    select
        _file_md5,
        ccn,
        max(provider_name) as provider_name,
        max(state) as state,
        sum(resident_census) as resident_days,
        sum({{ total_nurse_hours() }}) as total_nurse_hours,
        sum({{ nurse_hours('rn') }}) as rn_hours,
        sum({{ contract_hours() }} + contract_correction_hours) as contract_hours
    from staffing_days
    group by _file_md5, ccn

),

pbj_daily_nurse_staffing as (

    select
        *,
        {{ measure('total_nurse_hprd') }} as total_nurse_hprd,
        {{ measure('rn_hprd') }} as rn_hprd,
        {{ measure('contract_share_pct') }} as contract_share_pct
    from staffing_quarters

),

nh_provider_info as (

    {{ published_rows('nh_provider_info', dict(
        facility, overall_rating='integer', health_inspection_rating='integer', staffing_rating='integer', qm_rating='integer',
        total_nursing_turnover_pct='number', rn_turnover_pct='number', certified_beds='integer'
    )) }}

),

nh_covid_vax_provider as (

    {{ published_rows('nh_covid_vax_provider', {
        'ccn': 'ccn', 'state': 'state', 'staff_up_to_date_pct': 'number', 'residents_up_to_date_pct': 'number'
    }) }}

),

figures as (
    {% for family, kpis in restated_kpis().items() %}
    {%- set of_family = loop %}
    {%- for kpi in kpis %}
    select
        _file_md5,
        ccn,
        {{ 'cast(null as varchar)' if family == 'nh_covid_vax_provider' else 'provider_name' }} as provider_name,
        state,
        '{{ kpi }}' as kpi,
        cast({{ kpi }} as double) as figure
    from {{ family }}
    {{ 'union all' if not (loop.last and of_family.last) }}
    {%- endfor %}
    {%- endfor %}

),

both_sides as (

    select
        pairs.pair_key,
        figures.*,
        false as is_new
    from pairs
    inner join figures on pairs.old_file_md5 = figures._file_md5

    union all

    select
        pairs.pair_key,
        figures.*,
        true as is_new
    from pairs
    inner join figures on pairs.new_file_md5 = figures._file_md5

),

compared as (

    select
        pair_key,
        ccn,
        kpi,
        coalesce(max(case when is_new then provider_name end), max(provider_name)) as provider_name,
        coalesce(max(case when is_new then state end), max(state)) as state,
        max(case when not is_new then figure end) as old_value,
        max(case when is_new then figure end) as new_value
    from both_sides
    group by pair_key, ccn, kpi

),

final as (

    select
        pairs.family,
        pairs.period,
        compared.ccn,
        compared.provider_name,
        compared.state,
        compared.kpi,
        compared.old_value,
        compared.new_value,
        compared.new_value - compared.old_value as change,
        pairs.old_file_name,
        pairs.old_file_md5,
        pairs.old_published_at,
        pairs.old_loaded_at,
        pairs.new_file_name,
        pairs.new_file_md5,
        pairs.new_published_at,
        pairs.new_loaded_at
    from compared
    inner join pairs on compared.pair_key = pairs.pair_key
    where
        (compared.old_value is null) <> (compared.new_value is null)
        -- a sum of doubles depends on the order of its rows: no change of an hour is as small as this
        or abs(compared.new_value - compared.old_value)
        > 1e-9 * greatest(abs(compared.old_value), abs(compared.new_value))

)

select * from final
