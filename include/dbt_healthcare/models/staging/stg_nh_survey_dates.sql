-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_ccn('ccn') }} as ccn,
    {{ cms_date('survey_date') }} as survey_date,
    {{ cms_text('survey_type') }} as survey_type,
    {{ cms_integer('survey_cycle') }} as survey_cycle,
    {{ cms_date('processing_date') }} as processing_date,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_survey_dates') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
