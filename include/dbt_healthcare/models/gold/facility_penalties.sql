-- The facility profile's penalties: one row per fine or payment denial of the latest Penalties vintage.
with

penalties as (

    select * from {{ ref('fct_penalties') }}

),

final as (

    select
        ccn,
        provider_name,
        state,
        penalty_date,
        penalty_type,
        fine_id,
        occurrence,
        fine_amount_usd,
        payment_denial_start_date,
        payment_denial_length_days,
        processing_date
    from penalties
    where _period = (select max(newest._period) from penalties as newest)

)

select * from final
