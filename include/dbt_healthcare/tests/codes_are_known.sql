{{ config(severity='warn', tags=['across_models']) }}
{# Codes, footnotes and words that CMS has begun to write: amend the catalog that explains them. #}
with

unknown_codes as (

    select * from {{ ref('unknown_codes') }}

)

select * from unknown_codes
