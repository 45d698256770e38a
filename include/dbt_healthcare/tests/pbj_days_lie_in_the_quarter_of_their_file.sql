-- A PBJ file speaks for one quarter; a day of another quarter would be counted twice when that quarter's own file comes.
with

daily_staffing as (

    select
        ccn,
        work_date,
        quarter,
        _period,
        _file_md5,
        _source_row
    from {{ ref('fct_daily_nurse_staffing') }}

),

final as (

    select * from daily_staffing
    where quarter <> _period

)

select * from final
