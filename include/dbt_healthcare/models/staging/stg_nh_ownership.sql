-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_ccn('ccn') }} as ccn,
    {{ cms_text('provider_name') }} as provider_name,
    {{ cms_text('provider_address') }} as provider_address,
    {{ cms_text('city') }} as city,
    {{ cms_state('state') }} as state,
    {{ cms_text('zip_code') }} as zip_code,
    {{ cms_text('role') }} as role,
    {{ cms_text('owner_type') }} as owner_type,
    {{ cms_text('owner_name') }} as owner_name,
    {{ cms_text('ownership_percentage') }} as ownership_percentage,
    {{ cms_text('association_date') }} as association_date,
    {{ cms_text('location') }} as location,
    {{ cms_date('processing_date') }} as processing_date,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_ownership') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
