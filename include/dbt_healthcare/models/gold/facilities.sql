-- Every facility as it stands today: place, owner, size, stars, staffing, turnover and fines, for lists and maps.
with

facilities as (

    select * from {{ ref('dim_facility') }}

),

newest_provider_info as (

    select *
    from {{ ref('fct_provider_snapshot') }}
    qualify row_number() over (partition by ccn order by {{ newest_provider_info_first() }}) = 1

),

newest_vintage as (

    select max(processing_date) as processing_date from {{ ref('fct_provider_snapshot') }}

),

final as (

    select
        facilities.ccn,
        facilities.provider_name,
        facilities.provider_address,
        facilities.city,
        facilities.state,
        facilities.zip_code,
        facilities.county_name,
        facilities.latitude,
        facilities.longitude,
        facilities.ownership_type,
        facilities.ownership_group,
        facilities.provider_type,
        facilities.is_in_hospital,
        newest_provider_info.is_urban,
        newest_provider_info.legal_business_name,
        newest_provider_info.chain_name,
        newest_provider_info.chain_id,
        newest_provider_info.is_ccrc,
        cast(facilities.certified_beds as bigint) as certified_beds,
        newest_provider_info.average_residents_per_day,
        {{ special_focus_status('newest_provider_info.special_focus_status') }} as special_focus_status,
        newest_provider_info.has_abuse_icon,
        cast(newest_provider_info.overall_rating as bigint) as overall_rating,
        cast(newest_provider_info.health_inspection_rating as bigint) as health_inspection_rating,
        cast(newest_provider_info.staffing_rating as bigint) as staffing_rating,
        cast(newest_provider_info.qm_rating as bigint) as qm_rating,
        newest_provider_info.overall_rating_footnote,
        newest_provider_info.reported_total_nurse_hprd,
        newest_provider_info.reported_rn_hprd,
        newest_provider_info.weekend_total_nurse_hprd,
        newest_provider_info.total_nursing_turnover_pct,
        newest_provider_info.rn_turnover_pct,
        newest_provider_info.administrators_left,
        cast(newest_provider_info.fines as bigint) as fines,
        cast(newest_provider_info.total_fines_usd as double) as total_fines_usd,
        cast(newest_provider_info.payment_denials as bigint) as payment_denials,
        facilities.in_provider_info,
        coalesce(newest_provider_info.processing_date = newest_vintage.processing_date, false) as is_active,
        newest_provider_info.processing_date,
        facilities.first_seen,
        facilities.last_seen
    from facilities
    left join newest_provider_info on facilities.ccn = newest_provider_info.ccn
    cross join newest_vintage

)

select * from final
