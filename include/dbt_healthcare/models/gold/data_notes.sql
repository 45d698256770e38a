-- What a reader must know beside a figure: where its definition changed, and which published column was corrected.
with

definition_changes as (

    select * from {{ ref('definition_changes') }}
    where is_change

),

known_corrections as (

    select * from {{ ref('known_corrections') }}

),

final as (

    select
        subject,
        'definition change' as kind,
        cast(valid_from as varchar) as period,
        definition_period as title,
        description
    from definition_changes

    union all

    select
        subject,
        'correction' as kind,
        period,
        column_name as title,
        what_is_wrong || '. Corrected: ' || correction || '.' as description
    from known_corrections

)

select * from final
