-- Randomness without a generator: a number depends on the seed, on what it is for and on whom it is about, on nothing else.
create macro uniform(label, key) as (hash(label, key, getvariable('seed')) >> 11) / 9007199254740992.0;

create macro normal(label, key) as
    sqrt(-2 * ln(1 - uniform(label || ' length', key))) * cos(2 * pi() * uniform(label || ' angle', key));

create macro exponential(label, key) as -ln(1 - uniform(label, key));

-- Wilson and Hilferty's approximation; the mean is one.
create macro gamma_of(shape, label, key) as greatest(0.02, 1 - 1 / (9 * shape) + normal(label, key) / (3 * sqrt(shape))) ** 3;

create macro pick(words, label, key) as words[1 + floor(uniform(label, key) * len(words))::int];

-- The first of the words has the first of the shares, and so on; the last has what is left.
create macro pick_by_share(words, shares, label, key) as
    words[1 + len(list_filter(range(1, len(shares) + 1), lambda n: list_sum(shares[1:n]) <= uniform(label, key)))];

create macro between_ends(low, high, share) as low + (high - low) * share;

create macro clip(value, low, high) as least(greatest(value, low), high);

create macro logistic(odds) as 1 / (1 + exp(-odds));

create macro log_odds(percent) as ln(percent / (100 - percent));

-- What a count in the genuine files of October 2024 comes to in a world of this size.
create macro share_of(genuine, at_least := 1) as greatest(at_least, round(genuine * getvariable('share')))::bigint;

-- Whether a row is one of the chosen: always the same ones, as many as wanted.
create macro among_first(wanted, is_candidate, label, key) as
    is_candidate and row_number() over (order by not is_candidate, uniform(label, key)) <= wanted;

create macro town(label, key) as
    pick(getvariable('first_words'), label || ' town', key) || pick(getvariable('town_ends'), label || ' town end', key);

create macro company(label, key) as
    pick(getvariable('first_words'), label || ' first', key) || ' ' || pick(getvariable('second_words'), label || ' second', key)
    || ' ' || pick(getvariable('company_ends'), label || ' end', key);

create macro address(label, key) as
    (1 + floor(uniform(label || ' number', key) * 9998)::int) || ' ' || pick(getvariable('streets'), label || ' street', key);

create macro person(label, key) as
    pick(getvariable('last_names'), label || ' last', key) || ', ' || pick(getvariable('first_names'), label || ' first', key)
    || ' ' || chr(65 + floor(uniform(label || ' initial', key) * 23)::int);

create macro home_name(label, key) as
    case
        when uniform(label, key) < 0.012
            then 'SAINT ' || pick(getvariable('first_names'), label || ' saint', key) || '’S '
                || pick(getvariable('kinds'), label || ' kind', key)
        when uniform(label, key) < 0.018
            then pick(getvariable('first_words'), label || ' a', key) || ' '
                || pick(getvariable('second_words'), label || ' b', key) || ' – '
                || pick(getvariable('first_words'), label || ' c', key)
        when uniform(label, key) < 0.06
            then pick(getvariable('last_names'), label || ' owner', key) || '''S '
                || pick(getvariable('kinds')[1:10], label || ' kind', key) || ' AT ' || town(label, key)
        when uniform(label, key) < 0.86
            then pick(getvariable('first_words'), label || ' a', key) || ' '
                || pick(getvariable('kinds')[1:10], label || ' kind', key) || ' OF ' || town(label, key)
        else pick(getvariable('first_words'), label || ' a', key) || ' ' || pick(getvariable('second_words'), label || ' b', key)
            || ' ' || pick(getvariable('kinds'), label || ' kind', key)
    end;

-- How CMS writes cells; a null is a blank cell.
create macro fixed(value, places) as printf('%.' || places || 'f', value::double);

create macro quoted(words) as '"' || replace(words, '"', '""') || '"';

create macro quoted_where_needed(words) as
    if(contains(words, ',') or contains(words, '"') or contains(words, chr(10)), quoted(words), words);

create macro yes_no(value) as if(value, 'Y', 'N');

create macro dollars(value) as replace(printf('%.2f', value), '.00', '');

create macro us_date(value) as strftime(value, '%m/%d/%Y');

-- Inspections of complaints count by windows of twelve months before a vintage; null outside of the three years.
create macro visit_cycle(visited, day) as
    case
        when visited >= day then null
        when visited >= day - interval 12 month then 1
        when visited >= day - interval 24 month then 2
        when visited >= day - interval 36 month then 3
    end;

-- Hundredths of hours as PBJ writes them: 8, 10.4, 10.77.
create macro hours(cents) as
    case when cents = 0 then '0' when cents % 100 = 0 then (cents // 100)::varchar else (cents / 100)::varchar end;

create macro base_36(number) as list_aggregate(
    list_transform([46656, 1296, 36, 1], lambda power: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[1 + number // power % 36]),
    'string_agg', ''
);
