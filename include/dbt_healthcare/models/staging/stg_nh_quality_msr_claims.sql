-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_ccn('ccn') }} as ccn,
    {{ cms_text('provider_name') }} as provider_name,
    {{ cms_text('provider_address') }} as provider_address,
    {{ cms_text('city') }} as city,
    {{ cms_state('state') }} as state,
    {{ cms_text('zip_code') }} as zip_code,
    {{ cms_text('measure_code') }} as measure_code,
    {{ cms_text('measure_description') }} as measure_description,
    {{ cms_text('resident_type') }} as resident_type,
    {{ cms_number('adjusted_score') }} as adjusted_score,
    {{ cms_number('observed_score') }} as observed_score,
    {{ cms_number('expected_score') }} as expected_score,
    {{ cms_footnote('footnote') }} as footnote,
    {{ cms_flag('is_used_in_five_star_rating') }} as is_used_in_five_star_rating,
    {{ cms_text('measure_period') }} as measure_period,
    {{ cms_text('location') }} as location,
    {{ cms_date('processing_date') }} as processing_date,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_quality_msr_claims') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
