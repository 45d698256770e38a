{#
  The ratios of gold, each stated once: what is divided by what, how the quotient is scaled, and its unit. Models compute them with
  `measure`; the table `measures` publishes them, so that readers can add up any group of facilities by the same rule.
  `needs_denominator`: a row whose denominator is unknown counts in neither sum.
#}
{% macro measures() -%}
    {{ return({
        'total_nurse_hprd':         {'numerator': 'total_nurse_hours', 'denominator': 'resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'rn_hprd':                  {'numerator': 'rn_hours', 'denominator': 'resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'lpn_hprd':                 {'numerator': 'lpn_hours', 'denominator': 'resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'nurse_aide_hprd':          {'numerator': 'nurse_aide_hours', 'denominator': 'resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'direct_care_hprd':         {'numerator': 'direct_care_hours', 'denominator': 'resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'total_nurse_hprd_excluding_zero_census': {'numerator': 'total_nurse_hours_on_census_days', 'denominator': 'resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'weekend_total_nurse_hprd': {'numerator': 'weekend_total_nurse_hours', 'denominator': 'weekend_resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'weekend_rn_hprd':          {'numerator': 'weekend_rn_hours', 'denominator': 'weekend_resident_days', 'scale': 1, 'unit': 'hours per resident day'},
        'contract_share_pct':       {'numerator': 'contract_hours', 'denominator': 'total_nurse_hours', 'scale': 100, 'unit': 'percent'},
        'rn_contract_share_pct':    {'numerator': 'rn_contract_hours', 'denominator': 'rn_hours', 'scale': 100, 'unit': 'percent'},
        'lpn_contract_share_pct':   {'numerator': 'lpn_contract_hours', 'denominator': 'lpn_hours', 'scale': 100, 'unit': 'percent'},
        'nurse_aide_contract_share_pct': {'numerator': 'nurse_aide_contract_hours', 'denominator': 'nurse_aide_hours', 'scale': 100, 'unit': 'percent'},
        'contract_share_as_published_pct': {'numerator': 'contract_hours_as_published', 'denominator': 'total_nurse_hours', 'scale': 100, 'unit': 'percent'},
        'surge_share_pct':          {'numerator': 'surge_hours', 'denominator': 'total_nurse_hours', 'scale': 100, 'unit': 'percent'},
        'average_daily_census':     {'numerator': 'resident_days', 'denominator': 'days', 'scale': 1, 'unit': 'residents per facility-day'},
        'occupancy_pct':            {'numerator': 'resident_days', 'denominator': 'bed_days', 'scale': 100, 'unit': 'percent', 'needs_denominator': true},
    }) }}
{%- endmacro %}

{# A measure of one row, in double precision; null where there is nothing to divide by. #}
{% macro measure(name) -%}
    {%- set stated = measures()[name] -%}
    {{ ratio(stated.numerator, stated.denominator, times=stated.scale) }}
{%- endmacro %}

{# The same measure of many rows of a relation: the ratio of their sums. #}
{% macro measure_of_sums(name, relation) -%}
    {%- set stated = measures()[name] -%}
    {%- set denominator = relation ~ '.' ~ stated.denominator -%}
    {%- set numerator = relation ~ '.' ~ stated.numerator -%}
    {%- if stated.needs_denominator -%}
        {%- set numerator = 'case when ' ~ denominator ~ ' is not null then ' ~ numerator ~ ' end' -%}
    {%- endif -%}
    {{ ratio('sum(' ~ numerator ~ ')', 'sum(' ~ denominator ~ ')', times=stated.scale) }}
{%- endmacro %}
