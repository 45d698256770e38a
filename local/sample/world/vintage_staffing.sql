-- The staffing columns of one vintage, from the sums of its PBJ quarter: reported, case mix, adjusted, turnover.
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
        if(
            is_withheld or among_first(share_of(28), not is_withheld, 'not adjusted', f), null, sqrt(round(mix / 1.356, 5) * 0.98)
        ) as divisor,
        if(is_withheld, null, round(0.069 * exponential('therapy', f), 5)) as therapist
    from known
),

left_behind as (
    select
        f,
        is_new or among_first(share_of(1417), not is_new, 'turnover', f) as lacks_turnover,
        clip(
            48.8 + 12.6 * normal('turnover', f) + 2.8 * normal('turnover' || getvariable('staffing_quarter'), f) - 4.9 * quality,
            0,
            100
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
