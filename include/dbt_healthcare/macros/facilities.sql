{# What CMS writes about a facility, read once: ownership groups, special focus. #}

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

{# Which of several ProviderInfo rows of one facility is the newest: a later vintage, then a later file of the vintage. #}
{% macro newest_provider_info_first() -%}
    processing_date desc, _period desc, _file_md5 desc, _source_row desc
{%- endmacro %}
