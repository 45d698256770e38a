-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_text('ccn') }} as ccn,
    {{ cms_text('measure_code') }} as measure_code,
    {{ cms_text('score') }} as score,
    {{ cms_footnote('footnote') }} as footnote,
    {{ cms_date('start_date') }} as start_date,
    {{ cms_date('end_date') }} as end_date,
    {{ cms_text('measure_date_range') }} as measure_date_range,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'snf_qrp_national_data') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
