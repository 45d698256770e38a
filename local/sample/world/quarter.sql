-- The Payroll-Based Journal of one quarter: paid hours in hundredths, by facility, day and job.
create or replace table pbj_day as
with

present as (
    select staffing.*, state, row_number() over (order by uniform('odd' || getvariable('quarter'), f)) as turn
    from staffing
    inner join facility using (f)
    inner join submits_pbj using (f)
    where opened <= getvariable('first_day') and closed > getvariable('last_day')
),

-- The first have days without residents, the next days without nurses, in runs; one day of Illinois is famous.
odd as (
    select
        *,
        if(turn <= share_of(8), 'no residents', if(turn <= share_of(8) + share_of(70), 'no nurses', null)) as oddity,
        state = 'IL' and turn > share_of(8) + share_of(70) and getvariable('is_newest')
        and row_number() over (order by state <> 'IL' or turn <= share_of(8) + share_of(70), turn) = 1 as is_outlier,
        getvariable('first_day') + floor(uniform('odd day' || getvariable('quarter'), f) * 50)::int as odd_day,
        least(census * getvariable('season'), beds) as mean
    from present
),

days as (
    select *, hash(f, day) as about, is_weekend as is_off, day - getvariable('first_day') as d
    from odd
    cross join days_of(getvariable('first_day'), getvariable('last_day'))
),

peopled as (
    select
        *,
        clip(
            round(mean + sqrt(mean) * (
                0.5 * cos(2 * pi() * (d / 47 + uniform('slow', f))) + 0.3 * cos(2 * pi() * (d / 17 + uniform('fast', f)))
                + 0.2 * normal('census', about)
            )), 1, beds + 2
        )::int as residents
    from days
),

worked as (
    select
        *,
        -- Staff follows the usual census more than the census of the day.
        list_transform(range(1, 9), lambda j: (round(
            (0.7 * mean + 0.3 * residents) * hprd[j] * factor * weekday_factor(getvariable('weekends')[j], is_off)
            * clip(1 + noise * normal('hours' || j, about), 0.3, 2.0) * 100 / unit
        ) * unit)::int) as paid,
        uniform('agency day', about) < agency_days as has_agency
    from peopled
),

rounded as (
    select
        *,
        case
            when is_outlier and d = 40 then paid[1:4] || [1394625] || paid[6:8]
            when oddity = 'no nurses' and day between odd_day and odd_day + 35 then list_transform(paid, lambda p: 0)
            else [if(paid[1] > 300, greatest(800, paid[1] // 100 * 100), 0)] || paid[2:5] || [greatest(paid[6], 100)] || paid[7:8]
        end as total
    from worked
)

select
    f, day, is_weekend, total,
    if(oddity = 'no residents' and day between odd_day and odd_day + 35, 0, residents) as census,
    list_transform(range(1, 9), lambda j: case
        when is_outlier and d = 40 and j = 5 then 1380150
        when has_agency
            then
                round(total[j] * clip(
                    clip(agency_share[j] * getvariable('growth'), 0, 0.95)
                    / agency_days
                    * (0.4 + 1.2 * uniform('agency' || j, about)),
                    0,
                    1
                ))::int
        else 0
    end) as contract
from rounded;

insert into quarter_sum
select
    getvariable('quarter') as quarter,
    f,
    count(*) as days,
    sum(census) as resident_days,
    sum(census) filter (is_weekend) as weekend_resident_days,
    sum(total[1] + total[2] + total[3]) / 100 as rn,
    sum(total[4] + total[5]) / 100 as lpn,
    sum(total[6] + total[7] + total[8]) / 100 as aide,
    sum(total[1] + total[2] + total[3]) filter (is_weekend) / 100 as weekend_rn,
    sum(list_sum(total)) filter (is_weekend) / 100 as weekend_total
from pbj_day
group by f;
