-- One row per owner or manager of a facility in one role, as each vintage listed it.
with

ownership as (

    select * from {{ ref('stg_nh_ownership') }}
    where {{ new_rows('nh_ownership') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        role,
        owner_type,
        owner_name,
        ownership_percentage,
        {{ cms_number_if_any("replace(ownership_percentage, '%', '')") }} as ownership_pct,
        association_date,
        case
            when lower(association_date) like 'since __/__/____'
                then {{ cms_date('right(association_date, 10)') }}
        end as associated_since_date,
        processing_date,
        _file_md5,
        _period,
        _source_row
    from ownership

)

select * from final
