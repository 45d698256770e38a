-- One row per facility and day: the paid nurse hours of the day beside the residents of the day.
with

staged as (

    select * from {{ ref('stg_pbj_daily_nurse_staffing') }}
    where {{ new_rows('pbj_daily_nurse_staffing') }}

),

known_corrections as (

    {{ periods_to_correct('pbj_daily_nurse_staffing', 'med_aide_contract_hours') }}

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

corrected as (

    select
        renamed.* exclude (med_aide_contract_hours),
        {{ corrected_med_aide_contract_hours('renamed', 'known_corrections') }} as med_aide_contract_hours,
        renamed.med_aide_contract_hours as med_aide_contract_hours_as_published
    from renamed
    left join known_corrections on renamed._period = known_corrections.period

),

measured as (

    select
        *,
        {{ month_of('work_date') }} as month,
        {{ quarter_of('work_date') }} as quarter,
        {%- for name, hours in {
            'total_nurse': total_nurse_hours(),
            'rn': nurse_hours('rn'),
            'lpn': nurse_hours('lpn'),
            'nurse_aide': nurse_hours('nurse_aide'),
            'direct_care': direct_care_hours(),
            'employee': employee_hours(),
            'contract': contract_hours(),
        }.items() %}
        {{ as_hours(hours) }} as {{ name }}_hours,
        {%- endfor %}
        {{ is_weekend('work_date') }} as is_weekend,
        {{ is_marked_incomplete('incomplete') }} as is_incomplete
    from corrected

),

final as (

    select
        *,
        total_nurse_hours = 0 as has_no_nurse_hours,
        {{ is_staffing_outlier('total_nurse_hours', 'resident_census') }} as is_outlier
    from measured

)

select * from final
