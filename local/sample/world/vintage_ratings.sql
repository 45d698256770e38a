-- Star ratings, and all that ProviderInfo and the averages report, under the names of the contract.
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
        -(0.5 * quality + normal('long stay', here.f) + 0.25 * normal('long' || getvariable('staffing_quarter'), here.f))
            as long_stay,
        -(0.5 * quality + normal('short stay', here.f) + 0.25 * normal('short' || getvariable('staffing_quarter'), here.f))
            as short_stay
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
