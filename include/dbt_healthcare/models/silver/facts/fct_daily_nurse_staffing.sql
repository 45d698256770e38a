-- One row a facility and day: the paid nurse hours of the day beside the residents of the day.
with

staged as (

    select * from {{ ref('stg_pbj_daily_nurse_staffing') }}
    where {{ only_new_files() }}

),

exact_repeats as (

    {{ exact_repeats('pbj_daily_nurse_staffing', key=['ccn', 'work_date']) }}

),

-- CMS calls hands-on RN and LPN hours just "RN" and "LPN"; here rn_hours and lpn_hours mean the whole group.
renamed as (

    select
        ccn,
        work_date,
        provider_name,
        city,
        state,
        county_name,
        county_fips,
        resident_census,
        {{ nurse_category_columns() }},
        incomplete,
        _file_md5,
        _period,
        _source_row
    from staged

),

measured as (

    select
        *,
        {{ month_of('work_date') }} as month,
        {{ quarter_of('work_date') }} as quarter,
        {{ total_nurse_hours() }} as total_nurse_hours,
        {{ nurse_hours('rn') }} as rn_hours,
        {{ nurse_hours('lpn') }} as lpn_hours,
        {{ nurse_hours('nurse_aide') }} as nurse_aide_hours,
        {{ direct_care_hours() }} as direct_care_hours,
        {{ employee_hours() }} as employee_hours,
        {{ contract_hours() }} as contract_hours,
        {{ is_weekend('work_date') }} as is_weekend
    from renamed

),

final as (

    select
        measured.*,
        total_nurse_hours = 0 as has_no_nurse_hours,
        {{ is_staffing_outlier('total_nurse_hours', 'resident_census') }} as is_outlier
    from measured
    left join exact_repeats
        on
            measured._file_md5 = exact_repeats._file_md5
            and measured._source_row = exact_repeats._source_row
    where exact_repeats._source_row is null

)

select * from final
