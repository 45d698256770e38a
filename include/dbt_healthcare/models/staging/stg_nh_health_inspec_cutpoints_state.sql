-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_state('state') }} as state,
    {{ cms_text('range_5_stars') }} as range_5_stars,
    {{ cms_text('range_4_stars') }} as range_4_stars,
    {{ cms_text('range_3_stars') }} as range_3_stars,
    {{ cms_text('range_2_stars') }} as range_2_stars,
    {{ cms_text('range_1_star') }} as range_1_star,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_health_inspec_cutpoints_state') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
