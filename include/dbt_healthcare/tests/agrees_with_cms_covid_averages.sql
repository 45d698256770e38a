{{ config(severity='warn', tags=['across_models']) }}
{#
  CMS's COVID-19 averages are the unweighted means of the facilities that report, `Not Available` left out, rounded to one decimal:
  in the genuine files of 27 Oct 2024 all 54 rows agree, 107 of 108 figures within 0.05 and the last (Rhode Island, residents,
  25.2466 against 25.3) within what the rounding of 73 facility figures explains. Tolerance: half a unit of the published decimal
  plus half a unit of the facility's. One row is one disagreement.
#}
with

vaccination_by_state as (

    select * from {{ ref('kpi_staff_vaccination_by_state') }}

)

select
    state,
    as_of_date,
    staff_up_to_date_pct,
    published_staff_up_to_date_pct,
    residents_up_to_date_pct,
    published_residents_up_to_date_pct
from vaccination_by_state
where
    abs(staff_up_to_date_pct - published_staff_up_to_date_pct) > 0.1
    or abs(residents_up_to_date_pct - published_residents_up_to_date_pct) > 0.1
