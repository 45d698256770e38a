-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_ccn('ccn') }} as ccn,
    {{ cms_text('provider_name') }} as provider_name,
    {{ cms_text('address_line_1') }} as address_line_1,
    {{ cms_text('address_line_2') }} as address_line_2,
    {{ cms_text('city') }} as city,
    {{ cms_state('state') }} as state,
    {{ cms_text('zip_code') }} as zip_code,
    {{ cms_text('county_name') }} as county_name,
    {{ cms_text('telephone_number') }} as telephone_number,
    {{ cms_text('cms_region') }} as cms_region,
    {{ cms_text('measure_code') }} as measure_code,
    {{ cms_text('score') }} as score,
    {{ cms_footnote('footnote') }} as footnote,
    {{ cms_date('start_date') }} as start_date,
    {{ cms_date('end_date') }} as end_date,
    {{ cms_text('measure_date_range') }} as measure_date_range,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'swing_bed_snf_data') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
