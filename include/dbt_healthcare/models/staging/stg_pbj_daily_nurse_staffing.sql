-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
with

bronze_rows as (

    select * from {{ source('bronze', 'pbj_daily_nurse_staffing') }}

),

current_files as (

    select file_md5 from {{ ref('current_files') }}

),

final as (

    select
        {{ cms_ccn('ccn') }} as ccn,
        {{ cms_text('provider_name') }} as provider_name,
        {{ cms_text('city') }} as city,
        {{ cms_state('state') }} as state,
        {{ cms_text('county_name') }} as county_name,
        {{ cms_text('county_fips') }} as county_fips,
        {{ cms_text('quarter') }} as quarter,
        {{ cms_date('work_date') }} as work_date,
        {{ cms_integer('resident_census') }} as resident_census,
        {{ cms_hours('rn_don_hours') }} as rn_don_hours,
        {{ cms_hours('rn_don_employee_hours') }} as rn_don_employee_hours,
        {{ cms_hours('rn_don_contract_hours') }} as rn_don_contract_hours,
        {{ cms_hours('rn_admin_hours') }} as rn_admin_hours,
        {{ cms_hours('rn_admin_employee_hours') }} as rn_admin_employee_hours,
        {{ cms_hours('rn_admin_contract_hours') }} as rn_admin_contract_hours,
        {{ cms_hours('rn_hours') }} as rn_hours,
        {{ cms_hours('rn_employee_hours') }} as rn_employee_hours,
        {{ cms_hours('rn_contract_hours') }} as rn_contract_hours,
        {{ cms_hours('lpn_admin_hours') }} as lpn_admin_hours,
        {{ cms_hours('lpn_admin_employee_hours') }} as lpn_admin_employee_hours,
        {{ cms_hours('lpn_admin_contract_hours') }} as lpn_admin_contract_hours,
        {{ cms_hours('lpn_hours') }} as lpn_hours,
        {{ cms_hours('lpn_employee_hours') }} as lpn_employee_hours,
        {{ cms_hours('lpn_contract_hours') }} as lpn_contract_hours,
        {{ cms_hours('cna_hours') }} as cna_hours,
        {{ cms_hours('cna_employee_hours') }} as cna_employee_hours,
        {{ cms_hours('cna_contract_hours') }} as cna_contract_hours,
        {{ cms_hours('na_training_hours') }} as na_training_hours,
        {{ cms_hours('na_training_employee_hours') }} as na_training_employee_hours,
        {{ cms_hours('na_training_contract_hours') }} as na_training_contract_hours,
        {{ cms_hours('med_aide_hours') }} as med_aide_hours,
        {{ cms_hours('med_aide_employee_hours') }} as med_aide_employee_hours,
        {{ cms_hours('med_aide_contract_hours') }} as med_aide_contract_hours,
        {{ cms_text('incomplete') }} as incomplete,
        _source_file,
        _source_row,
        _file_md5,
        _period,
        _landed_at,
        _occurrence
    from bronze_rows
    where _file_md5 in (select current_files.file_md5 from current_files)

)

select * from final
