{#
  What the letters and tags of inspections mean, once for the whole project.
  Source: NH Data Dictionary (Oct 2024), tables 6 to 8, and the scope and severity grid of CMS's State Operations Manual, ch. 7.
#}

{# A = 1 (isolated, potential for minimal harm) to L = 12 (widespread, immediate jeopardy). #}
{% macro scope_severity_rank(code) -%}
    cast(nullif(position(upper({{ code }}) in 'ABCDEFGHIJKL'), 0) as integer)
{%- endmacro %}

{# G or worse: actual harm. #}
{% macro is_serious(rank) -%}
    {{ rank }} >= 7
{%- endmacro %}

{# J, K, L. #}
{% macro is_immediate_jeopardy(rank) -%}
    {{ rank }} >= 10
{%- endmacro %}

{# F-0880: the spelling of CMS's citation look-up, whatever a file does with leading zeros. #}
{% macro deficiency_tag(prefix, number) -%}
    {{ prefix }} || '-' || lpad({{ number }}, 4, '0')
{%- endmacro %}

{#
  Six K tags changed their meaning on 5 July 2016 and are cited under the old number. CMS's look-up files the old meaning under
  8xxx and the new one under 9xxx: K-0211 New ("Keep aisles, corridors, and exits free") is described as K-9211.
#}
{% macro look_up_tag(prefix, number, version) -%}
    case
        when {{ prefix }} = 'K' and lpad({{ number }}, 4, '0') in ('0131', '0132', '0133', '0161', '0162', '0211')
            then 'K-' || case when {{ version }} = 'Old' then '8' else '9' end || right({{ number }}, 3)
        else {{ deficiency_tag(prefix, number) }}
    end
{%- endmacro %}

{# 42 CFR 483.80, the F880 family: prevention program, antibiotics, preventionist, vaccinations, COVID-19 reporting, testing and staff vaccination. #}
{% macro is_infection_control_tag(tag) -%}
    {{ tag }} between 'F-0880' and 'F-0888'
{%- endmacro %}
