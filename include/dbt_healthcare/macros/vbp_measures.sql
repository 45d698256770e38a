{#
  The measures of the SNF VBP program, one until the program year 2025 and four since: the columns of the facility file
  (`baseline`, `performance`, the prefix of the scores) and whether they are fractions (0.19788 is 19.788 %) or hours.
#}
{% macro vbp_measures() -%}
    {{ return([
        {'code': 'SNFRM', 'baseline': 'baseline_readmission_rate', 'performance': 'performance_readmission_rate',
         'scores': 'readmission', 'national': 'readmission_{}_national_rate', 'is_fraction': true},
        {'code': 'SNFHAI', 'baseline': 'hai_baseline_rate', 'performance': 'hai_performance_rate',
         'scores': 'hai', 'national': 'hai_{}_national_rate', 'is_fraction': true},
        {'code': 'NURSE_TURNOVER', 'baseline': 'turnover_baseline_rate', 'performance': 'turnover_performance_rate',
         'scores': 'turnover', 'national': 'turnover_{}_national_rate', 'is_fraction': true},
        {'code': 'NURSE_STAFFING', 'baseline': 'nurse_staffing_baseline_hprd', 'performance': 'nurse_staffing_performance_hprd',
         'scores': 'nurse_staffing', 'national': 'nurse_staffing_{}_national_hprd', 'is_fraction': false},
    ]) }}
{%- endmacro %}

{# In the unit of the measure catalog: percent, or hours as they are. #}
{% macro vbp_value(measure, column) -%}
    {{ fraction_to_pct(column) if measure.is_fraction else column }}
{%- endmacro %}

{# CMS's national average: of readmissions unadjusted until the program year 2025, risk-standardized in another column since. #}
{% macro published_vbp_average(measure, stretch) -%}
    {%- set column = measure.national.format(stretch) -%}
    {{ 'coalesce(' ~ column ~ ', ' ~ stretch ~ '_national_readmission_rate)' if measure.code == 'SNFRM' else column }}
{%- endmacro %}

{# Two program years may share a baseline period: in a row of periods each stands once, with the program that spoke of it last. #}
{% macro is_newest_of_period(relation) -%}
    coalesce({{ relation }}.programme_year = max({{ relation }}.programme_year) over (
        partition by {{ relation }}.measure_code, {{ relation }}.period_start_date, {{ relation }}.period_end_date
    ), true)
{%- endmacro %}
