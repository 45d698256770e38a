-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_ccn('ccn') }} as ccn,
    {{ cms_text('provider_name') }} as provider_name,
    {{ cms_text('provider_address') }} as provider_address,
    {{ cms_text('city') }} as city,
    {{ cms_state('state') }} as state,
    {{ cms_text('zip_code') }} as zip_code,
    {{ cms_date('survey_date') }} as survey_date,
    {{ cms_text('survey_type') }} as survey_type,
    {{ cms_text('deficiency_prefix') }} as deficiency_prefix,
    {{ cms_text('deficiency_category') }} as deficiency_category,
    {{ cms_text('deficiency_tag_number') }} as deficiency_tag_number,
    {{ cms_text('tag_version') }} as tag_version,
    {{ cms_text('deficiency_description') }} as deficiency_description,
    {{ cms_text('scope_severity_code') }} as scope_severity_code,
    {{ cms_text('deficiency_corrected') }} as deficiency_corrected,
    {{ cms_date('correction_date') }} as correction_date,
    {{ cms_integer('inspection_cycle') }} as inspection_cycle,
    {{ cms_flag('is_standard_deficiency') }} as is_standard_deficiency,
    {{ cms_flag('is_complaint_deficiency') }} as is_complaint_deficiency,
    {{ cms_flag('is_infection_control_deficiency') }} as is_infection_control_deficiency,
    {{ cms_flag('is_under_idr') }} as is_under_idr,
    {{ cms_flag('is_under_iidr') }} as is_under_iidr,
    {{ cms_text('location') }} as location,
    {{ cms_date('processing_date') }} as processing_date,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_fire_safety_citations') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
