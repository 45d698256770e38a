-- How each facility staffs: census, hours per resident day by job, share of agency work; calibrated on PBJ 2024Q2.
create table job as
select
    unnest(range(1, 9)) as j,
    unnest(['rn_don', 'rn_admin', 'rn', 'lpn_admin', 'lpn', 'cna', 'na_training', 'med_aide']) as job,
    unnest([5.196, 10.263, 34.802, 6.712, 66.172, 173.791, 4.314, 8.578]) as mean_hours,
    unnest([0.97, 0.80, 1.0, 0.48, 0.99, 1.0, 0.22, 0.36]) as share_of_homes,
    unnest([0.02, 0.14, 0.94, 0.25, 0.93, 0.93, 0.55, 0.95]) as weekend,
    unnest([0.27, 0.35, 1.15, 0.14, 1.32, 1.0, 0.17, 0.36]) as contract_factor,
    unnest([0.25, 0.55, 0.48, 0.6, 0.36, 0.20, 0.7, 0.5]) as spread;

create table staffing as
with

levels as (
    select
        f, beds,
        greatest(beds * clip(0.78 + 0.14 * normal('occupancy', f) + 0.02 * quality, 0.2, 1.0), 2.0) as census,
        if(is_in_hospital, 1.25, 1.0) * hours_factor * exp(0.13 * normal('staffing', f) + 0.06 * quality) as level,
        if(
            uniform('has agency', f) < 0.42, 0, clip(0.072 * exp(normal('agency', f) - 0.1 * quality) * agency_factor, 0.001, 0.7)
        ) as agency
    from facility
)

select
    f, beds, census,
    clip(agency * 9.2, 0.12, 1.0) as agency_days,
    [1, 1, 1, 25, 50][1 + floor(uniform('rounding', f) * 5)::int] as unit,
    0.05 + 0.11 * uniform('noise', f) as noise,
    list(
        if(uniform(job || ' works', f) < share_of_homes, 1, 0) * 3.56 * level * (census / 100) ** -0.055
        * mean_hours / share_of_homes / 309.828 * exp(spread * normal(job, f) - spread ** 2 / 2)
        -- One director of nursing works about the same hours in a small home and a large one.
        * if(job = 'rn_don', 0.9 * 83.4167 / census, 1)
        order by j
    ) as hprd,
    list(clip(agency * contract_factor, 0, 0.9) order by j) as agency_share
from levels
cross join job
group by all;

create macro weekday_factor(weekend, is_weekend) as if(is_weekend, weekend, 1.0) / ((5 + 2 * weekend) / 7);

-- Weekends, holidays and a little season.
create macro days_of(first_day, last_day) as table
    select
        day,
        isodow(day) >= 6 as is_weekend,
        if(strftime(day, '%m%d') in ('0101', '0704', '1128', '1224', '1225'), 0.93, 1.0)
        * (1 + 0.012 * cos(2 * pi() * (dayofyear(day) - 121) / 365)) as factor
    from (select unnest(generate_series(first_day, last_day, interval 1 day))::date as day);

-- What ProviderInfo shows of a quarter.
create table quarter_sum (
    quarter varchar, f bigint, days int, resident_days int, weekend_resident_days int, rn double, lpn double, aide double,
    weekend_rn double, weekend_total double
);
