-- Rendered from include/contracts/families by `make contracts`; do not edit by hand.
with

bronze_rows as (

    select * from {{ source('bronze', 'nh_survey_summary') }}

),

current_files as (

    select file_md5 from {{ ref('current_files') }}

),

final as (

    select
        {{ cms_ccn('ccn') }} as ccn,
        {{ cms_text('provider_name') }} as provider_name,
        {{ cms_text('provider_address') }} as provider_address,
        {{ cms_text('city') }} as city,
        {{ cms_state('state') }} as state,
        {{ cms_text('zip_code') }} as zip_code,
        {{ cms_integer('inspection_cycle') }} as inspection_cycle,
        {{ cms_text('surveyed_after_2017_11_28') }} as surveyed_after_2017_11_28,
        {{ cms_date('health_survey_date') }} as health_survey_date,
        {{ cms_date('fire_safety_survey_date') }} as fire_safety_survey_date,
        {{ cms_integer('total_health_deficiencies') }} as total_health_deficiencies,
        {{ cms_integer('total_fire_safety_deficiencies') }} as total_fire_safety_deficiencies,
        {{ cms_integer('freedom_from_abuse_and_neglect_and_exploitation_deficiencies') }} as freedom_from_abuse_and_neglect_and_exploitation_deficiencies,
        {{ cms_integer('quality_of_life_and_care_deficiencies') }} as quality_of_life_and_care_deficiencies,
        {{ cms_integer('resident_assessment_and_care_planning_deficiencies') }} as resident_assessment_and_care_planning_deficiencies,
        {{ cms_integer('nursing_and_physician_services_deficiencies') }} as nursing_and_physician_services_deficiencies,
        {{ cms_integer('resident_rights_deficiencies') }} as resident_rights_deficiencies,
        {{ cms_integer('nutrition_and_dietary_deficiencies') }} as nutrition_and_dietary_deficiencies,
        {{ cms_integer('pharmacy_service_deficiencies') }} as pharmacy_service_deficiencies,
        {{ cms_integer('environmental_deficiencies') }} as environmental_deficiencies,
        {{ cms_integer('administration_deficiencies') }} as administration_deficiencies,
        {{ cms_integer('infection_control_deficiencies') }} as infection_control_deficiencies,
        {{ cms_integer('emergency_preparedness_deficiencies') }} as emergency_preparedness_deficiencies,
        {{ cms_integer('automatic_sprinkler_systems_deficiencies') }} as automatic_sprinkler_systems_deficiencies,
        {{ cms_integer('construction_deficiencies') }} as construction_deficiencies,
        {{ cms_integer('services_deficiencies') }} as services_deficiencies,
        {{ cms_integer('corridor_walls_and_doors_deficiencies') }} as corridor_walls_and_doors_deficiencies,
        {{ cms_integer('egress_deficiencies') }} as egress_deficiencies,
        {{ cms_integer('electrical_deficiencies') }} as electrical_deficiencies,
        {{ cms_integer('emergency_plans_and_fire_drills_deficiencies') }} as emergency_plans_and_fire_drills_deficiencies,
        {{ cms_integer('fire_alarm_systems_deficiencies') }} as fire_alarm_systems_deficiencies,
        {{ cms_integer('smoke_deficiencies') }} as smoke_deficiencies,
        {{ cms_integer('interior_deficiencies') }} as interior_deficiencies,
        {{ cms_integer('gas_and_vacuum_and_electrical_systems_deficiencies') }} as gas_and_vacuum_and_electrical_systems_deficiencies,
        {{ cms_integer('hazardous_area_deficiencies') }} as hazardous_area_deficiencies,
        {{ cms_integer('illumination_and_emergency_power_deficiencies') }} as illumination_and_emergency_power_deficiencies,
        {{ cms_integer('laboratories_deficiencies') }} as laboratories_deficiencies,
        {{ cms_integer('medical_gases_and_anaesthetizing_areas_deficiencies') }} as medical_gases_and_anaesthetizing_areas_deficiencies,
        {{ cms_integer('smoking_regulations_deficiencies') }} as smoking_regulations_deficiencies,
        {{ cms_integer('miscellaneous_deficiencies') }} as miscellaneous_deficiencies,
        {{ cms_text('health_worst_scope_severity') }} as health_worst_scope_severity,
        {{ cms_text('fire_safety_worst_scope_severity') }} as fire_safety_worst_scope_severity,
        {{ cms_integer('health_immediate_jeopardy_deficiencies') }} as health_immediate_jeopardy_deficiencies,
        {{ cms_integer('fire_safety_immediate_jeopardy_deficiencies') }} as fire_safety_immediate_jeopardy_deficiencies,
        {{ cms_integer('health_severe_deficiencies') }} as health_severe_deficiencies,
        {{ cms_integer('fire_safety_severe_deficiencies') }} as fire_safety_severe_deficiencies,
        {{ cms_integer('substandard_quality_of_care_deficiencies') }} as substandard_quality_of_care_deficiencies,
        {{ cms_integer('mistreatment_deficiencies') }} as mistreatment_deficiencies,
        {{ cms_integer('quality_of_care_deficiencies') }} as quality_of_care_deficiencies,
        {{ cms_integer('resident_assessment_deficiencies') }} as resident_assessment_deficiencies,
        {{ cms_integer('exits_and_egress_deficiencies') }} as exits_and_egress_deficiencies,
        {{ cms_integer('exit_and_exit_access_deficiencies') }} as exit_and_exit_access_deficiencies,
        {{ cms_integer('furnishings_and_decorations_deficiencies') }} as furnishings_and_decorations_deficiencies,
        {{ cms_integer('building_service_equipment_deficiencies') }} as building_service_equipment_deficiencies,
        {{ cms_integer('smoke_compartmentation_and_control_deficiencies') }} as smoke_compartmentation_and_control_deficiencies,
        {{ cms_integer('vertical_openings_deficiencies') }} as vertical_openings_deficiencies,
        {{ cms_text('location') }} as location,
        {{ cms_date('processing_date') }} as processing_date,
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
