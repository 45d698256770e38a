-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_text('measure_code') }} as measure_code,
    {{ cms_text('measure_description') }} as measure_description,
    {{ cms_date('period_start_date') }} as period_start_date,
    {{ cms_date('period_end_date') }} as period_end_date,
    {{ cms_text('measure_date_range') }} as measure_date_range,
    {{ cms_date('processing_date') }} as processing_date,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_data_collection_intervals') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
