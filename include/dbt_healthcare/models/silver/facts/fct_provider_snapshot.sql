-- Every published ProviderInfo vintage as it stands, typed: the source of the dimensions, of turnover and of rating trends.
with

provider_info as (

    select * from {{ ref('stg_nh_provider_info') }}
    where {{ only_new_files() }}

),

exact_repeats as (

    {{ exact_repeats('nh_provider_info', key=['ccn']) }}

),

final as (

    select provider_info.*
    from provider_info
    left join exact_repeats
        on
            provider_info._file_md5 = exact_repeats._file_md5
            and provider_info._source_row = exact_repeats._source_row
    where exact_repeats._source_row is null

)

select * from final
