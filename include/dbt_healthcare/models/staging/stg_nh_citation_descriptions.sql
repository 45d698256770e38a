-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
select
    {{ cms_text('deficiency_prefix') }} as deficiency_prefix,
    {{ cms_text('deficiency_tag_number') }} as deficiency_tag_number,
    {{ cms_text('deficiency_prefix_and_number') }} as deficiency_prefix_and_number,
    {{ cms_text('deficiency_description') }} as deficiency_description,
    {{ cms_text('deficiency_category') }} as deficiency_category,
    _source_file, _source_row, _file_md5, _period, _landed_at, _occurrence
from {{ source('bronze', 'nh_citation_descriptions') }}
where _file_md5 in (select current_files.file_md5 from {{ ref('current_files') }} as current_files)
