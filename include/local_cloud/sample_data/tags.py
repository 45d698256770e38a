"""Deficiency tags: the most cited ones with their wording, the others filled up to the size of CMS's list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

#: prefix; tag; category; how often it is cited; wording
_CITED = """
F|0550|Resident Rights|23|Honor the resident’s right to a dignified existence, self-determination and communication.
F|0558|Resident Rights|14|Reasonably accommodate the needs and preferences of each resident.
F|0578|Resident Rights|9|Honor the resident's right to request, refuse or discontinue treatment and to formulate an advance directive.
F|0580|Resident Rights|14|Immediately tell the resident, the doctor and a family member of situations that affect the resident.
F|0583|Resident Rights|10|Keep residents' personal and medical records private and confidential.
F|0584|Resident Rights|22|Honor the resident's right to a safe, clean, comfortable and homelike environment.
F|0623|Resident Rights|8|Provide timely notification to the resident before transfer or discharge, including appeal rights.
F|0600|Freedom from Abuse, Neglect, and Exploitation|18|Protect each resident from all types of abuse and neglect by anybody.
F|0607|Freedom from Abuse, Neglect, and Exploitation|5|Develop and implement policies and procedures to prevent abuse, neglect and theft.
F|0609|Freedom from Abuse, Neglect, and Exploitation|12|Timely report suspected abuse, neglect or theft and the results of the investigation.
F|0610|Freedom from Abuse, Neglect, and Exploitation|8|Respond appropriately to all alleged violations.
F|0641|Resident Assessment and Care Planning|19|Ensure each resident receives an accurate assessment.
F|0655|Resident Assessment and Care Planning|10|Create and put into place a plan for meeting the resident's most immediate needs within 48 hours of being admitted
F|0656|Resident Assessment and Care Planning|30|Develop and implement a complete care plan that meets all the resident's needs.
F|0657|Resident Assessment and Care Planning|16|Develop the complete care plan within 7 days of the comprehensive assessment, and revise it by a team.
F|0658|Resident Assessment and Care Planning|11|Ensure services provided by the nursing facility meet professional standards of quality.
F|0842|Resident Assessment and Care Planning|14|Safeguard resident-identifiable information and maintain medical records on each resident.
F|0676|Quality of Life and Care|6|Ensure residents do not lose the ability to perform activities of daily living unless there is a medical reason.
F|0677|Quality of Life and Care|19|Provide care and assistance to perform activities of daily living for any resident who is unable.
F|0679|Quality of Life and Care|8|Provide activities to meet all resident's needs.
F|0684|Quality of Life and Care|29|Provide appropriate treatment and care according to orders, resident’s preferences and goals.
F|0686|Quality of Life and Care|20|Provide appropriate pressure ulcer care and prevent new ulcers from developing.
F|0688|Quality of Life and Care|8|Provide appropriate care to maintain or improve range of motion and mobility.
F|0689|Quality of Life and Care|35|Ensure that an area is free from accident hazards and provides adequate supervision to prevent accidents.
F|0690|Quality of Life and Care|14|Provide appropriate care for continence, catheter care and care to prevent urinary tract infections.
F|0692|Quality of Life and Care|13|Provide enough food and fluids to maintain a resident's health.
F|0695|Quality of Life and Care|15|Provide safe and appropriate respiratory care for a resident when needed.
F|0697|Quality of Life and Care|7|Provide safe, appropriate pain management for a resident who requires such services.
F|0698|Quality of Life and Care|6|Provide safe, appropriate dialysis care and services for a resident who requires such services.
F|0725|Nursing and Physician Services|9|Provide enough nursing staff every day to meet the needs of every resident; a licensed nurse on each shift.
F|0727|Nursing and Physician Services|4|Have a registered nurse on duty 8 hours a day, 7 days a week; select one as full time director of nursing.
F|0732|Nursing and Physician Services|6|Post nurse staffing information every day.
F|0755|Pharmacy Service|14|Provide pharmaceutical services to meet the needs of each resident and employ a licensed pharmacist.
F|0756|Pharmacy Service|9|Ensure a licensed pharmacist performs a monthly drug regimen review, with irregularities reported.
F|0758|Pharmacy Service|15|Implement gradual dose reductions and limit PRN orders for psychotropic medication.
F|0759|Pharmacy Service|10|Ensure medication error rates are not 5 percent or greater.
F|0760|Pharmacy Service|8|Ensure that residents are free from significant medication errors.
F|0761|Pharmacy Service|24|Ensure drugs and biologicals are labeled as accepted and stored in locked compartments.
F|0803|Nutrition and Dietary|5|Ensure menus meet the nutritional needs of residents, are prepared in advance, followed and reviewed.
F|0804|Nutrition and Dietary|9|Ensure food and drink is palatable, attractive and at a safe and appetizing temperature.
F|0812|Nutrition and Dietary|33|Procure food from approved sources and store, prepare, distribute and serve it by professional standards.
F|0835|Administration|3|Administer the facility in a manner that enables it to use its resources effectively and efficiently.
F|0851|Administration|5|Electronically submit to CMS complete and accurate direct care staffing information based on payroll.
F|0867|Administration|5|Set up an ongoing quality assessment and assurance group to review quality deficiencies and plan action.
F|0880|Infection Control|56|Provide and implement an infection prevention and control program.
F|0881|Infection Control|4|Implement a program that monitors antibiotic use.
F|0883|Infection Control|6|Develop and implement policies and procedures for flu and pneumonia vaccinations.
F|0887|Infection Control|4|Educate residents and staff on COVID-19 vaccination and offer the vaccine to eligible residents and staff.
F|0919|Environmental|4|Make sure that a working call system is available in each resident's bathroom and bathing area.
F|0921|Environmental|7|Make sure that the area is safe, easy to use, clean and comfortable for residents, staff and the public.
F|0925|Environmental|4|Make sure there is a pest control program to prevent or deal with mice, insects or other pests.
E|0001|Emergency Preparedness|2|Establish an Emergency Preparedness Program (EP).
E|0004|Emergency Preparedness|4|Develop and maintain an Emergency Preparedness Program (EP).
E|0006|Emergency Preparedness|4|Conduct risk assessment and an All-Hazards approach.
E|0015|Emergency Preparedness|5|Address subsistence needs for staff and patients.
E|0024|Emergency Preparedness|3|Establish policies and procedures for volunteers.
E|0039|Emergency Preparedness|5|Conduct testing and exercise requirements.
K|0161|Construction|8|Meet requirements for construction type and number of stories.
K|0211|Egress|12|Keep aisles, corridors, and exits free of obstruction in case of emergency.
K|0222|Egress|9|Have doors in the means of egress that open readily without a key or tool.
K|0225|Egress|6|Have stairways and smokeproof enclosures used as exits that meet safety requirements.
K|0281|Egress|6|Have illumination of the means of egress that is continuously in operation.
K|0291|Egress|7|Have emergency lighting of at least 90 minutes duration.
K|0321|Smoke|20|Ensure that special areas are constructed so that walls can resist fire for one hour or have sprinklers.
K|0324|Smoke|9|Provide properly protected cooking facilities.
K|0345|Smoke|20|Have approved installation, maintenance and testing program for fire alarm systems.
K|0351|Smoke|11|Install an approved automatic sprinkler system throughout the building.
K|0353|Smoke|38|Inspect, test, and maintain automatic sprinkler systems.
K|0355|Smoke|8|Properly select, install, inspect, or maintain portable fire extinguishers.
K|0363|Smoke|23|Install corridor and hallway doors that block smoke.
K|0372|Smoke|14|Ensure smoke barriers are constructed to a 1 hour fire resistance rating.
K|0374|Smoke|7|Install smoke barrier doors that can resist smoke for at least 20 minutes.
K|0511|Services|6|Have properly installed electrical wiring and gas equipment.
K|0521|Services|6|Ensure heating and ventilation systems are properly installed and maintained.
K|0712|Miscellaneous|15|Have simulated fire drills held at unexpected times.
K|0741|Miscellaneous|5|Have posted "No Smoking" signs in areas where smoking is not permitted.
K|0911|Gas, Vacuum, and Electrical Systems|8|Meet other general electrical system requirements.
K|0918|Gas, Vacuum, and Electrical Systems|20|Have generator or other power source capable of supplying service within 10 seconds.
K|0920|Gas, Vacuum, and Electrical Systems|20|Ensure precautions are taken for the use of power cords and extension cords.
K|0923|Gas, Vacuum, and Electrical Systems|10|Ensure that oxygen cylinders are stored safely and labeled.
K|0147|Electrical|1|Properly install and maintain electrical wiring and equipment (former tag).
"""  # noqa: E501
#: How many tags CMS lists in each category.
_LISTED = {
    ("F", "Resident Rights"): 86, ("F", "Administration"): 69, ("F", "Quality of Life and Care"): 57,
    ("F", "Environmental"): 46, ("F", "Resident Assessment and Care Planning"): 33,
    ("F", "Nursing and Physician Services"): 33, ("F", "Nutrition and Dietary"): 27,
    ("F", "Freedom from Abuse, Neglect, and Exploitation"): 17, ("F", "Pharmacy Service"): 13,
    ("F", "Infection Control"): 10, ("E", "Emergency Preparedness"): 26, ("K", "Egress"): 43, ("K", "Smoke"): 41,
    ("K", "Gas, Vacuum, and Electrical Systems"): 29, ("K", "Services"): 18, ("K", "Construction"): 17,
    ("K", "Miscellaneous"): 16, ("K", "Laboratories"): 8, ("K", "Automatic Sprinkler Systems"): 8,
    ("K", "Medical Gases and Anesthetizing Areas"): 8, ("K", "Interior"): 7, ("K", "Fire Alarm Systems"): 7,
    ("K", "Illumination and Emergency Power"): 6, ("K", "Electrical"): 6, ("K", "Corridor Walls and Doors"): 4,
    ("K", "Hazardous Area"): 3, ("K", "Emergency Plans and Fire Drills"): 2, ("K", "Smoking Regulations"): 1,
}  # fmt: skip


@dataclass(frozen=True)
class Tag:
    prefix: str
    number: str
    category: str
    weight: int
    description: str

    @property
    def full_category(self) -> str:
        return f"{self.category} Deficiencies"


def _cited_tags() -> list[Tag]:
    rows = (line.split("|") for line in _CITED.strip().splitlines())
    return [Tag(prefix, number, category, int(weight), wording) for prefix, number, category, weight, wording in rows]


@cache
def all_tags() -> tuple[Tag, ...]:
    """Cited tags first-hand, and numbers without citations up to the count of each category; in CMS's order."""
    tags = _cited_tags()
    taken = {(tag.prefix, tag.number) for tag in tags}
    free = {prefix: (f"{n:04d}" for n in range(start, 10_000)) for prefix, start in (("E", 2), ("F", 150), ("K", 11))}
    for (prefix, category), listed in _LISTED.items():
        missing = listed - sum((tag.prefix, tag.category) == (prefix, category) for tag in tags)
        numbers = (number for number in free[prefix] if (prefix, number) not in taken)
        tags += [
            Tag(prefix, next(numbers), category, 0, f"Meet requirement {n + 1} for {category.lower()}.") for n in range(missing)
        ]
    return tuple(sorted(tags, key=lambda tag: (tag.prefix, tag.number)))


#: Tags without wording of their own here are cited as well, but seldom.
_SELDOM = 0.1


@cache
def citable(prefixes: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Positions in `all_tags` of the tags of these prefixes, and how often they are cited (sums to one)."""
    positions = [n for n, tag in enumerate(all_tags()) if tag.prefix in prefixes]
    weights = np.array([max(all_tags()[n].weight, _SELDOM) for n in positions], dtype=np.float64)
    return np.array(positions), weights / weights.sum()
