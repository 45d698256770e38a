"""Writes the whole sample: one world, its PBJ quarters, its monthly vintages and the program files of the newest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from include.local_cloud.sample_data.averages import write_state_averages, write_vaccination
from include.local_cloud.sample_data.calendars import Quarter, Vintage
from include.local_cloud.sample_data.citation_files import (
    fire_deficiencies,
    write_citation_descriptions,
    write_citations,
    write_cut_points,
    write_survey_dates,
    write_survey_summary,
)
from include.local_cloud.sample_data.citations import Deficiencies, build_deficiencies, shown_in
from include.local_cloud.sample_data.facilities import World, build_world
from include.local_cloud.sample_data.hospitals import build_hospitals
from include.local_cloud.sample_data.inspections import build_inspections
from include.local_cloud.sample_data.intervals import write_intervals
from include.local_cloud.sample_data.measures import score_claims, score_mds, write_claims, write_mds
from include.local_cloud.sample_data.ownership import write_ownership, write_penalties
from include.local_cloud.sample_data.pbj import QuarterStaffing, sum_quarter, write_quarter
from include.local_cloud.sample_data.penalties import Penalties, build_penalties
from include.local_cloud.sample_data.provider_info import build_snapshot, write_provider_info
from include.local_cloud.sample_data.qrp import write_qrp
from include.local_cloud.sample_data.sizes import SampleSize
from include.local_cloud.sample_data.staffing import build_staffing
from include.local_cloud.sample_data.vbp import write_vbp
from include.local_cloud.sample_data.vintage_view import VintageView


@dataclass(frozen=True)
class _History:
    """What the vintages look back on."""

    deficiencies: Deficiencies
    penalties: Penalties
    staffing: dict[Quarter, QuarterStaffing]


def write_sample(folder: Path | str, size: SampleSize | None = None) -> list[Path]:
    """CMS-shaped files of all 21 families; the same size (which holds the seed) gives the same bytes."""
    folder, size = Path(folder), size or SampleSize.small()
    folder.mkdir(parents=True, exist_ok=True)
    world = build_world(size)
    paths, staffing = _write_pbj(world, folder)
    history = _History(build_deficiencies(world, build_inspections(world)), build_penalties(world), staffing)
    for back in reversed(range(size.vintages)):
        paths += _write_vintage(VintageView(world, world.newest.earlier(back)), history, folder)
    view, hospitals = VintageView(world, world.newest), build_hospitals(world)
    return paths + write_qrp(view, hospitals, folder) + write_vbp(view, hospitals, folder)


def _needed_quarters(world: World) -> tuple[list[Quarter], list[Quarter]]:
    """Quarters with a file, and quarters that only the staffing columns of a vintage ask for."""
    newest = Quarter.parse(world.size.end)
    written = [newest.earlier(back) for back in range(world.size.quarters)]
    vintages: list[Vintage] = [world.newest.earlier(back) for back in range(world.size.vintages)]
    return written, sorted({vintage.staffing_quarter for vintage in vintages} - set(written))


def _write_pbj(world: World, folder: Path) -> tuple[list[Path], dict[Quarter, QuarterStaffing]]:
    plan = build_staffing(world)
    written, summed = _needed_quarters(world)
    files = [write_quarter(world, plan, quarter, folder) for quarter in written]
    sums = [quarter for _, quarter in files] + [sum_quarter(world, plan, quarter) for quarter in summed]
    return [path for path, _ in files], {staffing.quarter: staffing for staffing in sums}


def _write_vintage(view: VintageView, history: _History, folder: Path) -> list[Path]:
    known = history.deficiencies
    health = shown_in(view.world, known.health, known.inspections.health, view.vintage)
    fire = shown_in(view.world, known.fire, known.inspections.fire, view.vintage)
    staffing = history.staffing[view.vintage.staffing_quarter]
    snapshot = build_snapshot(view, staffing, known, health, history.penalties)
    mds, claims = score_mds(view), score_claims(view)
    return [
        write_provider_info(snapshot, folder),
        write_penalties(view, history.penalties, folder),
        write_mds(view, mds, folder),
        write_claims(view, claims, folder),
        *write_citations(view, known, health, fire, folder),
        write_ownership(view, folder),
        write_state_averages(snapshot, fire_deficiencies(view, known, fire), mds, claims, folder),
        write_survey_dates(view, known, folder),
        write_survey_summary(view, known, health, fire, folder),
        *write_vaccination(view, folder),
        write_intervals(view, folder),
        write_citation_descriptions(view, folder),
        write_cut_points(view, snapshot.ratings.cut_points, folder),
    ]
