-- One row a facility, MDS measure and vintage: four quarters and their average, with footnotes.
with

mds_quality_measures as (

    select * from {{ ref('stg_nh_quality_msr_mds') }}
    where {{ new_rows('nh_quality_msr_mds') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        measure_code,
        measure_description,
        resident_type,
        q1_score,
        q1_footnote,
        q2_score,
        q2_footnote,
        q3_score,
        q3_footnote,
        q4_score,
        q4_footnote,
        four_quarter_average_score,
        four_quarter_average_footnote,
        is_used_in_five_star_rating,
        measure_period,
        processing_date,
        _file_md5,
        _period,
        _source_row
    from mds_quality_measures

)

select * from final
