-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_state('state') }} as state,
    {{ cms_number('residents_up_to_date_pct') }} as residents_up_to_date_pct,
    {{ cms_number('staff_up_to_date_pct') }} as staff_up_to_date_pct,
    {{ cms_number('residents_vaccinated_pct') }} as residents_vaccinated_pct,
    {{ cms_number('staff_vaccinated_pct') }} as staff_vaccinated_pct,
    {{ cms_number('residents_boosted_pct') }} as residents_boosted_pct,
    {{ cms_number('staff_boosted_pct') }} as staff_boosted_pct,
    {{ cms_date('as_of_date') }} as as_of_date,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_covid_vax_averages') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
