{#
  What the words of nurse staffing mean, once for the whole project. Source: CMS PBJ Public Use Files, Technical Specifications.
  Eight job categories make "total nurse"; nurse aides in training and medication aides are AIDES; employee + contract = total.
#}

{# Every job category: its name in staging, its name in silver, its group, and whether it is hands-on ("direct") care. #}
{% macro nurse_categories() -%}
    {{ return([
        {'staged': 'rn_don',      'name': 'rn_don',          'group': 'rn',         'is_direct_care': false},
        {'staged': 'rn_admin',    'name': 'rn_admin',        'group': 'rn',         'is_direct_care': false},
        {'staged': 'rn',          'name': 'rn_direct_care',  'group': 'rn',         'is_direct_care': true},
        {'staged': 'lpn_admin',   'name': 'lpn_admin',       'group': 'lpn',        'is_direct_care': false},
        {'staged': 'lpn',         'name': 'lpn_direct_care', 'group': 'lpn',        'is_direct_care': true},
        {'staged': 'cna',         'name': 'cna',             'group': 'nurse_aide', 'is_direct_care': true},
        {'staged': 'na_training', 'name': 'na_training',     'group': 'nurse_aide', 'is_direct_care': true},
        {'staged': 'med_aide',    'name': 'med_aide',        'group': 'nurse_aide', 'is_direct_care': true},
    ]) }}
{%- endmacro %}

{# The eight categories under their silver names, as `total`, employee and contract hours. #}
{% macro nurse_category_columns() -%}
    {%- for category in nurse_categories() %}
        {%- for kind in ['', '_employee', '_contract'] %}
        {{ category.staged }}{{ kind }}_hours as {{ category.name }}{{ kind }}_hours
            {%- if not (loop.last and category == nurse_categories()[-1]) %},{% endif %}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# Sum of categories of one group (or all); a category CMS left blank makes the sum unknown, never zero. #}
{% macro nurse_hours(group=none, kind='', direct_care_only=false, relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set terms = [] -%}
    {%- for category in nurse_categories()
        if (group is none or category.group == group) and (category.is_direct_care or not direct_care_only) -%}
        {%- do terms.append(prefix ~ category.name ~ kind ~ '_hours') -%}
    {%- endfor -%}
    {{ terms | join(' + ') }}
{%- endmacro %}

{% macro total_nurse_hours() -%} {{ nurse_hours() }} {%- endmacro %}

{% macro employee_hours() -%} {{ nurse_hours(kind='_employee') }} {%- endmacro %}

{% macro contract_hours() -%} {{ nurse_hours(kind='_contract') }} {%- endmacro %}

{% macro direct_care_hours() -%} {{ nurse_hours(direct_care_only=true) }} {%- endmacro %}

{# A ratio of sums as double, null where there is nothing to divide by. #}
{% macro ratio(numerator, denominator, times=1) -%}
    {%- if times != 1 %}{{ times }} * {% endif -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# More hours than one nurse beside every resident round the clock: a reporting error, kept and flagged. #}
{% macro is_staffing_outlier(total_nurse_hours, resident_census) -%}
    {{ resident_census }} > 0 and {{ total_nurse_hours }} > 24 * {{ resident_census }}
{%- endmacro %}

{# CMS's remark on an incompletely submitted day; null where the file has no such column. Whatever stands there marks the day, but a no. #}
{% macro is_marked_incomplete(incomplete) -%}
    upper({{ incomplete }}) not in ('N', 'NO', 'FALSE', '0')
{%- endmacro %}

{# The periods of a family in which a published column is known to be wrong: the seed `known_corrections`. #}
{% macro periods_to_correct(family, column_name) -%}
    select known_corrections.period
    from {{ ref('known_corrections') }} as known_corrections
    where
        known_corrections.family = '{{ family }}'
        and known_corrections.column_name = '{{ column_name }}'
{%- endmacro %}

{#
  Employee + contract = total holds in every file: where the contract column is known to be wrong, it follows from the two others.
  `corrections`: `periods_to_correct`, left-joined on the period of the file.
#}
{% macro corrected_med_aide_contract_hours(relation, corrections) -%}
    case
        when {{ corrections }}.period is null then {{ relation }}.med_aide_contract_hours
        else {{ as_hours(relation ~ '.med_aide_hours - ' ~ relation ~ '.med_aide_employee_hours') }}
    end
{%- endmacro %}
