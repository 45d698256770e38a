{{ config(tags=['across_models']) }}
-- Where the genuine PBJ quarter is loaded (facilities and resident days of the nation or state are the published ones), every
-- other published figure of that quarter must be met, to half a unit of its last decimal. Other data (samples) is not compared.
with

hprd as (

    select * from {{ ref('kpi_hprd_by_state_quarter') }}

),

contract_staffing as (

    select * from {{ ref('kpi_contract_staffing_by_state_quarter') }}

),

benchmarks as (

    select * from {{ ref('published_benchmarks') }}

),

our_figures as (
    {% for measure in [
        'facilities', 'resident_days', 'total_nurse_hours', 'total_nurse_hprd', 'rn_hprd', 'lpn_hprd', 'nurse_aide_hprd',
    ] %}
    select
        state,
        quarter,
        '{{ measure }}' as measure,
        cast({{ measure }} as double) as figure
    from hprd
    union all
    {% endfor %}
    select
        state,
        quarter,
        'contract_share_pct' as measure,
        contract_share_pct as figure
    from contract_staffing

),

compared as (

    select
        benchmarks.*,
        our_figures.figure,
        abs(our_figures.figure - benchmarks.value) <= 0.500001 * power(10, -benchmarks.decimals) as is_met
    from benchmarks
    inner join our_figures
        on
            benchmarks.geography = our_figures.state
            and benchmarks.period = our_figures.quarter
            and benchmarks.measure = our_figures.measure

),

genuine_quarters as (

    select period
    from compared
    where measure in ('facilities', 'resident_days')
    group by
        geography,
        period
    having count_if(is_met) = 2

),

final as (

    select compared.*
    from compared
    where
        compared.period in (select genuine_quarters.period from genuine_quarters)
        and not compared.is_met

)

select * from final
