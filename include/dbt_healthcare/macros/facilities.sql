{# What CMS writes about a facility, read once: the newest row, ownership groups, special focus. #}

{# Of the ProviderInfo rows per `columns`, the one of the newest file. #}
{% macro is_newest_provider_info(columns) -%}
    row_number() over (
        partition by {{ columns }} order by processing_date desc, _period desc, _file_md5 desc, _source_row desc
    ) = 1
{%- endmacro %}

{# "For profit - Corporation" -> "For profit"; capitals changed over the years. #}
{% macro ownership_group(ownership_type) -%}
    case
        when upper({{ ownership_type }}) like 'FOR PROFIT%' then 'For profit'
        when upper({{ ownership_type }}) like 'NON PROFIT%' then 'Non profit'
        when upper({{ ownership_type }}) like 'GOVERNMENT%' then 'Government'
        when {{ ownership_type }} is not null then 'Other'
    end
{%- endmacro %}

{# Until 2019 the column said N or Y; later it is empty, "SFF" or "SFF Candidate". #}
{% macro special_focus_status(column) -%}
    case upper({{ column }}) when 'N' then null when 'Y' then 'SFF' else {{ column }} end
{%- endmacro %}
