-- The facilities that one vintage shows, under the name and the owner of the day.
create or replace table here as
with

present as (
    select
        *,
        opened > getvariable('today') - interval 15 month as is_new,
        if(renamed <= getvariable('today'), new_name, first_name) as name,
        if(sold <= getvariable('today'), new_legal_name, legal_name) as legal_name_now,
        if(sold <= getvariable('today'), new_ownership_type, ownership_type) as ownership_now
    from facility
    where is_active(opened, closed, getvariable('today'))
),

watched as (
    select
        *,
        row_number() over (order by is_new, quality) <= share_of(87, 2) as is_special_focus,
        row_number() over (order by is_new, quality) - share_of(87, 2) between 1 and share_of(440) as is_candidate
    from present
)

select
    * exclude (legal_name, ownership_type),
    name as provider_name, address as provider_address,
    address || ',' || city || ',' || state || ',' || zip_code as location,
    address || ', ' || city || ', ' || state || ', ' || zip_code as spaced_location,
    getvariable('today') as processing_date,
    legal_name_now as legal_business_name,
    ownership_now as ownership_type,
    is_new or is_special_focus as is_unrated,
    among_first(share_of(59), not is_new and not is_special_focus, 'audited', f) as is_audited_out
from watched;
