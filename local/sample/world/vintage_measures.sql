-- Quality measures from the MDS and from claims, vaccination, and the periods that the programs look at.
create or replace table measured as
with

chosen as (
    select
        *,
        if(
            is_frozen and getvariable('today') < date '2025-02-01',
            least(date '2023-07-01', getvariable('first_day')),
            getvariable('first_day')
        ) as last_quarter
    from measure
    where strftime(getvariable('today'), '%Y-%m') between since and until
),

rates as (
    select
        f, chosen.*, is_new,
        is_audited_out and code in ('419', '434', '481') as is_audited,
        beds * (0.6 + 0.35 * uniform('measure census', f))
        * if(residents = 'Short Stay', 0.03 + 0.66 * uniform('short stays', f), 0.78) as stays,
        logistic(
            log_odds(mean) - spread ** 2 * 0.35 * sign(50 - mean) + spread * normal('measure' || code, f)
            + if(is_high_good, 0.12, -0.12) * quality
        ) as rate
    from here
    cross join chosen
    where family = 'mds'
),

quarters as (
    select
        *,
        last_quarter - interval (3 * (4 - q)) month as quarter,
        greatest(1, round(stays * (0.85 + 0.3 * uniform('at risk' || code || quarter, f)))) as at_risk,
        clip(round(at_risk * rate + sqrt(at_risk * rate * (1 - rate)) * normal('cases' || code || quarter, f)), 0, at_risk)
            as cases
    from rates
    cross join range(1, 5) as every_quarter(q)
),

hidden as (
    select *, is_new or is_audited as is_hidden from quarters
)

select
    f, code,
    any_value(description) as description, any_value(residents) as resident_type, any_value(is_in_five_star) as is_in_five_star,
    any_value(average) as average, any_value(last_quarter) as last_quarter,
    if(any_value(is_audited), '21', '9') as footnote,
    max(if(is_hidden or at_risk < 20, null, round(100 * cases / at_risk, 6))) filter (q = 1) as q1,
    max(if(is_hidden or at_risk < 20, null, round(100 * cases / at_risk, 6))) filter (q = 2) as q2,
    max(if(is_hidden or at_risk < 20, null, round(100 * cases / at_risk, 6))) filter (q = 3) as q3,
    max(if(is_hidden or at_risk < 20, null, round(100 * cases / at_risk, 6))) filter (q = 4) as q4,
    if(any_value(is_hidden) or sum(at_risk) < 30, null, round(100 * sum(cases) / sum(at_risk), 6)) as score
from hidden
group by f, code;

-- Adjusted = observed / expected × national rate; a year of claims that ends a quarter before the MDS year.
create or replace table claimed as
with

levels as (
    select
        f, measure.*, is_new,
        round(mean * 0.985 * exp(0.16 * normal('claims risk' || code, f)), 6) as expected,
        exp(
            spread * (0.85 * normal('claims' || code, f) + 0.3 * normal('claims' || code || getvariable('staffing_quarter'), f))
            - spread ** 2 / 2 - 0.06 * quality
        ) as level
    from here
    cross join measure
    where family = 'claims'
),

few as (
    select
        f,
        among_first(share_of(3700), true, 'few short claims', f) as is_short_few,
        among_first(share_of(2362), true, 'few long claims', f) as is_long_few,
        among_first(share_of(420), true, 'no claims', f) as has_none
    from here
)

select
    f, code, description, residents as resident_type, is_in_five_star, average,
    if(has_none, '10', '9') as footnote,
    is_new or if(residents = 'Short Stay', is_short_few, is_long_few) as is_hidden,
    if(is_hidden, null, expected) as expected,
    if(is_hidden, null, round(levels.expected * level, 6)) as observed,
    if(is_hidden, null, round(round(levels.expected * level, 6) / levels.expected * mean, 6)) as score
from levels
inner join few using (f);

create or replace table measure_means as
pivot (
    select coalesce(state, 'NATION') as state, average, avg(score) as mean
    from (select f, average, score from measured union all select f, average, score from claimed)
    inner join here using (f)
    group by grouping sets ((state, average), (average))
) on average using any_value(mean) group by state;

-- Many facilities report that nobody is up to date; some report nothing.
create or replace table vaccinated as
with

shares as (
    select
        f, label,
        if(uniform(label || ' nobody', f) < nobody, 0, clip(round(
            gamma_of(0.9, label, f) * exp(0.35 * normal(label, state)) * mean / (1 - nobody)
            * (0.9 + 0.2 * uniform(label || getvariable('today'), f)), 1
        ), 0.1, 100.0)) as share,
        among_first(share_of(1041), label = 'residents', 'unknown residents', f)
        or among_first(share_of(962), label = 'staff', 'unknown staff', f) as is_unknown
    from here
    cross join (select unnest(['residents', 'staff']) as label, unnest([0.34, 0.46]) as nobody, unnest([23.7, 5.9]) as mean)
)

select
    f,
    max(if(is_unknown, null, share)) filter (label = 'residents') as residents_up_to_date_pct,
    max(if(is_unknown, null, share)) filter (label = 'staff') as staff_up_to_date_pct
from shares
group by f;

-- Claims and flu years are refreshed each October, the other measures each quarter.
create or replace table program_period as
select
    program_measure.*,
    case
        when code[3:5] in ('004', '005', '006') then october - interval 3 year
        when code[3:5] = '039' then october - interval 2 year
        when code[3:5] = '041' then october - interval 1 year
        when code[3:5] = '040' then getvariable('first_day') - interval 6 month
        else getvariable('first_day') - interval 15 month
    end as first_day,
    case
        when code[3:5] in ('004', '005', '006', '039') then october - interval 1 day
        when code[3:5] = '041' then october - interval 6 month - interval 1 day
        else getvariable('first_day') - interval 3 month - interval 1 day
    end as last_day
from program_measure
cross join (
    select make_date(year(getvariable('today')) - if(month(getvariable('today')) < 10, 1, 0), 10, 1) as october
);
