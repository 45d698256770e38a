{{ config(severity='warn', tags=['across_models']) }}
{# Families whose newest period is older than CMS's pace of release allows. Silent for families that were never loaded. #}
with

data_freshness as (

    select * from {{ ref('data_freshness') }}

)

select * from data_freshness
where is_overdue and files > 0
