-- Fines and payment denials, drawn once and shown by vintage.
create table penalty as
with

slots as (
    select
        f, slot,
        (
            getvariable('horizon') - 21 - floor(uniform('penalty day', hash(f, slot)) * (getvariable('days_back') - 21))::int
        )::date as penalty_date,
        is_active(opened, closed, getvariable('horizon')) as is_there,
        exponential('penalty slot', hash(f, slot))
        / if(ccn = '26A490', 30, least(gamma_of(0.75, 'penalized', f) * exp(-0.5 * quality), 12))
            as turn
    from facility, range(0, getvariable('visit_slots') * 2) as slots(slot)
    where opened < date '2017-01-01'
),

counted as (
    select *, is_there and penalty_date >= getvariable('horizon') - interval 36 month as is_counted from slots
),

limits as (
    select max(turn) as last_turn
    from (select turn from counted where is_counted order by turn limit (select share_of(28505)))
),

kinds as (
    select
        f, slot, penalty_date,
        uniform('is fine', hash(f, slot)) >= 3167 / 28505 as is_fine,
        uniform('is twin', hash(f, slot)) < 163 / 837 as is_twin,
        round(clip(exp(8.975 + 1.435 * normal('amount', hash(f, slot))), 380, 799880)) as amount
    from counted, limits
    where turn <= last_turn
)

select
    f, penalty_date, is_fine,
    is_fine and is_twin as is_twin,
    row_number() over (order by f, slot) as number,
    case
        when not is_fine then null
        when is_twin then round(amount / 2) * 2
        when uniform('cents', hash(f, slot)) < 0.03 then amount + 0.75
        else amount
    end as amount,
    if(is_fine, null, penalty_date + 15 + floor(uniform('denied', hash(f, slot)) * 25)::int)::date as denial_start,
    if(is_fine, null, clip(round(exponential('denied days', hash(f, slot)) * 31), 1, 434))::int as denial_days
from kinds;

-- Those of the last three years. From October 2025 on two fines of one amount and day are two rows, which before are one of their
-- sum, and which only the Fine ID of June 2026 tells apart.
create macro penalties_in(day_shown) as table
    select
        f, penalty_date, is_fine, denial_start, denial_days,
        amount / copies as amount,
        if(is_fine, 900001 + 2 * number + copy, null) as fine_id
    from (
        select penalty.*, if(is_twin and day_shown >= date '2025-10-01', 2, 1) as copies, unnest(range(0, copies)) as copy
        from penalty
        inner join facility using (f)
        where penalty_date >= day_shown - interval 36 month and penalty_date < day_shown and is_active(opened, closed, day_shown)
    );
