-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
with

bronze_rows as (

    select * from {{ source('bronze', 'nh_quality_msr_mds') }}

),

current_files as (

    select file_md5 from {{ ref('current_files') }}

),

final as (

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
        {{ cms_number('q1_score') }} as q1_score,
        {{ cms_footnote('q1_footnote') }} as q1_footnote,
        {{ cms_number('q2_score') }} as q2_score,
        {{ cms_footnote('q2_footnote') }} as q2_footnote,
        {{ cms_number('q3_score') }} as q3_score,
        {{ cms_footnote('q3_footnote') }} as q3_footnote,
        {{ cms_number('q4_score') }} as q4_score,
        {{ cms_footnote('q4_footnote') }} as q4_footnote,
        {{ cms_number('four_quarter_average_score') }} as four_quarter_average_score,
        {{ cms_footnote('four_quarter_average_footnote') }} as four_quarter_average_footnote,
        {{ cms_number('three_quarter_average_score') }} as three_quarter_average_score,
        {{ cms_flag('is_used_in_five_star_rating') }} as is_used_in_five_star_rating,
        {{ cms_text('measure_period') }} as measure_period,
        {{ cms_text('q1_quarter') }} as q1_quarter,
        {{ cms_text('q2_quarter') }} as q2_quarter,
        {{ cms_text('q3_quarter') }} as q3_quarter,
        {{ cms_text('q4_quarter') }} as q4_quarter,
        {{ cms_text('location') }} as location,
        {{ cms_date('processing_date') }} as processing_date,
        _source_file,
        _source_row,
        _file_md5,
        _period,
        _landed_at,
        _occurrence
    from bronze_rows
    where _file_md5 in (select current_files.file_md5 from current_files)

)

select * from final
