-- KPI 3, contract staffing: contract hours of all eight nurse categories in percent of total nurse hours.
with

monthly_staffing as (

    select * from {{ ref('fct_monthly_nurse_staffing') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        month,
        quarter,
        cast(employee_hours as double) as employee_hours,
        cast(contract_hours as double) as contract_hours,
        cast(total_nurse_hours as double) as total_nurse_hours,
        {%- for group in ['rn', 'lpn', 'nurse_aide'] %}
        cast({{ group }}_hours as double) as {{ group }}_hours,
        cast({{ group }}_contract_hours as double) as {{ group }}_contract_hours,
        {%- endfor %}
        {{ measure('contract_share_pct') }} as contract_share_pct,
        {{ measure('rn_contract_share_pct') }} as rn_contract_share_pct,
        {{ measure('lpn_contract_share_pct') }} as lpn_contract_share_pct,
        {{ measure('nurse_aide_contract_share_pct') }} as nurse_aide_contract_share_pct,
        cast(contract_hours_as_published as double) as contract_hours_as_published,
        {{ measure('contract_share_as_published_pct') }} as contract_share_as_published_pct
    from monthly_staffing

)

select * from final
