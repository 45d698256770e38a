-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
with

bronze_rows as (

    select * from {{ source('bronze', 'nh_state_us_averages') }}

),

current_files as (

    select file_md5 from {{ ref('current_files') }}

),

final as (

    select
        {{ cms_state('state') }} as state,
        {{ cms_number('cycle_1_health_deficiencies') }} as cycle_1_health_deficiencies,
        {{ cms_number('cycle_1_fire_safety_deficiencies') }} as cycle_1_fire_safety_deficiencies,
        {{ cms_number('cycle_2_health_deficiencies') }} as cycle_2_health_deficiencies,
        {{ cms_number('cycle_2_fire_safety_deficiencies') }} as cycle_2_fire_safety_deficiencies,
        {{ cms_number('cycle_3_health_deficiencies') }} as cycle_3_health_deficiencies,
        {{ cms_number('cycle_3_fire_safety_deficiencies') }} as cycle_3_fire_safety_deficiencies,
        {{ cms_number('previous_survey_health_deficiencies') }} as previous_survey_health_deficiencies,
        {{ cms_number('average_residents_per_day') }} as average_residents_per_day,
        {{ cms_number('reported_nurse_aide_hprd') }} as reported_nurse_aide_hprd,
        {{ cms_number('reported_lpn_hprd') }} as reported_lpn_hprd,
        {{ cms_number('reported_rn_hprd') }} as reported_rn_hprd,
        {{ cms_number('reported_licensed_hprd') }} as reported_licensed_hprd,
        {{ cms_number('reported_total_nurse_hprd') }} as reported_total_nurse_hprd,
        {{ cms_number('weekend_total_nurse_hprd') }} as weekend_total_nurse_hprd,
        {{ cms_number('weekend_rn_hprd') }} as weekend_rn_hprd,
        {{ cms_number('reported_physical_therapist_hprd') }} as reported_physical_therapist_hprd,
        {{ cms_number('total_nursing_turnover_pct') }} as total_nursing_turnover_pct,
        {{ cms_number('rn_turnover_pct') }} as rn_turnover_pct,
        {{ cms_number('administrators_left') }} as administrators_left,
        {{ cms_number('nursing_case_mix_index') }} as nursing_case_mix_index,
        {{ cms_number('case_mix_rn_hprd') }} as case_mix_rn_hprd,
        {{ cms_number('case_mix_total_nurse_hprd') }} as case_mix_total_nurse_hprd,
        {{ cms_number('case_mix_weekend_total_nurse_hprd') }} as case_mix_weekend_total_nurse_hprd,
        {{ cms_number('fines') }} as fines,
        {{ cms_usd('fine_amount_usd') }} as fine_amount_usd,
        {{ cms_number('snf_pressure_ulcers_new_or_worsened_pct') }} as snf_pressure_ulcers_new_or_worsened_pct,
        {{ cms_number('long_stay_increased_help_with_daily_activities_pct') }} as long_stay_increased_help_with_daily_activities_pct,
        {{ cms_number('long_stay_lose_too_much_weight_pct') }} as long_stay_lose_too_much_weight_pct,
        {{ cms_number('low_risk_long_stay_incontinence_pct') }} as low_risk_long_stay_incontinence_pct,
        {{ cms_number('long_stay_catheter_pct') }} as long_stay_catheter_pct,
        {{ cms_number('long_stay_urinary_tract_infection_pct') }} as long_stay_urinary_tract_infection_pct,
        {{ cms_number('long_stay_depressive_symptoms_pct') }} as long_stay_depressive_symptoms_pct,
        {{ cms_number('long_stay_physically_restrained_pct') }} as long_stay_physically_restrained_pct,
        {{ cms_number('long_stay_falls_major_injury_pct') }} as long_stay_falls_major_injury_pct,
        {{ cms_number('long_stay_pneumococcal_vaccine_pct') }} as long_stay_pneumococcal_vaccine_pct,
        {{ cms_number('long_stay_antipsychotic_medication_pct') }} as long_stay_antipsychotic_medication_pct,
        {{ cms_number('short_stay_pneumococcal_vaccine_pct') }} as short_stay_pneumococcal_vaccine_pct,
        {{ cms_number('short_stay_newly_antipsychotic_medication_pct') }} as short_stay_newly_antipsychotic_medication_pct,
        {{ cms_number('long_stay_move_worsened_pct') }} as long_stay_move_worsened_pct,
        {{ cms_number('long_stay_antianxiety_or_hypnotic_medication_pct') }} as long_stay_antianxiety_or_hypnotic_medication_pct,
        {{ cms_number('high_risk_long_stay_pressure_ulcers_pct') }} as high_risk_long_stay_pressure_ulcers_pct,
        {{ cms_number('long_stay_influenza_vaccine_pct') }} as long_stay_influenza_vaccine_pct,
        {{ cms_number('short_stay_made_improvements_in_function_pct') }} as short_stay_made_improvements_in_function_pct,
        {{ cms_number('short_stay_influenza_vaccine_pct') }} as short_stay_influenza_vaccine_pct,
        {{ cms_number('short_stay_rehospitalized_pct') }} as short_stay_rehospitalized_pct,
        {{ cms_number('short_stay_emergency_visit_pct') }} as short_stay_emergency_visit_pct,
        {{ cms_number('hospitalizations_per_1000_resident_days') }} as hospitalizations_per_1000_resident_days,
        {{ cms_number('emergency_visits_per_1000_resident_days') }} as emergency_visits_per_1000_resident_days,
        {{ cms_date('processing_date') }} as processing_date,
        {{ cms_number('overall_rating') }} as overall_rating,
        {{ cms_number('health_inspection_rating') }} as health_inspection_rating,
        {{ cms_number('qm_rating') }} as qm_rating,
        {{ cms_number('staffing_rating') }} as staffing_rating,
        {{ cms_number('long_stay_walk_worsened_pct') }} as long_stay_walk_worsened_pct,
        {{ cms_number('long_stay_pressure_ulcers_pct') }} as long_stay_pressure_ulcers_pct,
        {{ cms_number('long_stay_new_or_worsened_bowel_or_bladder_incontinence_pct') }} as long_stay_new_or_worsened_bowel_or_bladder_incontinence_pct,
        {{ cms_number('measure_402_pct') }} as measure_402_pct,
        {{ cms_number('measure_403_pct') }} as measure_403_pct,
        {{ cms_number('measure_411_pct') }} as measure_411_pct,
        {{ cms_number('measure_424_pct') }} as measure_424_pct,
        {{ cms_number('measure_425_pct') }} as measure_425_pct,
        {{ cms_number('measure_426_pct') }} as measure_426_pct,
        {{ cms_number('measure_523_pct') }} as measure_523_pct,
        _source_file,
        _source_row,
        _file_md5,
        _period,
        _landed_at,
        _occurrence
    from bronze_rows
    where _file_md5 in (select current_files.file_md5 from current_files)

)

select * from final
