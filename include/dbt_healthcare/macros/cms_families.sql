{#
  The 21 file families as the bookkeeping models need them: the row-preserving silver model (the contract's `silver_model`)
  and how old the newest period may be, in days from its first day to today, before the next one is overdue at CMS's usual pace:
  monthly files 75, quarterly refreshes 170, PBJ quarters (published about five months after the quarter) 340, fiscal years 430.
#}
{% macro cms_families() -%}
    {%- set monthly, quarterly, pbj_quarter, fiscal_year = 75, 170, 340, 430 -%}
    {{ return([
        {'name': 'nh_citation_descriptions',         'silver_model': 'dim_citation_history',               'max_age_days': monthly},
        {'name': 'nh_covid_vax_averages',            'silver_model': 'fct_covid_vaccination_averages',     'max_age_days': monthly},
        {'name': 'nh_covid_vax_provider',            'silver_model': 'fct_covid_vaccination',              'max_age_days': monthly},
        {'name': 'nh_data_collection_intervals',     'silver_model': 'fct_data_collection_intervals',      'max_age_days': monthly},
        {'name': 'nh_fire_safety_citations',         'silver_model': 'fct_fire_safety_citations',          'max_age_days': monthly},
        {'name': 'nh_health_citations',              'silver_model': 'fct_health_citations',               'max_age_days': monthly},
        {'name': 'nh_health_inspec_cutpoints_state', 'silver_model': 'fct_health_inspection_cut_points',   'max_age_days': monthly},
        {'name': 'nh_ownership',                     'silver_model': 'fct_ownership',                      'max_age_days': monthly},
        {'name': 'nh_penalties',                     'silver_model': 'fct_penalties',                      'max_age_days': monthly},
        {'name': 'nh_provider_info',                 'silver_model': 'fct_provider_snapshot',              'max_age_days': monthly},
        {'name': 'nh_quality_msr_claims',            'silver_model': 'fct_claims_quality_measures',        'max_age_days': monthly},
        {'name': 'nh_quality_msr_mds',               'silver_model': 'fct_mds_quality_measures',           'max_age_days': monthly},
        {'name': 'nh_state_us_averages',             'silver_model': 'fct_state_us_averages',              'max_age_days': monthly},
        {'name': 'nh_survey_dates',                  'silver_model': 'fct_survey_dates',                   'max_age_days': monthly},
        {'name': 'nh_survey_summary',                'silver_model': 'fct_survey_summary',                 'max_age_days': monthly},
        {'name': 'pbj_daily_nurse_staffing',         'silver_model': 'fct_daily_nurse_staffing',           'max_age_days': pbj_quarter},
        {'name': 'snf_qrp_national_data',            'silver_model': 'fct_snf_qrp_national',               'max_age_days': quarterly},
        {'name': 'snf_qrp_provider_data',            'silver_model': 'fct_snf_qrp_measures',               'max_age_days': quarterly},
        {'name': 'snf_vbp_aggregate_performance',    'silver_model': 'fct_snf_vbp_aggregate_performance',  'max_age_days': fiscal_year},
        {'name': 'snf_vbp_facility_performance',     'silver_model': 'fct_snf_vbp_facility_performance',   'max_age_days': fiscal_year},
        {'name': 'swing_bed_snf_data',               'silver_model': 'fct_swing_bed_measures',             'max_age_days': quarterly},
    ]) }}
{%- endmacro %}

{# The family whose rows a silver model preserves; none for every other model. #}
{% macro family_of_silver_model(model_name) -%}
    {%- set families = cms_families() | selectattr('silver_model', 'equalto', model_name) | map(attribute='name') | list -%}
    {{ return(families[0] if families else none) }}
{%- endmacro %}
