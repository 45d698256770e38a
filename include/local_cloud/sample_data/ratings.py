"""Star ratings: health inspections relative to the state, staffing and quality measures to the nation, overall from these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.local_cloud.sample_data.calendars import Vintage
from include.local_cloud.sample_data.facilities import Bools, Floats
from include.local_cloud.sample_data.names import Texts
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.vintage_view import VintageView

#: CMS's state-relative shares of health inspections: five stars for the best tenth, one star for the worst fifth.
_HEALTH_SHARES = (0.10, 0.3333, 0.5667, 0.80)
_STAFFING_SHARES = (0.10, 0.28, 0.53, 0.77)
_QM_SHARES = (0.27, 0.52, 0.74, 0.90)
_SHORT_STAY_SHARES = (0.25, 0.49, 0.71, 0.88)
#: CMS retired footnote 12.
_ONE_STAR_NOTED_UNTIL = Vintage.parse("2025-01")


@dataclass(frozen=True)
class Stars:
    """Stars (NaN: none) and footnote codes (blank: none), one element a facility."""

    stars: Floats
    footnote: Texts


@dataclass(frozen=True)
class Ratings:
    overall: Stars
    health: Stars
    qm: Stars
    long_stay: Stars
    short_stay: Stars
    staffing: Stars
    rn_staffing: Stars
    cut_points: dict[str, Floats]


def _stars_by(values: Floats, cuts: Floats) -> Floats:
    """Low values are good; `cuts` are the upper ends of five, four, three and two stars."""
    return np.asarray(5.0 - np.searchsorted(cuts, values, side="left"), dtype=np.float64)


def _health_stars(view: VintageView, score: Floats) -> tuple[Floats, dict[str, Floats]]:
    stars, cuts = np.full(view.count, np.nan), {}
    for position, state in enumerate(view.world.places.states):
        here = (view.state == position) & ~np.isnan(score)
        basis = here & ~view.unrated if (here & ~view.unrated).any() else here
        if basis.any():
            cuts[state.code] = np.round(np.quantile(score[basis], _HEALTH_SHARES), 3)
            stars[here] = _stars_by(score[here], cuts[state.code])
    return stars, cuts


def _national_stars(values: Floats, shares: tuple[float, ...]) -> Floats:
    """High values are good."""
    cuts = np.quantile(-values[~np.isnan(values)], shares)
    return np.where(np.isnan(values), np.nan, _stars_by(-values, cuts))


def _qm_scores(view: VintageView, label: str) -> Floats:
    rng = stream(view.world.size.seed, "qm", label, str(view.vintage.measure_quarter))
    recent = rng.standard_normal(view.world.count)[view.rows]
    steady = stream(view.world.size.seed, "qm", label).standard_normal(view.world.count)[view.rows]
    return np.asarray(0.5 * view.world.quality[view.rows] + steady + 0.25 * recent)


def _overall_stars(health: Floats, staffing: Floats, qm: Floats) -> Floats:
    stars = health + (staffing == 5) - (staffing == 1)
    stars = np.clip(stars, 1, 5) + (qm == 5) - 1.0 * (qm == 1)
    return np.asarray(np.where(np.isnan(health), np.nan, np.clip(stars, 1, 5)))


def _with_footnotes(view: VintageView, stars: Floats, *marks: tuple[Bools, str, bool]) -> Stars:
    """Each mark: which facilities, the code, and whether the stars are withheld; the first mark that fits counts."""
    shown, footnote = stars.copy(), np.full(view.count, None, dtype=object)
    for where, code, withheld in reversed((*_unrated_marks(view), *marks)):
        footnote[where] = code
        if withheld:
            shown[where] = np.nan
    return Stars(shown, footnote)


def _unrated_marks(view: VintageView) -> tuple[tuple[Bools, str, bool], ...]:
    return (view.new, "1", True), (view.special_focus, "18", True)


def rate(view: VintageView, score: Floats, adjusted_hprd: Floats, adjusted_rn_hprd: Floats, forced_one_star: Bools) -> Ratings:
    """`score`: total weighted health score; `adjusted_hprd`: total nurse hours after case mix, `adjusted_rn_hprd`: RN hours."""
    rated = ~view.unrated
    health, cuts = _health_stars(view, score)
    staffing = _national_stars(np.where(forced_one_star, np.nan, adjusted_hprd), _STAFFING_SHARES)
    staffing = np.where(forced_one_star | np.isnan(staffing), 1.0, staffing)
    rn_staffing = np.where(forced_one_star, 1.0, _national_stars(adjusted_rn_hprd, _STAFFING_SHARES))
    audited_out = view.some("audited, withheld", 59, rated)
    audited = view.some("audited, shown", 104, rated & ~audited_out)
    few = rated & ~audited_out & ~audited
    few_long = view.some("few long stays", 396, few)
    few_short = view.some("few short stays", 2_373, few)
    few_both = view.some("few stays", 56, few_long)
    long_stay, short_stay = _qm_scores(view, "long stay"), _qm_scores(view, "short stay")
    qm = _national_stars(long_stay + 0.8 * short_stay, _QM_SHARES)
    too_little = view.some("staffing data", 58, rated)
    one_star = (forced_one_star & (view.vintage < _ONE_STAR_NOTED_UNTIL), "12", False)
    return Ratings(
        overall=_with_footnotes(view, _overall_stars(health, staffing, qm)),
        health=_with_footnotes(view, health),
        qm=_with_footnotes(view, qm, (audited_out, "20", True), (audited, "20", False), (few_both, "2", True)),
        long_stay=_with_footnotes(
            view, _national_stars(long_stay, _QM_SHARES), (audited_out, "20", True), (audited, "20", False), (few_long, "2", True)
        ),
        short_stay=_with_footnotes(
            view, _national_stars(short_stay, _SHORT_STAY_SHARES), (audited, "20", True), (few_short | audited_out, "2", True)
        ),
        staffing=_with_footnotes(view, staffing, (too_little, "2", True), one_star),
        rn_staffing=_with_footnotes(view, rn_staffing, (too_little, "2", True), one_star),
        cut_points=cuts,
    )
