"""State and national averages: means of what the facility files of the same vintage publish, nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from include.local_cloud.sample_data.csv_text import Cells, FileStyle, Fixed, constant, text, write_file
from include.local_cloud.sample_data.facilities import Floats
from include.local_cloud.sample_data.measure_list import CLAIMS_MEASURES, mds_measures
from include.local_cloud.sample_data.measures import PLACES, ClaimsScores, MdsScores
from include.local_cloud.sample_data.provider_info import Snapshot
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.vintage_view import VintageView

#: The decimals that CMS writes; measures have six.
_DECIMALS = {
    "average_residents_per_day": 1, "reported_nurse_aide_hprd": 2, "reported_lpn_hprd": 2, "reported_rn_hprd": 5,
    "reported_licensed_hprd": 2, "reported_total_nurse_hprd": 5, "weekend_total_nurse_hprd": 5, "weekend_rn_hprd": 2,
    "reported_physical_therapist_hprd": 2, "total_nursing_turnover_pct": 1, "rn_turnover_pct": 1,
    "administrators_left": 1, "nursing_case_mix_index": 5, "case_mix_rn_hprd": 5, "case_mix_total_nurse_hprd": 5,
    "case_mix_weekend_total_nurse_hprd": 5, "fines": 1, "fine_amount_usd": 0,
}  # fmt: skip
#: Staff and residents up to date with their vaccines, nation.
_VACCINATED = {"residents_up_to_date_pct": (0.50, 23.7, 1_041), "staff_up_to_date_pct": (0.46, 5.9, 962)}
_US_DATE = "%m/%d/%Y"


def means_by_state(view: VintageView, values: Floats) -> Floats:
    """Nation first, then the states in the order of the world; NaN where no facility has a value."""
    known = ~np.isnan(values)
    states = len(view.world.places.states)
    sums = np.bincount(view.state[known], values[known], states)
    counts = np.bincount(view.state[known], minlength=states)
    with np.errstate(invalid="ignore"):
        return np.concatenate([[values[known].sum() / max(1, known.sum())], np.where(counts > 0, sums / counts, np.nan)])


def _pressure_ulcers(view: VintageView) -> Floats:
    """The averages of 2019 have this measure of the Quality Reporting Program; the facility file of the time is not written."""
    return np.asarray(1.6 * -np.log1p(-view.draw("new or worsened pressure ulcers")))


def _facility_values(snapshot: Snapshot, fire: Floats, mds: MdsScores, claims: ClaimsScores) -> dict[str, tuple[Floats, int]]:
    values = {name: (snapshot.numbers[name], places) for name, places in _DECIMALS.items() if name != "fine_amount_usd"}
    values["fine_amount_usd"] = (snapshot.numbers["total_fines_usd"], 0)
    for cycle in (1, 2, 3):
        values[f"cycle_{cycle}_health_deficiencies"] = (snapshot.numbers[f"cycle_{cycle}_deficiencies"], 1)
        values[f"cycle_{cycle}_fire_safety_deficiencies"] = (fire[:, cycle - 1], 1)
    values |= {measure.average: (mds.average[:, n], PLACES) for n, measure in enumerate(mds_measures(snapshot.view.vintage))}
    stars = snapshot.ratings
    rated = {"overall_rating": stars.overall, "health_inspection_rating": stars.health, "qm_rating": stars.qm}
    values |= {name: (rating.stars, 1) for name, rating in (rated | {"staffing_rating": stars.staffing}).items()}
    values["snf_pressure_ulcers_new_or_worsened_pct"] = (_pressure_ulcers(snapshot.view), PLACES)
    values |= {measure.average: (claims.adjusted[:, n], PLACES) for n, measure in enumerate(CLAIMS_MEASURES)}
    return values


def write_state_averages(snapshot: Snapshot, fire: Floats, mds: MdsScores, claims: ClaimsScores, folder: Path) -> Path:
    view = snapshot.view
    states = [state.code for state in view.world.places.states]
    order = np.array([0, *(np.argsort(states) + 1)])
    columns: dict[str, Cells] = {
        "state": text([["NATION", *states][position] for position in order]),
        "processing_date": constant(view.vintage.processing_date.isoformat(), len(order)),
    }
    for name, (values, places) in _facility_values(snapshot, fire, mds, claims).items():
        columns[name] = Fixed(means_by_state(view, values)[order], places)
    return write_file(folder, "nh_state_us_averages", view.vintage, FileStyle(line_end="\n"), columns)


def _vaccinated(view: VintageView, name: str) -> Floats:
    """Many facilities report that nobody is up to date; some report nothing."""
    nobody, mean, unknown = _VACCINATED[name]
    seed, count = view.world.size.seed, view.world.count
    state = np.exp(0.35 * stream(seed, name, "states").standard_normal(len(view.world.places.states)))[view.state]
    drawn = stream(seed, name).gamma(0.9, 1 / 0.9, count)[view.rows]
    wave = stream(seed, name, view.vintage.label).uniform(0.9, 1.1, count)[view.rows]
    nobody = nobody * 0.67 if name.startswith("residents") else nobody
    share = np.clip(drawn * wave * state * mean / (1 - nobody), 0.1, 100.0)
    share = np.where(view.draw(f"{name} nobody") < nobody, 0.0, np.round(share, 1))
    return np.asarray(np.where(view.some(f"{name} unknown", unknown), np.nan, share))


def write_vaccination(view: VintageView, folder: Path) -> list[Path]:
    as_of = view.vintage.vaccination_date.strftime(_US_DATE)
    shares = {name: _vaccinated(view, name) for name in _VACCINATED}
    states = [state.code for state in view.world.places.states]
    order = np.array([0, *(np.argsort(states) + 1)])
    style = FileStyle(all_quoted=True)
    of_facilities: dict[str, Cells] = {"ccn": view.column("ccn"), "state": view.column("state")}
    of_facilities |= {name: Fixed(values, 1, "Not Available") for name, values in shares.items()}
    of_facilities["as_of_date"] = constant(as_of, view.count)
    of_states: dict[str, Cells] = {"state": text([["US", *states][position] for position in order])}
    of_states |= {name: Fixed(means_by_state(view, values)[order], 1, "Not Available") for name, values in shares.items()}
    of_states["as_of_date"] = constant(as_of, len(order))
    return [
        write_file(folder, "nh_covid_vax_provider", view.vintage, style, of_facilities),
        write_file(folder, "nh_covid_vax_averages", view.vintage, style, of_states),
    ]
