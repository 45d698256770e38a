{{ config(severity='warn', tags=['across_models']) }}
{#
  Facilities of a family that the ProviderInfo file of the same month does not name. One row is one family and month in which more
  than 1 % are missing (genuine files: 17 of 14,564 for 2024Q2 staffing, 0.1 %; more than 1 % means that a file is incomplete).
  Silent when either family is absent for the month. SNF VBP and swing beds are left out: they list hospitals by design.
#}
{%- set families = [
    'fct_mds_quality_measures', 'fct_claims_quality_measures', 'fct_health_citations', 'fct_fire_safety_citations', 'fct_penalties',
    'fct_ownership', 'fct_survey_dates', 'fct_survey_summary', 'fct_covid_vaccination', 'fct_snf_qrp_measures',
] %}
with

provider_snapshot as (

    select distinct
        ccn,
        _period
    from {{ ref('fct_provider_snapshot') }}

),

facilities_by_family as (
    {% for family in families %}
    select distinct
        '{{ family }}' as family,
        left(_period, 7) as period,
        ccn
    from {{ ref(family) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (

    select
        facilities_by_family.family,
        facilities_by_family.period,
        count(*) as facilities,
        count(*) - count(provider_snapshot.ccn) as missing_facilities
    from facilities_by_family
    left join provider_snapshot
        on facilities_by_family.ccn = provider_snapshot.ccn and facilities_by_family.period = provider_snapshot._period
    where facilities_by_family.period in (select named._period from provider_snapshot as named)
    group by facilities_by_family.family, facilities_by_family.period

)

select * from final
where missing_facilities > 0.01 * facilities
