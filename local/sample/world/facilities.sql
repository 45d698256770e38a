-- Every facility that exists at any time, in the order of the CCN: who it is, where, and what happens to it.
create table state_share as
with

chosen as (
    select
        *,
        if(getvariable('is_small'), 2, 1) as least_here,
        if(getvariable('is_small'), sqrt(facilities), facilities) as weight
    from state
    where is_in_small_world or not getvariable('is_small')
),

exact as (
    select
        *,
        least_here + weight / sum(weight) over () * (getvariable('total') - sum(least_here) over ()) as wanted
    from chosen
),

final as (
    select
        *,
        floor(wanted)::int
        + (row_number() over (order by floor(wanted) - wanted) <= getvariable('total') - sum(floor(wanted)) over ())::int as here
    from exact
)

select * from final;

-- 5000 to 6499 behind the prefix, as CMS numbers nursing homes; every fiftieth is a Medicaid-only number with a letter.
create table numbered as
with

candidates as (
    select code, unnest(string_split(prefixes, ',')) as prefix, null as serial from state_share
),

numbers as (
    select code, prefix || n as ccn, false as has_letter from candidates, range(5000, 6500) as numbers(n)
    union all
    select
        code,
        string_split(prefixes, ',')[1] || if(code = 'MO' and n = 490, 'A', 'AEF'[1 + n % 3]) || lpad(n::varchar, 3, '0'),
        true
    from state_share, range(10, 990) as numbers(n)
),

ranked as (
    select
        *,
        row_number() over (partition by code, has_letter order by if(ccn = '26A490', 0, uniform('ccn', ccn))) as place
    from numbers
)

select row_number() over (order by ccn) - 1 as f, ccn, states.*
from ranked
inner join state_share as states using (code)
where place <= if(has_letter, here // 50, here - here // 50);

create table facility as
with

placed as (
    select
        *,
        row_number() over (order by uniform('events', f)) as place,
        least(floor(ln(1 - uniform('county', f)) / ln(0.55)), len(string_split(counties, ',')) - 1)::int as county_number,
        string_split(string_split(counties, ',')[county_number + 1], ':') as county
    from numbered
),

-- Far dates stand for what does not happen in this world.
happened as (
    select
        f,
        coalesce(max(day) filter (kind = 'opened'), date '2016-01-01') as opened,
        coalesce(max(day) filter (kind = 'closed'), date '2200-01-01') as closed,
        coalesce(max(day) filter (kind = 'renamed'), date '2200-01-01') as renamed,
        coalesce(max(day) filter (kind = 'sold'), date '2200-01-01') as sold
    from (
        select f, kind, (month - interval 1 month + interval 1 day * (1 + floor(uniform(kind, f) * 26)::int))::date as day
        from placed
        left join event using (place)
    )
    group by f
),

described as (
    select
        *,
        clip(round(gamma_of(3.6, 'beds', f) * 107), 4, 843)::int as beds,
        normal('quality', f) as quality,  -- latent: higher is better run
        if(
            uniform('in chain', f) < 9908 / 14814,
            least(floor(exponential('chain', f) * getvariable('chains') / 6), getvariable('chains') - 1)::int,
            null
        )
            as chain,
        renamed = date '2200-01-01' and closed = renamed and opened = date '2016-01-01' as is_steady,
        among_first(clip(here // 4, 4, 12), code = 'IN', 'shared name', f) as has_shared_name
    from placed
    inner join happened using (f)
),

-- Every world, and every file of it, has both bytes of cp1252 that are not UTF-8, not only a large one.
named as (
    select
        *,
        case
            when has_shared_name then 'MILLER''S MEADOW MANOR'
            when among_first(1, is_steady and not has_shared_name, 'apostrophe', f) then 'SAINT MARY’S HOME'
            when among_first(1, is_steady and not has_shared_name, 'dash', f) then 'THE RESIDENCE – NORTH'
            else home_name('name', f)
        end as first_name
    from described
)

select
    f,
    ccn,
    code as state,
    county_number,
    beds,
    quality,
    chain,
    opened,
    closed,
    renamed,
    sold,
    hours_factor,
    agency_factor,
    region,
    area_code,
    first_name,
    first_name in ('SAINT MARY’S HOME', 'THE RESIDENCE – NORTH') as must_be_seen,
    home_name('new name', f) as new_name,
    county[1] as county_name,
    county[2] as county_fips,
    -- SSA numbers the counties of a state in steps of ten.
    lpad(((county[2]::int + 1) // 2 * 10 % 1000)::varchar, 3, '0') as ssa_county_code,
    address('home', f) as address,
    if(uniform('city', f) < 0.35, county[3], town('home', f)) as city,
    lpad((zip_low + floor(uniform('zip', f) * (zip_high - zip_low + 1)))::int::varchar, 3, '0')
    || lpad((1 + floor(uniform('zip end', f) * 98))::int::varchar, 2, '0') as zip_code,
    area_code || (2000000 + floor(uniform('phone', f) * 7999999))::int as phone,
    round(between_ends(south, north, uniform('latitude', f)), 4) as latitude,
    round(between_ends(west, east, uniform('longitude', f)), 3) as longitude,
    if(
        uniform('oldest', f) < 486 / 14814,
        date '1967-01-01',
        least(date '1967-01-01' + (uniform('approved', f) * 17000)::int, opened - 1)
    )
        as first_approved_date,
    uniform('in hospital', f) < 493 / 14814 as is_in_hospital,
    if(uniform('own company', f) < 0.5, company('owner', f), split_part(first_name, ' – ', 1) || ' LLC') as legal_name,
    company('new owner', f) as new_legal_name,
    pick_by_share(getvariable('ownership_types'), getvariable('ownership_shares'), 'ownership', f) as ownership_type,
    pick(getvariable('ownership_types'), 'new ownership', f) as new_ownership_type
from named;

create macro is_active(opened, closed, day) as opened <= day and closed > day;

-- A few facilities, and Guam's, never submit to PBJ; those that close soon do: PBJ knows some that ProviderInfo does not.
create table submits_pbj as
with

quarter as (
    select
        getvariable('newest') - interval 6 month as first_day,
        getvariable('newest') - interval 3 month - interval 1 day as last_day
),

whole_quarter as (
    select f, state = 'GU' as is_guam, closed > getvariable('newest') and not must_be_seen as may_be_silent
    from facility, quarter
    where opened <= first_day and closed > last_day
)

select f from facility
where f not in (
    select f from whole_quarter
    where may_be_silent
    order by not is_guam, uniform('silent', f)
    limit (select greatest(1, count(*) - share_of(14564)) from whole_quarter)
);

create table hospital as
with

shares as (
    select
        *,
        row_number() over (order by uniform('hospital state', code)) as turn
    from state_share
),

numbered_hospitals as (
    select
        (row_number() over (order by uniform('hospital', n)))::int as h,
        n,
        states.*
    from range(0, getvariable('hospitals')) as hospitals(n)
    inner join shares as states on states.turn = 1 + n % (select count(*) from shares)
)

select
    h,
    string_split(prefixes, ',')[1] || lpad((1 + (n * 7919) % 877)::varchar, 4, '0') as ccn,
    code as state,
    region,
    upper(string_split(string_split(counties, ',')[1], ':')[1]) as county_name,
    if(
        uniform('hospital name', h) < 0.03,
        'MEMORIAL HOSPITAL',
        town('hospital', h) || ' ' || pick(getvariable('hospital_kinds'), 'kind', h)
    ) as name,
    address('hospital', h) as address,
    if(uniform('suite', h) < 0.1, 'P O BOX ' || (10 + floor(uniform('box', h) * 989))::int, '-') as address_line_2,
    town('hospital', h) as city,
    lpad(zip_low::varchar, 3, '0') || lpad((1 + floor(uniform('hospital zip', h) * 98))::int::varchar, 2, '0') as zip_code,
    '('
    || area_code
    || ') '
    || (200 + floor(uniform('exchange', h) * 799))::int
    || '-'
    || lpad(floor(uniform('line', h) * 9999)::int::varchar, 4, '0') as phone,
    gamma_of(1.2, 'hospital stays', h) * 36 as stays
from numbered_hospitals;

-- Owners, managers and officers; those of a chain come again in each of its facilities, nobody twice in one role of one facility.
create table owner as
with

homes as (
    select
        f, chain,
        is_active(opened, closed, getvariable('newest')) as is_there,
        among_first(
            share_of(543), is_active(opened, closed, getvariable('newest')), 'unknown owners', f
        ) as is_unknown,
        gamma_of(2.0, 'owners', f) * if(chain is null, 0.7, 1.2) as weight
    from facility
),

slots as (
    select
        *,
        hash(f, slot) as about,
        if(slot = 0, 0, exponential('owner slot', hash(f, slot)) / weight) as turn,
        pick_by_share(
            [
                '5% OR GREATER DIRECT OWNERSHIP INTEREST', '5% OR GREATER INDIRECT OWNERSHIP INTEREST', 'DIRECTOR', 'OFFICER',
                'OPERATIONAL/MANAGERIAL CONTROL', 'W-2 MANAGING EMPLOYEE', 'PARTNERSHIP INTEREST',
                '5% OR GREATER SECURITY INTEREST', '5% OR GREATER MORTGAGE INTEREST'
            ], [0.13, 0.18, 0.206, 0.165, 0.155, 0.13, 0.008, 0.012], 'role', hash(f, slot)
        ) as role
    from homes
    cross join range(0, 40) as slots(slot)
    where not is_unknown and turn < 0.8
),

named as (
    select
        *,
        if(
            chain is not null and uniform('of chain', about) < 0.6,
            hash('chain', chain, floor(uniform('which', about) * 7)),
            about
        ) as owner,
        role in ('DIRECTOR', 'OFFICER', 'W-2 MANAGING EMPLOYEE') or uniform('person', about) < 0.724 as is_person,
        if(is_person, person('owner', owner), company('owner', owner)) as owner_name
    from slots
    qualify row_number() over (partition by f, role, owner_name order by turn) = 1
),

limits as (
    select max(turn) as last_turn
    from (select turn from named where is_there order by turn limit (select share_of(145354) - share_of(543)))
)

select
    f, role, owner_name,
    if(is_person, 'Individual', 'Organization') as owner_type,
    case
        when role not like '5% OR GREATER _%RECT%' then 'NOT APPLICABLE'
        when uniform('no percentage', about) < 0.25 then 'NO PERCENTAGE PROVIDED'
        when uniform('all of it', about) < 0.3 then '100%'
        else (5 + floor(uniform('percentage', about) * 95)::int) || '%'
    end as ownership_percentage,
    (date '2019-01-01' - (exponential('owner since', about) * 2900)::int % 14000)::date as since
from named, limits
where turn <= last_turn
union all by name
select f, 'Ownership Data Not Available' as role from homes where is_unknown;
