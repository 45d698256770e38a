-- What one vintage says of each facility: who is there, staffing, inspections, penalties, measures, stars.
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

create or replace table staffed as
with

hours as (
    select
        f, is_new, resident_days,
        round(aide / nullif(resident_days, 0), 5) as aide,
        round(lpn / nullif(resident_days, 0), 5) as lpn,
        round(rn / nullif(resident_days, 0), 5) as rn,
        round(weekend_total / nullif(weekend_resident_days, 0), 5) as weekend_total,
        round(weekend_rn / nullif(weekend_resident_days, 0), 5) as weekend_rn,
        coalesce(
            nullif(round(resident_days / days, 1), 0), round(beds * 0.76, 1)
        ) as residents
    from here
    left join (select * from quarter_sum where quarter = getvariable('staffing_quarter')) using (f)
),

-- CMS withholds facilities outside of these totals, and some more.
withheld as (
    select
        *,
        coalesce(aide + lpn + rn, 0) not between 1.5 and 12.0 or is_new as is_implausible
    from hours
),

known as (
    select
        *,
        is_implausible
            or among_first(share_of(386) - sum(is_implausible::int) over (), not is_implausible, 'withheld', f) as is_withheld,
        round(1.334 * exp(0.15 * normal('case mix', f)), 5) as mix
    from withheld
),

adjusted as (
    select
        f, residents,
        if(is_withheld, null, aide) as aide,
        if(is_withheld, null, lpn) as lpn,
        if(is_withheld, null, rn) as rn,
        if(is_withheld, null, weekend_total) as weekend_total,
        if(is_withheld, null, weekend_rn) as weekend_rn,
        if(is_withheld, null, round(lpn + rn, 5)) as licensed,
        if(is_withheld, null, round(round(lpn + rn, 5) + aide, 5)) as total,
        if(is_withheld, null, mix) as mix,
        if(is_withheld, null, round(mix / 1.356, 5)) as ratio,
        if(is_withheld or among_first(share_of(28), not is_withheld, 'not adjusted', f), null, sqrt(round(mix / 1.356, 5) * 0.98)) as divisor,
        if(is_withheld, null, round(0.069 * exponential('therapy', f), 5)) as therapist
    from known
),

left_behind as (
    select
        f,
        is_new or among_first(share_of(1417), not is_new, 'turnover', f) as lacks_turnover,
        clip(
            48.8 + 12.6 * normal('turnover', f) + 2.8 * normal('turnover' || getvariable('staffing_quarter'), f) - 4.9 * quality, 0, 100
        ) as nursing,
        clip(
            45.5 + 12.6 * normal('rn turnover', f) + 8.4 * normal('turnover', f)
            + 5.3 * normal('rn turnover' || getvariable('staffing_quarter'), f) - 6.3 * quality, 0, 100
        ) as rn_left
    from here
)

select
    f, total, divisor,
    if(among_first(share_of(48), true, 'census', f), null, greatest(residents, 1.0)) as average_residents_per_day,
    aide as reported_nurse_aide_hprd, lpn as reported_lpn_hprd, rn as reported_rn_hprd, licensed as reported_licensed_hprd,
    total as reported_total_nurse_hprd, weekend_total as weekend_total_nurse_hprd, weekend_rn as weekend_rn_hprd,
    therapist as reported_physical_therapist_hprd,
    mix as nursing_case_mix_index, ratio as nursing_case_mix_index_ratio,
    round(ratio * 2.292, 5) as case_mix_nurse_aide_hprd, round(ratio * 0.877, 5) as case_mix_lpn_hprd,
    round(ratio * 0.668, 5) as case_mix_rn_hprd, round(ratio * 3.837, 5) as case_mix_total_nurse_hprd,
    round(ratio * 3.353, 5) as case_mix_weekend_total_nurse_hprd,
    round(aide / divisor, 5) as adjusted_nurse_aide_hprd, round(lpn / divisor, 5) as adjusted_lpn_hprd,
    round(rn / divisor, 5) as adjusted_rn_hprd, round(total / divisor, 5) as adjusted_total_nurse_hprd,
    round(weekend_total / divisor, 5) as adjusted_weekend_total_nurse_hprd,
    if(lacks_turnover, null, round(nursing, 1)) as total_nursing_turnover_pct,
    if(lacks_turnover or among_first(share_of(994), not lacks_turnover, 'rn', f), null, round(rn_left, 1)) as rn_turnover_pct,
    if(
        lacks_turnover or among_first(share_of(911), not lacks_turnover, 'left', f), null,
        least(floor(exponential('administrators', f)), 7)
    ) as administrators_left
from adjusted
inner join left_behind using (f);

create or replace table cited as
select
    citation.*,
    every_tag.* exclude (tag),
    case severity when 'D' then 4 when 'E' then 8 when 'F' then 16 when 'G' then 20 when 'H' then 35 when 'I' then 45
        when 'J' then 50 when 'K' then 100 when 'L' then 150 else 0 end as points
from citations_in(getvariable('today')) as citation
inner join every_tag using (tag);

-- Cycles of new facilities are not counted, though their survey is shown.
create or replace table surveyed as
pivot (
    select f, 'cycle_' || cycle as cycle, health_date, fire_date from standard_cycles(getvariable('today'))
    inner join here using (f)
) on cycle in ('cycle_1', 'cycle_2', 'cycle_3') using any_value(health_date) as survey_date, any_value(fire_date) as fire_date
group by f;

create or replace table cycle_numbers as
with

counts as (
    select
        f, cycle,
        count(*) as deficiencies,
        count(*) filter (n is not null) as standard_deficiencies,
        count(*) filter (is_complaint) as complaint_deficiencies,
        sum(points) as deficiency_score,
        count(*) filter (n is null) as visit_deficiencies,
        count(*) filter (n is null and is_complaint) as visit_complaints,
        coalesce(sum(points) filter (n is null), 0) as visit_score
    from cited
    where not is_fire
    group by f, cycle
),

surveys as (
    select
        f, cycle,
        pick_by_share([0, 1, 2, 3, 4], [0.075, 0.870, 0.039, 0.012], 'revisits', hash(f, n)) as revisits
    from standard_cycles(getvariable('today'))
    inner join here using (f)
    where not is_new
)

select
    f, 'cycle_' || cycle as cycle, revisits,
    coalesce(columns(counts.* exclude (f, cycle)), 0),
    round(coalesce(deficiency_score, 0) * [0, 0, 0.5, 0.7, 0.85][revisits + 1]) as revisit_score
from surveys
left join counts using (f, cycle);

-- From July 2025 the rating looks at two cycles: the newest, and the one before with the complaints of two years.
create or replace table inspected as
with

cycles as (
    pivot cycle_numbers on cycle in ('cycle_1', 'cycle_2', 'cycle_3')
    using any_value(deficiencies) as deficiencies, any_value(standard_deficiencies) as standard_deficiencies,
        any_value(complaint_deficiencies) as complaint_deficiencies, any_value(deficiency_score) as deficiency_score,
        any_value(revisits) as revisits, any_value(revisit_score) as revisit_score,
        any_value(deficiency_score + revisit_score) as total_score
    group by f
),

visits_of_third as (
    select f, cycle, count(*) as found, count(*) filter (is_complaint) as complaints, sum(points) as points
    from cited
    where not is_fire and n is null and cycle = 3
    group by f, cycle
),

pooled as (
    select
        cycles.*,
        cycle_2_deficiencies + coalesce(found, 0) as cycle_2_3_deficiencies,
        cycle_2_complaint_deficiencies + coalesce(complaints, 0) as cycle_2_3_complaint_deficiencies,
        cycle_2_deficiency_score + coalesce(points, 0) as cycle_2_3_deficiency_score,
        cycle_2_revisits as cycle_2_3_revisits,
        cycle_2_revisit_score as cycle_2_3_revisit_score,
        cycle_2_total_score + coalesce(points, 0) as cycle_2_3_total_score
    from cycles
    left join visits_of_third using (f)
),

visited as (
    select f, count(*) filter (kind = 'complaint') as complaint_visits, count(*) filter (kind = 'infection') as infection_visits
    from visit
    where visit_cycle(visit_date, getvariable('today')) is not null
    group by f
),

infections as (
    select f, count(*) as found from cited where kind = 'infection' group by f
)

select
    here.f,
    surveyed.* exclude (f),
    pooled.* exclude (f),
    round(case
        when getvariable('today') < date '2025-07-01' and cycle_3_total_score is not null
            then cycle_1_total_score / 2 + cycle_2_total_score / 3 + cycle_3_total_score / 6
        when getvariable('today') < date '2025-07-01' then 0.6 * cycle_1_total_score + 0.4 * coalesce(cycle_2_total_score, 0)
        else coalesce((3 * cycle_1_total_score + cycle_2_3_total_score) / 4, cycle_1_total_score)
    end, 3) as total_weighted_health_survey_score,
    round(coalesce(complaint_visits, 0) * 1.03 * uniform('incidents', here.f))::int as facility_reported_incidents,
    round(coalesce(complaint_visits, 0) * 3.5 * uniform('complaints', here.f))::int as substantiated_complaints,
    if(infection_visits > 0, coalesce(infections.found, 0), null) as infection_control_inspection_citations
from here
left join surveyed using (f)
left join pooled using (f)
left join visited using (f)
left join infections using (f);

create or replace table penalized as
select
    f,
    count(*) filter (is_fine) as fines,
    coalesce(sum(amount), 0) as total_fines_usd,
    count(*) filter (not is_fine) as payment_denials,
    count(*) as penalties
from penalties_in(getvariable('today'))
group by f;

create or replace table measured as
with

chosen as (
    select *, if(is_frozen and getvariable('today') < date '2025-02-01', least(date '2023-07-01', getvariable('first_day')), getvariable('first_day')) as last_quarter
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
        clip(round(at_risk * rate + sqrt(at_risk * rate * (1 - rate)) * normal('cases' || code || quarter, f)), 0, at_risk) as cases
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

create or replace macro stars_by(value, cuts) as if(value is null, null, 5 - len(list_filter(cuts, lambda cut: cut < value)));

-- Health inspections are rated relative to the state, staffing and quality measures to the nation.
create or replace table cut_points as
select
    state,
    list_transform(
        coalesce(
            quantile_cont(total_weighted_health_survey_score, [0.10, 0.3333, 0.5667, 0.80]) filter (not is_unrated),
            quantile_cont(total_weighted_health_survey_score, [0.10, 0.3333, 0.5667, 0.80])
        ), lambda cut: round(cut, 3)
    ) as cuts
from here
inner join inspected using (f)
where total_weighted_health_survey_score is not null
group by state;

create or replace table rated as
with

scores as (
    select
        here.f, here.is_new, is_special_focus, is_unrated, is_audited_out, total_weighted_health_survey_score, cuts,
        -adjusted_total_nurse_hprd as hours,
        -adjusted_rn_hprd as rn_hours,
        not is_unrated and adjusted_total_nurse_hprd is null as lacks_hours,
        -(0.5 * quality + normal('long stay', here.f) + 0.25 * normal('long' || getvariable('staffing_quarter'), here.f)) as long_stay,
        -(0.5 * quality + normal('short stay', here.f) + 0.25 * normal('short' || getvariable('staffing_quarter'), here.f)) as short_stay
    from here
    inner join staffed using (f)
    inner join inspected using (f)
    left join cut_points using (state)
),

marked as (
    select
        *,
        -- One star for those that could not prove their staffing or had too many days without an RN.
        lacks_hours or among_first(share_of(446), not is_unrated and not lacks_hours, 'not verified', f) as has_one_star,
        among_first(share_of(104), not is_unrated and not is_audited_out, 'audited, shown', f) as is_audited,
        among_first(share_of(396), not is_unrated and not is_audited_out, 'few long stays', f) as has_few_long,
        among_first(share_of(2373), not is_unrated and not is_audited_out, 'few short stays', f) as has_few_short,
        among_first(share_of(58), not is_unrated, 'staffing data', f) as lacks_staffing
    from scores
),

cuts as (
    select
        quantile_cont(hours, [0.10, 0.28, 0.53, 0.77]) filter (not has_one_star) as of_hours,
        quantile_cont(rn_hours, [0.10, 0.28, 0.53, 0.77]) as of_rn,
        quantile_cont(long_stay + 0.8 * short_stay, [0.27, 0.52, 0.74, 0.90]) as of_qm,
        quantile_cont(long_stay, [0.27, 0.52, 0.74, 0.90]) as of_long,
        quantile_cont(short_stay, [0.25, 0.49, 0.71, 0.88]) as of_short
    from marked
),

starred as (
    select
        *,
        has_few_long and among_first(share_of(56), has_few_long, 'few stays', f) as has_few_both,
        stars_by(total_weighted_health_survey_score, marked.cuts) as health,
        if(has_one_star, 1, coalesce(stars_by(hours, of_hours), 1)) as staff,
        if(has_one_star, 1, stars_by(rn_hours, of_rn)) as rn,
        stars_by(long_stay + 0.8 * short_stay, of_qm) as qm,
        stars_by(long_stay, of_long) as long,
        stars_by(short_stay, of_short) as short,
        case when is_new then '1' when is_special_focus then '18' end as why_unrated,
        if(has_one_star and getvariable('today') < date '2025-01-01', '12', null) as one_star_footnote
    from marked, cuts
)

select
    f,
    if(is_unrated, null, clip(clip(health + (staff = 5)::int - (staff = 1)::int, 1, 5) + (qm = 5)::int - (qm = 1)::int, 1, 5))
        as overall_rating,
    why_unrated as overall_rating_footnote,
    if(is_unrated, null, health) as health_inspection_rating,
    why_unrated as health_inspection_rating_footnote,
    if(is_unrated or is_audited_out or has_few_both, null, qm) as qm_rating,
    coalesce(why_unrated, case when is_audited_out or is_audited then '20' when has_few_both then '2' end) as qm_rating_footnote,
    if(is_unrated or is_audited_out or has_few_long, null, long) as long_stay_qm_rating,
    coalesce(why_unrated, case when is_audited_out or is_audited then '20' when has_few_long then '2' end)
        as long_stay_qm_rating_footnote,
    if(is_unrated or is_audited or is_audited_out or has_few_short, null, short) as short_stay_qm_rating,
    coalesce(why_unrated, case when is_audited then '20' when is_audited_out or has_few_short then '2' end)
        as short_stay_qm_rating_footnote,
    if(is_unrated or lacks_staffing, null, staff) as staffing_rating,
    coalesce(why_unrated, if(lacks_staffing, '2', null), one_star_footnote) as staffing_rating_footnote,
    if(is_unrated or lacks_staffing, null, rn) as rn_staffing_rating,
    coalesce(why_unrated, if(lacks_staffing, '2', null), one_star_footnote) as rn_staffing_rating_footnote
from starred;

-- Everything that ProviderInfo and the averages tell, under the names of the contract.
create or replace table provider as
select
    here.*,
    staffed.* exclude (f, total, divisor),
    inspected.* exclude (f),
    rated.* exclude (f),
    coalesce(fines, 0) as fines, coalesce(total_fines_usd, 0) as total_fines_usd,
    coalesce(payment_denials, 0) as payment_denials, coalesce(penalties, 0) as penalties
from here
inner join staffed using (f)
inner join inspected using (f)
inner join rated using (f)
left join penalized using (f);

create or replace table summarized as
select
    cycles.f, cycles.cycle, health_date, fire_date,
    count(cited.f) filter (not is_fire) as health_deficiencies,
    if(fire_date is null, null, count(cited.f) filter (is_fire)) as fire_deficiencies
from standard_cycles(getvariable('today')) as cycles
inner join here using (f)
left join cited on cited.f = cycles.f and cited.cycle = cycles.cycle and cited.n is not null
group by cycles.f, cycles.cycle, health_date, fire_date;

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
