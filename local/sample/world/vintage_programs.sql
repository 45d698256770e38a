-- What the Quality Reporting and the Value-Based Purchasing program say in one vintage, of facilities and of hospitals.
create or replace table program_result as
with

-- New ones have no data yet (1), Medicaid-only ones need not report (14), some did not (10).
reporters as (
    select
        f as reporter, quality,
        beds * (0.07 + 2.3 * uniform('medicare stays', f) ** 1.4) as medicare_stays,
        case
            when is_new then '1'
            when among_first(share_of(560), not is_new, 'not in program', f) then '14'
            when among_first(share_of(12), not is_new, 'suppressed', f) then '7'
            when among_first(share_of(330), not is_new, 'no program data', f) then '10'
        end as why_not
    from here
    union all
    select -h, 0, stays, if(uniform('silent hospital', h) < 0.77, '10', null) from hospital
),

volumes as (
    select
        reporter, why_not, program_period.*,
        hash(reporter, code) as about,
        greatest(1, round(medicare_stays * stays * (0.8 + 0.4 * uniform('volume', about)))) as volume,
        logistic(
            log_odds(least(national, 99.9)) + 0.06 * quality * if(national < 11 and kind <> 'staff', -1, 1)
            + spread * normal('program rate', about)
        ) as rate
    from reporters
    cross join program_period
),

cases as (
    select
        *,
        coalesce(why_not, if(volume < case kind when 'claims' then 25 when 'staff' then 0 else 20 end, '9', null)) as hidden,
        if(
            kind = 'spending', volume * round(national * exp(spread * normal('spending', about)), 2),
            clip(round(volume * rate + sqrt(volume * rate * (1 - rate)) * normal('program cases', about)), 0, volume)
        ) as cases,
        round(national * 120 / (volume + 120) + rate * 100 * volume / (volume + 120), 2) as standardized
    from volumes
),

intervals as (
    select
        *,
        1.96 * sqrt(greatest(standardized * (100 - standardized), 0) / (volume + 120)) as width
    from cases
)

select
    *,
    round(greatest(standardized - width, 0), 2) as low,
    round(standardized + width, 2) as high,
    case
        when if(national < 11, high < national, low > national) then 'Better than the National Rate'
        when if(national < 11, low > national, high < national) then 'Worse than the National Rate'
        else 'No Different than the National Rate'
    end as category
from intervals;

create or replace table program_score as
with

parts as (
    select *, unnest(string_split(parts, ',')) as name, unnest(range(1, len(string_split(parts, ',')) + 1)) as n
    from program_result
)

select
    reporter, code, first_day, last_day,
    code || '_' || name as part,
    code || lpad(n::varchar, 2, '0') as place,
    coalesce(hidden, if(kind = 'assessment' and uniform('short', about) < 0.11, '13', '-')) as footnote,
    case
        when hidden is not null then 'Not Available'
        when name like '%COMP_PERF' then category
        when name like '%2_5' then fixed(low, 2)
        when name like '%97_5' then fixed(high, 2)
        when name like '%RSRR' or name like '%RS_RATE' then fixed(standardized, 2)
        when name = 'MSPB_SCORE' then fixed(cases / volume, 2)
        when name like '%VOLUME' or name in ('DENOMINATOR', 'MSPB_NUMB') then fixed(volume, 0)
        when name like '%READM' or name like '%NUMBER' or name = 'NUMERATOR' then fixed(cases, 0)
        when name = 'ADJ_RATE' then fixed(100 * cases / volume * (0.8 + 0.4 * uniform('adjusted', about)), 1)
        else fixed(100 * cases / volume, places)
    end as score
from parts;

-- What the facility file adds up to: the rate, and for claims how many are better, worse, too small.
create or replace table program_nation as
with

sums as (
    select
        code, any_value(kind) as kind, any_value(places) as places, any_value(first_day) as first_day,
        any_value(last_day) as last_day,
        split_part(any_value(parts), '_', 1) as claim,
        sum(cases) filter (hidden is null) / sum(volume) filter (hidden is null) as rate,
        count(*) filter (hidden is null and category like 'Better%') as better,
        count(*) filter (hidden is null and category like 'No%') as same,
        count(*) filter (hidden = '9') as small,
        count(*) filter (hidden is null and category like 'Worse%') as worse
    from program_result
    where reporter >= 0
    group by code
)

select
    code, first_day, last_day, 0 as place,
    code || '_' || case code[3:5]
        when '004' then 'PPR_PD_NAT_UNADJUST_AVG' when '005' then 'DTC_NAT_OBS_RATE' when '006' then 'MSPB_SCORE_NATL'
        when '039' then 'HAI_NAT_OBS_RATE' else 'NATL_OBS_RATE'
    end as national_code,
    if(kind = 'spending', fixed(rate, 2), fixed(100 * rate, if(kind = 'claims', 2, places))) as score
from sums
union all
select
    code, first_day, last_day, place,
    code
    || '_'
    || if(claim = 'PPR', 'PPR_PD', claim)
    || ['_N_BETTER_NAT', '_N_NO_DIFF_NAT', '_N_TOO_SMALL', '_N_WORSE_NAT'][place],
    [better, same, small, worse][place]::varchar
from sums
cross join range(1, 5) as counts(place)
where kind = 'claims';

create or replace table participant as
with

-- Those with the most beds have the stays that the program asks for.
homes as (
    select
        f as id, ccn, provider_name, provider_address, city, state, zip_code, quality, false as is_hospital,
        row_number() over (order by is_new, -beds * (0.5 + uniform('vbp stays', f))) as place
    from here
),

hospitals as (
    select
        -h as id,
        ccn,
        name as provider_name,
        address as provider_address,
        city,
        state,
        zip_code,
        0 as quality,
        true as is_hospital,
        row_number() over (order by uniform('vbp hospital', h)) as place
    from hospital
),

wanted as (
    select least(share_of(10858), (select count(*) from here)) as total
)

select hospitals.* from hospitals, wanted where place <= greatest(2, round(total * 0.022))
union all
select homes.* from homes, wanted where place <= total - greatest(2, round(total * 0.022));

-- CMS's points of one measure, ten at most; higher is better.
create or replace macro achievement_points(after, threshold, benchmark) as case
    when after >= benchmark then 10
    when after < threshold then 0
    else 9 * (after - threshold) / (benchmark - threshold) + 0.5
end;

create or replace macro improvement_points(before, after, benchmark) as case
    when before is null then null
    when
        after > before and before < benchmark
        then clip(10 * (after - before) / greatest(benchmark - before, 0.00001) - 0.5, 0, 9)
    else 0
end;

-- CMS's logistic exchange of points for payment.
create or replace macro multiplier(score) as
0.9802538758 + 0.0374246395 * (logistic(0.1 * (score - 50)) - logistic(-5)) / (logistic(5) - logistic(-5));

-- Until fiscal year 2025 the readmission rate is the only measure.
create or replace table readmission_program as
with

rates as (
    select
        *,
        round(clip(
            0.2020 + 0.0180 * normal('vbp', id) + 0.0105 * normal('vbp now', id) - 0.004 * quality
            + 0.004 * (exponential('vbp tail', id) - 1), 0.13, 0.33
        ), 5) as performance,
        if(
            uniform('vbp baseline', id) < 517 / 10858, null,
            round(clip(0.1982 + 0.0130 * normal('vbp', id) + 0.0150 * normal('vbp then', id), 0.13, 0.33), 5)
        ) as baseline
    from participant
),

scored as (
    select
        *,
        round(10 * achievement_points(1 - performance, 0.79271, 0.83033), 5) as achievement_score,
        round(10 * improvement_points(1 - baseline, 1 - performance, 0.83033), 5) as improvement_score,
        greatest(achievement_score, coalesce(improvement_score, 0)) as performance_score,
        if(
            baseline is not null, null, 'This facility had fewer than 25 eligible stays during the baseline period. Therefore, '
            'this facility did not have sufficient data to calculate a baseline period risk-standardized readmission rate or '
            'improvement score.'
        ) as why_not
    from rates
)

select * from scored;

-- From fiscal year 2026 on four measures count, with the thresholds of that year.
create or replace table four_measures as
with

measures as (
    select
        unnest(['readmission', 'hai', 'turnover', 'nurse_staffing']) as measure,
        unnest([0.2, 0.07, 0.47, 3.9]) as mean, unnest([0.1, 0.25, 0.3, 0.17]) as spread,
        unnest([0.78800, 0.92315, 0.35912, 3.18523]) as threshold, unnest([0.82971, 0.95004, 0.72343, 5.70680]) as benchmark
),

rates as (
    select
        participant.*, measures.*,
        measure in ('turnover', 'nurse_staffing')
        and (is_hospital or uniform('too few cases' || measure, id) < 0.06) as has_too_few,
        if(measure = 'nurse_staffing', 1, -1) as good,
        spread * (0.7 * normal('vbp' || measure, id) + good * 0.25 * quality) as steady,
        if(has_too_few, null, round(mean * exp(steady + 0.5 * spread * normal('before' || measure, id)), 5)) as baseline,
        if(has_too_few, null, round(mean * exp(steady + 0.5 * spread * normal('after' || measure, id)), 5)) as performance
    from participant
    cross join measures
),

scored as (
    select
        *,
        if(good = 1, performance, 1 - performance) as after_,
        if(good = 1, baseline, 1 - baseline) as before_,
        if(has_too_few, null, round(achievement_points(after_, threshold, benchmark), 5)) as achievement,
        if(has_too_few, null, round(improvement_points(before_, after_, benchmark), 5)) as improvement,
        greatest(achievement, improvement) as measure_score,
        if(
            has_too_few,
            'This facility did not meet this measure''s case minimum policy requirement and therefore no measure data is '
            'publicly reported.', '---'
        ) as footnote
    from rates
)

select * from scored;
