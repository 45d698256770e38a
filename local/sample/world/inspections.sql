-- Inspections of every facility up to the horizon, and what they cited: drawn once, shown by vintage.
-- CMS's list of tags: the most cited ones with their wording, and numbers without up to the size of each category.
create table every_tag as
with

missing as (
    select
        prefix, category, summary_column, row_number() over (partition by prefix order by category, n) as place, n
    from tag_category
    cross join range(1, 100) as numbers(n)
    left join (select prefix, category, count(*) as cited from tag group by all) using (prefix, category)
    where n <= listed - coalesce(cited, 0)
),

free_numbers as (
    select prefix, number, row_number() over (partition by prefix order by number) as place
    from (select unnest(['E', 'F', 'K']) as prefix, unnest([2, 150, 11]) as first_number)
    cross join range(0, 1000) as numbers(n)
    cross join lateral (select lpad((first_number + n)::varchar, 4, '0') as number)
    anti join tag using (prefix, number)
)

select prefix || number as tag, tag.*, summary_column from tag
inner join tag_category using (prefix, category)
union all by name
select
    prefix || number as tag, prefix, number, category, 0.1 as weight, summary_column,
    'Meet requirement ' || n || ' for ' || lower(category) || '.' as description
from missing
inner join free_numbers using (prefix, place);

-- Three cycles are published; older surveys come into sight in older vintages.
create table survey as
with

slots as (
    select
        f, n, opened,
        opened > getvariable('horizon') - interval 15 month as is_new,
        case
            when n = 0 then clip(gamma_of(2.5, 'first survey', f) * 400, 12, 1100)
            else clip([430, 620, 430][least(n, 3)] + [90, 230, 70][least(n, 3)] * normal('gap', hash(f, n)), 200, 1500)
        end as gap
    from facility, range(0, getvariable('cycles')) as slots(n)
),

dated as (
    select
        *,
        (getvariable('horizon') - sum(gap) over (partition by f order by n)::int)::date as survey_date
    from slots
),

-- The oldest survey of a facility is the one that let it open; one that has just opened has no other.
begun as (
    select
        f, n, opened, is_new,
        if(is_new or survey_date <= opened, (opened - 30)::date, survey_date) as health_date,
        row_number() over (partition by f, survey_date <= opened order by n) as turn
    from dated
    where not is_new or n = 0
    qualify survey_date > opened or turn = 1 or is_new
),

settled as (
    select
        f,
        among_first(share_of(87), not is_new and is_active(opened, closed, getvariable('horizon')), 'two cycles', f)
            as has_two_cycles,
        among_first(share_of(33), not is_new and is_active(opened, closed, getvariable('horizon')), 'no fire survey', -f)
            as lacks_fire
    from (select *, opened > getvariable('horizon') - interval 15 month as is_new from facility)
)

select
    f, n, health_date,
    if(
        lacks_fire and not has_two_cycles and n >= 2, null,
        least(health_date + floor(uniform('fire', hash(f, n)) * 21)::int - 10, getvariable('horizon') - 1)
    )::date as fire_date
from begun
inner join settled using (f)
-- Without older surveys an older vintage would show a facility that was never inspected.
where not (has_two_cycles and n >= 2 and getvariable('months') <= 12);

create macro standard_cycles(day) as table
    select f, n, health_date, fire_date, row_number() over (partition by f order by n) as cycle
    from survey
    where health_date < day
    qualify cycle <= 3;

create table visit as
with

kinds as (
    select
        unnest(['complaint', 'infection', 'fire complaint']) as kind,
        unnest([0.9, 1.0, 1.0]) as shape,
        unnest([
            share_of(54640),
            greatest(10, share_of(159723) - share_of(54640) - share_of(630, 4) - (
                select count(health_date) + count(fire_date) from standard_cycles(getvariable('horizon'))
                inner join facility using (f)
                where is_active(opened, closed, getvariable('horizon'))
            )),
            share_of(630, 4)
        ]) as wanted
),

slots as (
    select
        f, kind, wanted,
        (getvariable('horizon') - 1 - floor(uniform(kind || ' day', hash(f, slot)) * getvariable('days_back'))::int)::date
            as visit_date,
        is_active(opened, closed, getvariable('horizon')) as is_there,
        exponential(kind || ' slot', hash(f, slot)) / (gamma_of(shape, kind, f) * sqrt(beds) * exp(-0.35 * quality)) as turn
    from facility, kinds, range(0, getvariable('visit_slots')) as slots(slot)
    where opened < date '2017-01-01' and turn < 0.02  -- later ones never come
    -- A date twice in one facility would be one inspection.
    qualify row_number() over (partition by f, kind, visit_date order by turn) = 1
),

counted as (
    select *, is_there and visit_date >= getvariable('horizon') - interval 36 month as is_counted from slots
),

-- As many as in the genuine file in the last vintage's three years, and as often before.
limits as (
    select kind, max(turn) as last_turn
    from (select * from counted where is_counted qualify row_number() over (partition by kind order by turn) <= wanted)
    group by kind
)

select f, kind, visit_date from counted
inner join limits using (kind)
where turn <= last_turn;

create table citation as
with

weighed_facilities as (
    select
        f, opened, closed,
        gamma_of(4.5, 'cited', f) * exp(0.30 * normal('cited', state) - 0.25 * quality) as health_weight,
        gamma_of(4.5, 'fire cited', f) * exp(0.30 * normal('fire cited', state) - 0.25 * quality) as fire_weight
    from facility
),

inspections as (
    select
        'health' as kind, f, n, health_date as day, health_weight * gamma_of(4.5, 'survey', hash(f, n)) as weight, 60 as slots
    from survey
    inner join weighed_facilities using (f)
    union all
    select 'fire', f, n, fire_date, fire_weight * gamma_of(1.8, 'fire survey', hash(f, n)), 40
    from survey
    inner join weighed_facilities using (f)
    where fire_date is not null
    union all
    select kind, f, null, visit_date, gamma_of(0.8, 'visit weight', hash(f, visit_date)), 15 from visit
),

-- Each tag as often as it is cited.
tag_pool as (
    select
        prefix_group, tag,
        row_number() over (partition by prefix_group order by tag, n) - 1 as place,
        count(*) over (partition by prefix_group) as size
    from (select *, prefix <> 'F' as prefix_group from every_tag)
    cross join range(0, 600) as copies(n)
    where n < weight * 10
),

-- A slot whose turn would come much later than what is wanted never comes; a complaint visit has one for sure.
drawn as (
    select
        kind, f, n, day, about, prefix_group, slot,
        exponential(kind || ' slot', about) / weight as turn
    from (
        select *, hash(f, n, day, slot) as about, starts_with(kind, 'fire') as prefix_group
        from inspections
        cross join range(0, 60) as every_slot(slot)
        where slot < slots
    )
    where turn < 0.4 or (slot = 0 and contains(kind, 'complaint'))
),

tagged as (
    select drawn.*, floor(uniform(kind || ' tag', about) * size)::bigint as place
    from drawn
    inner join (select prefix_group, any_value(size) as size from tag_pool group by all) using (prefix_group)
),

-- An inspection cites a tag once, so that no two rows of the file are the same.
slots as (
    select kind, f, n, day, tag, min(turn) as turn
    from tagged
    inner join tag_pool using (prefix_group, place)
    group by all
),

standard as (
    select f, n, health_date as day, 'health' as kind, cycle from standard_cycles(getvariable('horizon'))
    union all
    select f, n, fire_date, 'fire', cycle from standard_cycles(getvariable('horizon')) where fire_date is not null
),

counted as (
    select
        slots.*,
        is_active(opened, closed, getvariable('horizon'))
        and coalesce(standard.cycle, if(slots.n is null, visit_cycle(slots.day, getvariable('horizon')), null)) is not null
            as is_counted,
        -- Nobody hears of a complaint visit that found nothing.
        if(
            contains(slots.kind, 'complaint'),
            row_number() over (partition by slots.kind, slots.f, slots.day order by turn) = 1, false
        ) as is_sure
    from slots
    inner join weighed_facilities using (f)
    left join standard using (kind, f, n, day)
),

wanted as (
    select
        unnest(['health', 'complaint', 'infection', 'fire', 'fire complaint']) as kind,
        unnest([
            share_of(306669), share_of(402424) - share_of(306669) - share_of(7079), share_of(7079),
            share_of(198991), share_of(200003) - share_of(198991)
        ]) as wanted
),

limits as (
    select kind, max(turn) as last_turn
    from (
        select kind, if(is_sure, 0, turn) as turn from counted
        inner join wanted using (kind)
        where is_counted
        qualify row_number() over (partition by kind order by if(is_sure, 0, turn)) <= wanted
    )
    group by kind
),

final as (
    select
        f, n, day, tag, kind,
        starts_with(kind, 'fire') as is_fire,
        hash(f, day, tag) as about
    from counted
    inner join limits using (kind)
    where is_sure or turn <= last_turn
)

select
    *,
    contains(kind, 'complaint')
    or (n is not null and uniform(kind || ' both', about) < if(is_fire, 137 / 198991, 35846 / 306669)) as is_complaint,
    pick_by_share(
        'BCDEFGHIJKL',
        if(
            is_fire,
            [0.025, 0.070, 0.250, 0.285, 0.363, 0.001, 0, 0, 0.0005, 0.001, 0.0045],
            [0.020, 0.018, 0.618, 0.215, 0.062, 0.042, 0.001, 0.0005, 0.0125, 0.008, 0.003]
        ),
        'severity', about
    ) as severity,
    pick_by_share(
        [
            'Deficient, Provider has date of correction', 'Past Non-Compliance', 'Deficient, Provider has plan of correction',
            'Deficient, Provider has no plan of correction',
            'No revisit needed to correct this deficiency',
            'Waiver has been granted'
        ],
        if(is_fire, [0.9646, 0.0005, 0.0020, 0.0050, 0.0005, 0.0274], [0.9740, 0.0200, 0.0020, 0.0030, 0.0010]),
        'corrected',
        about
    ) as corrected,
    if(
        corrected like '%plan of correction', null,
        least(
            day
            + if(
                corrected = 'Past Non-Compliance', -5 - floor(uniform('lag', about) * 55), 1 + floor(uniform('lag', about) * 61)
            )::int,
            getvariable('horizon') - 1
        )
    )::date as correction_date,
    uniform('idr', about) < 657 / 402424 as is_under_idr,
    uniform('iidr', about) < 109 / 402424 as is_under_iidr
from final;

-- What one vintage publishes: three cycles of the facilities that exist.
create macro citations_in(day_shown) as table
    select
        citation.*,
        coalesce(standard.cycle, if(citation.n is null, visit_cycle(citation.day, day_shown), null)) as cycle
    from citation
    inner join facility using (f)
    left join standard_cycles(day_shown) as standard using (f, n)
    where
        is_active(opened, closed, day_shown)
        and citation.day < day_shown
        and coalesce(standard.cycle, if(citation.n is null, visit_cycle(citation.day, day_shown), null)) is not null;
