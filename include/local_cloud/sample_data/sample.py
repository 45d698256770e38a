"""Writes the whole sample: one world, its PBJ quarters, its monthly vintages, the program files and archives of other eras."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from include.local_cloud.sample_data.archives import write_neighbors, zip_month, zip_year
from include.local_cloud.sample_data.averages import write_state_averages, write_vaccination
from include.local_cloud.sample_data.calendars import Quarter, Vintage
from include.local_cloud.sample_data.citation_files import (
    fire_deficiencies,
    write_citation_descriptions,
    write_cut_points,
    write_fire_citations,
    write_health_citations,
    write_survey_dates,
    write_survey_summary,
)
from include.local_cloud.sample_data.citations import Deficiencies, Shown, build_deficiencies, shown_in
from include.local_cloud.sample_data.facilities import World, build_world
from include.local_cloud.sample_data.hospitals import Hospitals, build_hospitals
from include.local_cloud.sample_data.inspections import build_inspections
from include.local_cloud.sample_data.intervals import write_intervals
from include.local_cloud.sample_data.measures import ClaimsScores, MdsScores, score_claims, score_mds, write_claims, write_mds
from include.local_cloud.sample_data.ownership import write_ownership, write_penalties
from include.local_cloud.sample_data.pbj import QuarterStaffing, sum_quarter, write_quarter
from include.local_cloud.sample_data.penalties import Penalties, build_penalties
from include.local_cloud.sample_data.provider_info import Snapshot, build_snapshot, write_provider_info
from include.local_cloud.sample_data.qrp import write_qrp
from include.local_cloud.sample_data.sizes import ERAS, Era, SampleSize
from include.local_cloud.sample_data.staffing import build_staffing
from include.local_cloud.sample_data.vbp import write_vbp
from include.local_cloud.sample_data.vintage_view import VintageView


@dataclass(frozen=True)
class _History:
    """What the vintages look back on."""

    world: World
    deficiencies: Deficiencies
    penalties: Penalties
    staffing: dict[Quarter, QuarterStaffing]
    hospitals: Hospitals


@dataclass(frozen=True)
class _Release:
    """What one vintage says; each part is worked out when the first file asks for it."""

    history: _History
    view: VintageView

    @property
    def known(self) -> Deficiencies:
        return self.history.deficiencies

    @cached_property
    def health(self) -> Shown:
        return shown_in(self.view.world, self.known.health, self.known.inspections.health, self.view.vintage)

    @cached_property
    def fire(self) -> Shown:
        return shown_in(self.view.world, self.known.fire, self.known.inspections.fire, self.view.vintage)

    @cached_property
    def snapshot(self) -> Snapshot:
        staffing = self.history.staffing[self.view.vintage.staffing_quarter]
        return build_snapshot(self.view, staffing, self.known, self.health, self.history.penalties)

    @cached_property
    def mds(self) -> MdsScores:
        return score_mds(self.view)

    @cached_property
    def claims(self) -> ClaimsScores:
        return score_claims(self.view)

    def write(self, families: Iterable[str], folder: Path) -> list[Path]:
        return [path for family in families for path in _WRITERS[family](self, folder)]


def _write_averages(release: _Release, folder: Path) -> Path:
    fire = fire_deficiencies(release.view, release.known, release.fire)
    return write_state_averages(release.snapshot, fire, release.mds, release.claims, folder)


#: Some families come in twos and threes, under the name of the first.
_WRITERS: Mapping[str, Callable[[_Release, Path], list[Path]]] = {
    "nh_provider_info": lambda release, to: [write_provider_info(release.snapshot, to)],
    "nh_penalties": lambda release, to: [write_penalties(release.view, release.history.penalties, to)],
    "nh_quality_msr_mds": lambda release, to: [write_mds(release.view, release.mds, to)],
    "nh_quality_msr_claims": lambda release, to: [write_claims(release.view, release.claims, to)],
    "nh_health_citations": lambda release, to: [write_health_citations(release.view, release.known, release.health, to)],
    "nh_fire_safety_citations": lambda release, to: [write_fire_citations(release.view, release.known, release.fire, to)],
    "nh_ownership": lambda release, to: [write_ownership(release.view, to)],
    "nh_state_us_averages": lambda release, to: [_write_averages(release, to)],
    "nh_survey_dates": lambda release, to: [write_survey_dates(release.view, release.known, to)],
    "nh_survey_summary": lambda release, to: [
        write_survey_summary(release.view, release.known, release.health, release.fire, to)
    ],
    "nh_covid_vax_provider": lambda release, to: write_vaccination(release.view, to),
    "nh_data_collection_intervals": lambda release, to: [write_intervals(release.view, to)],
    "nh_citation_descriptions": lambda release, to: [write_citation_descriptions(release.view, to)],
    "nh_health_inspec_cutpoints_state": lambda release, to: [
        write_cut_points(release.view, release.snapshot.ratings.cut_points, to)
    ],
    "snf_qrp_provider_data": lambda release, to: write_qrp(release.view, release.history.hospitals, to),
    "snf_vbp_facility_performance": lambda release, to: write_vbp(release.view, release.history.hospitals, to),
}
_MONTHLY = tuple(family for family in _WRITERS if family.startswith("nh_"))
_PROGRAMS = tuple(family for family in _WRITERS if family.startswith("snf_"))


def write_sample(folder: Path | str, size: SampleSize | None = None) -> list[Path]:
    """CMS-shaped files of all 21 families; the same size (which holds the seed) gives the same bytes."""
    folder, size = Path(folder), size or SampleSize.small()
    folder.mkdir(parents=True, exist_ok=True)
    world = build_world(size)
    paths, staffing = _write_pbj(world, folder)
    deficiencies = build_deficiencies(world, build_inspections(world))
    history = _History(world, deficiencies, build_penalties(world), staffing, build_hospitals(world))
    for back in reversed(range(size.vintages)):
        paths += _release(history, world.newest.earlier(back)).write(_MONTHLY, folder)
    paths += _release(history, world.newest).write(_PROGRAMS, folder)
    return paths + (_write_eras(history, folder) if size.has_eras else [])


def _release(history: _History, vintage: Vintage) -> _Release:
    return _Release(history, VintageView(history.world, vintage))


def _write_eras(history: _History, folder: Path) -> list[Path]:
    return [path for era in ERAS for path in _write_era(history, era, folder)] + write_neighbors(folder)


def _write_era(history: _History, era: Era, folder: Path) -> list[Path]:
    paths = _release(history, era.vintage).write(era.families, folder)
    if era.zips:
        paths = [zip_month(paths, era.vintage, folder)]
    return [zip_year(paths[0], era.vintage)] if era.zips > 1 else paths


def _needed_quarters(world: World) -> tuple[list[Quarter], list[Quarter]]:
    """Quarters with a file, and quarters that only the staffing columns of a vintage ask for."""
    newest = Quarter.parse(world.size.end)
    written = [newest.earlier(back) for back in range(world.size.quarters)]
    return written, sorted({vintage.staffing_quarter for vintage in world.size.shown} - set(written))


def _write_pbj(world: World, folder: Path) -> tuple[list[Path], dict[Quarter, QuarterStaffing]]:
    plan = build_staffing(world)
    written, summed = _needed_quarters(world)
    files = [write_quarter(world, plan, quarter, folder) for quarter in written]
    sums = [quarter for _, quarter in files] + [sum_quarter(world, plan, quarter) for quarter in summed]
    return [path for path, _ in files], {staffing.quarter: staffing for staffing in sums}
