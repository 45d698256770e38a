{#
  Which column of CMS's State and US Averages answers which measure code. Measures are rows in one file and columns in the
  other, so the pairing stands here once. 451 was "move independently" and became "walk independently"; 419 became 481 (with
  claims), and 405 and 453 were replaced by other measures, 480 and 479.
#}
{% macro published_average_of_measure(measure_code, averages) -%}
    {%- set columns = {
        '002': 'snf_pressure_ulcers_new_or_worsened_pct',
        '401': 'long_stay_increased_help_with_daily_activities_pct',
        '402': 'measure_402_pct',
        '403': 'measure_403_pct',
        '404': 'long_stay_lose_too_much_weight_pct',
        '405': 'low_risk_long_stay_incontinence_pct',
        '406': 'long_stay_catheter_pct',
        '407': 'long_stay_urinary_tract_infection_pct',
        '408': 'long_stay_depressive_symptoms_pct',
        '409': 'long_stay_physically_restrained_pct',
        '410': 'long_stay_falls_major_injury_pct',
        '411': 'measure_411_pct',
        '415': 'long_stay_pneumococcal_vaccine_pct',
        '419': 'long_stay_antipsychotic_medication_pct',
        '424': 'measure_424_pct',
        '425': 'measure_425_pct',
        '426': 'measure_426_pct',
        '430': 'short_stay_pneumococcal_vaccine_pct',
        '434': 'short_stay_newly_antipsychotic_medication_pct',
        '452': 'long_stay_antianxiety_or_hypnotic_medication_pct',
        '453': 'high_risk_long_stay_pressure_ulcers_pct',
        '454': 'long_stay_influenza_vaccine_pct',
        '471': 'short_stay_made_improvements_in_function_pct',
        '472': 'short_stay_influenza_vaccine_pct',
        '479': 'long_stay_pressure_ulcers_pct',
        '480': 'long_stay_new_or_worsened_bowel_or_bladder_incontinence_pct',
        '481': 'long_stay_antipsychotic_medication_pct',
        '521': 'short_stay_rehospitalized_pct',
        '522': 'short_stay_emergency_visit_pct',
        '523': 'measure_523_pct',
        '551': 'hospitalizations_per_1000_resident_days',
        '552': 'emergency_visits_per_1000_resident_days',
    } -%}
    case
        {%- for code, column in columns.items() %}
        when {{ measure_code }} = '{{ code }}' then {{ averages }}.{{ column }}
        {%- endfor %}
        when {{ measure_code }} = '451'
            then coalesce({{ averages }}.long_stay_walk_worsened_pct, {{ averages }}.long_stay_move_worsened_pct)
    end
{%- endmacro %}
