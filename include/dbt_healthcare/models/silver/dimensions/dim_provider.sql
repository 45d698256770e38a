{%- set tracked = [
    'provider_name', 'provider_address', 'city', 'state', 'zip_code', 'county_name', 'ownership_type', 'certified_beds',
    'provider_type', 'is_in_hospital', 'legal_business_name', 'first_approved_date', 'chain_name', 'chain_id', 'is_ccrc',
    'special_focus_status',
] -%}
-- SCD2 of facilities, rebuilt from the vintages: late, restated or doubled files cannot leave a trace of their order.
with

snapshots as (

    select
        ccn,
        processing_date,
        {%- for column in tracked if column != 'special_focus_status' %}
        {{ column }},
        {%- endfor %}
        {{ special_focus_status('special_focus_status') }} as special_focus_status
    from {{ ref('fct_provider_snapshot') }}
    qualify row_number() over (partition by ccn, processing_date order by {{ newest_provider_info_first() }}) = 1

),

vintages as (

    select
        processing_date,
        row_number() over (order by processing_date) as vintage,
        lead(processing_date, 1, cast('9999-12-31' as date)) over (order by processing_date) as next_processing_date
    from (select distinct processing_date from snapshots) as processing_dates

),

-- CMS changed the capitals of many values over the years: that is no change of the facility.
compared as (

    select
        snapshots.*,
        vintages.vintage,
        vintages.next_processing_date,
        hash({% for column in tracked %}upper(cast(snapshots.{{ column }} as varchar)){{ ', ' if not loop.last }}{% endfor %})
            as attributes_hash
    from snapshots
    inner join vintages on snapshots.processing_date = vintages.processing_date

),

starts as (

    select
        *,
        case
            when
                vintage - 1 = lag(vintage) over (partition by ccn order by vintage)
                and attributes_hash = lag(attributes_hash) over (partition by ccn order by vintage)
                then 0
            else 1
        end as is_start
    from compared

),

numbered as (

    select
        *,
        cast(
            sum(is_start) over (partition by ccn order by vintage rows between unbounded preceding and current row)
                as bigint
        ) as version
    from starts

),

ranges as (

    select
        ccn,
        version,
        {%- for column in tracked %}
        {{ newest_known('numbered.' ~ column, 'numbered.vintage') }} as {{ column }},
        {%- endfor %}
        min(processing_date) as valid_from,
        max(processing_date) as last_confirmed_date,
        -- the first vintage after the range; null while the newest vintage still says so
        nullif(max(next_processing_date), cast('9999-12-31' as date)) as valid_to,
        count(*) as vintages
    from numbered
    group by ccn, version

),

final as (

    select
        ccn,
        version,
        {%- for column in tracked %}
        {{ column }},
        {%- endfor %}
        {{ ownership_group('ownership_type') }} as ownership_group,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        last_confirmed_date,
        vintages,
        case when version = 1 then cast('0001-01-01' as date) else valid_from end as nearest_from,
        coalesce(lead(valid_from) over (partition by ccn order by version), cast('9999-12-31' as date)) as nearest_to
    from ranges

)

select * from final
