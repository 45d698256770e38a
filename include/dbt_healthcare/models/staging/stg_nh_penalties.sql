-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_ccn('ccn') }} as ccn,
    {{ cms_text('provider_name') }} as provider_name,
    {{ cms_text('provider_address') }} as provider_address,
    {{ cms_text('city') }} as city,
    {{ cms_state('state') }} as state,
    {{ cms_text('zip_code') }} as zip_code,
    {{ cms_date('penalty_date') }} as penalty_date,
    {{ cms_text('penalty_type') }} as penalty_type,
    {{ cms_text('fine_id') }} as fine_id,
    {{ cms_usd('fine_amount_usd') }} as fine_amount_usd,
    {{ cms_date('payment_denial_start_date') }} as payment_denial_start_date,
    {{ cms_integer('payment_denial_length_days') }} as payment_denial_length_days,
    {{ cms_text('location') }} as location,
    {{ cms_date('processing_date') }} as processing_date,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_penalties') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
