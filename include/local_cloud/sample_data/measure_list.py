"""The quality measures of the MDS and of Medicare claims, with the national figures of October 2024."""

from __future__ import annotations

from dataclasses import dataclass

from include.local_cloud.sample_data.calendars import Vintage

#: code; vintages that show it (all where blank); residents; national mean; spread of the log odds between facilities; s: in the
#: five-star rating, f: frozen, h: higher is better; column of StateUSAverages; what is measured.
_MDS = """
401||long|14.13|0.45|sf|long_stay_increased_help_with_daily_activities_pct|whose need for help with daily activities has increased
404||long|5.81|0.45||long_stay_lose_too_much_weight_pct|who lose too much weight
405|-2025-01|low risk long|48.55|0.8|f|low_risk_long_stay_incontinence_pct|who lose control of their bowels or bladder
406||long|1.29|0.7|s|long_stay_catheter_pct|with a catheter inserted and left in their bladder
407||long|2.00|0.9|s|long_stay_urinary_tract_infection_pct|with a urinary tract infection
408||long|9.14|1.5||long_stay_depressive_symptoms_pct|who have depressive symptoms
409||long|0.137|1.3||long_stay_physically_restrained_pct|who were physically restrained
410||long|3.34|0.5|s|long_stay_falls_major_injury_pct|experiencing one or more falls with major injury
415||long|92.98|1.3|h|long_stay_pneumococcal_vaccine_pct|assessed and appropriately given the pneumococcal vaccine
419|-2026-01|long|14.69|0.55|s|long_stay_antipsychotic_medication_pct|who received an antipsychotic medication
430||short|81.07|1.2|h|short_stay_pneumococcal_vaccine_pct|assessed and appropriately given the pneumococcal vaccine
434||short|1.70|0.6|s|short_stay_newly_antipsychotic_medication_pct|who newly received an antipsychotic medication
451|-2025-01|long|15.33|0.45|sf|long_stay_move_worsened_pct|whose ability to move independently worsened
451|2025-02-|long|15.26|0.45|s|long_stay_walk_worsened_pct|whose ability to walk independently worsened
452||long|19.83|0.5||long_stay_antianxiety_or_hypnotic_medication_pct|who received an antianxiety or hypnotic medication
453|-2025-01|high risk long|7.85|0.4|sf|high_risk_long_stay_pressure_ulcers_pct|with pressure ulcers
454||long|94.95|1.1|h|long_stay_influenza_vaccine_pct|assessed and appropriately given the seasonal influenza vaccine
471|-2025-01|short|76.76|0.6|sfh|short_stay_made_improvements_in_function_pct|who made improvements in function
472||short|77.32|1.1|h|short_stay_influenza_vaccine_pct|who were assessed and appropriately given the seasonal influenza vaccine
479|2025-02-|long|4.86|0.5|s|long_stay_pressure_ulcers_pct|with pressure ulcers
480|2025-02-|long|19.42|0.6||long_stay_new_or_worsened_bowel_or_bladder_incontinence_pct|with new or worsened bowel or bladder \
incontinence
481|2026-02-|long|15.45|0.55|s|long_stay_antipsychotic_medication_pct|who received an antipsychotic medication
"""
_CLAIMS = """
521||short|23.151|0.22|s|short_stay_rehospitalized_pct|who were rehospitalized after a nursing home admission
522||short|12.214|0.40|s|short_stay_emergency_visit_pct|who had an outpatient emergency department visit
551||1000|1.720|0.38|s|hospitalizations_per_1000_resident_days|hospitalizations
552||1000|1.653|0.55|s|emergency_visits_per_1000_resident_days|outpatient emergency department visits
"""


@dataclass(frozen=True)
class Measure:
    code: str
    since: str
    until: str
    description: str
    average: str  # column of StateUSAverages
    mean: float
    spread: float
    is_short_stay: bool
    in_five_star: bool
    is_frozen: bool
    higher_is_better: bool


def _description(residents: str, measured: str) -> str:
    if residents == "1000":
        return f"Number of {measured} per 1000 long-stay resident days"
    return f"Percentage of {residents}-stay residents {measured}"


def _parse(line: str) -> Measure:
    code, shown, residents, mean, spread, marks, average, measured = line.split("|")
    return Measure(
        code=code,
        since="" if shown.startswith("-") else shown.removesuffix("-"),
        until=shown.removeprefix("-") if shown.startswith("-") else "9999",
        description=_description(residents, measured),
        average=average,
        mean=float(mean),
        spread=float(spread),
        is_short_stay=residents == "short",
        in_five_star="s" in marks,
        is_frozen="f" in marks,
        higher_is_better="h" in marks,
    )


_MDS_MEASURES = tuple(_parse(line) for line in _MDS.strip().splitlines())
CLAIMS_MEASURES = tuple(_parse(line) for line in _CLAIMS.strip().splitlines())


def mds_measures(vintage: Vintage) -> tuple[Measure, ...]:
    """In file order."""
    return tuple(measure for measure in _MDS_MEASURES if measure.since <= vintage.month_text <= measure.until)
