-- One row per deficiency tag: the latest wording, and since when it stands (SCD1; dim_citation_history has every vintage).
with

citation_history as (

    select * from {{ ref('dim_citation_history') }}

),

tag_lifetimes as (

    select
        deficiency_tag,
        min(processing_date) as first_listed_date,
        max(processing_date) as last_listed_date,
        max(case when is_new_wording then processing_date else date '1900-01-01' end) as last_change_date,
        sum(case when is_new_wording then 1 else 0 end) as wording_changes
    from citation_history
    group by deficiency_tag

),

latest as (

    select * from citation_history
    qualify row_number() over (partition by deficiency_tag order by processing_date desc, _source_row asc) = 1

),

final as (

    select
        latest.deficiency_tag,
        latest.deficiency_prefix,
        latest.deficiency_tag_number,
        latest.deficiency_description,
        latest.deficiency_category,
        latest.is_infection_control,
        tag_lifetimes.first_listed_date,
        tag_lifetimes.last_listed_date,
        greatest(tag_lifetimes.last_change_date, tag_lifetimes.first_listed_date) as wording_valid_from_date,
        tag_lifetimes.wording_changes
    from latest
    inner join tag_lifetimes on latest.deficiency_tag = tag_lifetimes.deficiency_tag

)

select * from final
