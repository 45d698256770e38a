-- One row per facility, MDS measure and vintage: four quarters and their average, with footnotes.
with

mds_quality_measures as (

    select * from {{ ref('stg_nh_quality_msr_mds') }}
    where {{ new_rows('nh_quality_msr_mds') }}

),

final as (

    select {{ preserved_columns([
        'provider_address', 'city', 'zip_code', 'three_quarter_average_score', 'q1_quarter', 'q2_quarter',
        'q3_quarter', 'q4_quarter', 'location',
    ]) }}
    from mds_quality_measures

)

select * from final
