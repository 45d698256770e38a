-- One row per fine or payment denial of the last three years, as each vintage listed it.
with

penalties as (

    select * from {{ ref('stg_nh_penalties') }}
    where {{ new_rows('nh_penalties') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        penalty_date,
        penalty_type,
        fine_id,
        _occurrence as occurrence,
        fine_amount_usd,
        payment_denial_start_date,
        payment_denial_length_days,
        processing_date,
        _file_md5,
        _period,
        _source_row
    from penalties

)

select * from final
