-- What one vintage shows of inspections and penalties, counted from the same deficiencies as the files of events.
create or replace table cited as
select
    citation.*,
    every_tag.* exclude (tag),
    case severity
        when 'D' then 4 when 'E' then 8 when 'F' then 16 when 'G' then 20 when 'H' then 35 when 'I' then 45
        when 'J' then 50 when 'K' then 100 when 'L' then 150 else 0
    end as points
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

create or replace table summarized as
select
    cycles.f, cycles.cycle, health_date, fire_date,
    count(cited.f) filter (not is_fire) as health_deficiencies,
    if(fire_date is null, null, count(cited.f) filter (is_fire)) as fire_deficiencies
from standard_cycles(getvariable('today')) as cycles
inner join here using (f)
left join cited on cited.f = cycles.f and cited.cycle = cycles.cycle and cited.n is not null
group by cycles.f, cycles.cycle, health_date, fire_date;

create or replace table penalized as
select
    f,
    count(*) filter (is_fine) as fines,
    coalesce(sum(amount), 0) as total_fines_usd,
    count(*) filter (not is_fine) as payment_denials,
    count(*) as penalties
from penalties_in(getvariable('today'))
group by f;
