"""The files of the Quality Reporting Program: SNFs (48 rows a CCN), hospitals with swing beds, and the nation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from include.local_cloud.sample_data.calendars import Vintage
from include.local_cloud.sample_data.csv_text import Cells, FileStyle, choice, constant, interleaved, text, write_file
from include.local_cloud.sample_data.hospitals import Hospitals
from include.local_cloud.sample_data.qrp_measures import (
    NO_FOOTNOTE,
    PROGRAM_MEASURES,
    ProgramMeasure,
    Reporters,
    Scores,
    program_period,
    score,
)
from include.local_cloud.sample_data.random_streams import stream
from include.local_cloud.sample_data.vintage_view import VintageView

_PARTS = [(measure, part) for measure in PROGRAM_MEASURES for part in measure.parts]
_FOOTNOTES = (NO_FOOTNOTE, "1", "7", "9", "10", "13", "14")
_QUOTED = frozenset(
    {
        "ccn",
        "provider_name",
        "address_line_1",
        "address_line_2",
        "city",
        "state",
        "zip_code",
        "county_name",
        "footnote",
        "location",
    }
)
_NATIONAL_RATE_NAMES = {
    "004": "PPR_PD_NAT_UNADJUST_AVG", "005": "DTC_NAT_OBS_RATE", "006": "MSPB_SCORE_NATL", "039": "HAI_NAT_OBS_RATE",
}  # fmt: skip
_CLAIMS_PREFIX = {"004": "PPR_PD", "005": "DTC", "039": "HAI"}
_COUNTED = (("N_BETTER_NAT", 1), ("N_NO_DIFF_NAT", 0), ("N_TOO_SMALL", 3), ("N_WORSE_NAT", 2))


def _snf_reporters(view: VintageView) -> Reporters:
    """New ones have no data yet (1), Medicaid-only ones need not report (14), some did not (10)."""
    footnote = np.full(view.count, "", dtype=object)
    footnote[view.some("no program data", 330)] = "10"
    footnote[view.some("suppressed by CMS", 12)] = "7"
    footnote[view.some("not in program", 560)] = "14"
    footnote[view.new] = "1"
    stays = view.world.beds[view.rows] * (0.07 + 2.3 * view.draw("medicare stays") ** 1.4)
    return Reporters(stays, view.world.quality[view.rows], footnote)


def _hospital_reporters(seed: int, hospitals: Hospitals) -> Reporters:
    rng = stream(seed, "hospital reporters")
    silent = rng.random(len(hospitals.ccn)) < 0.77
    footnote = np.where(silent, "10", "").astype(object)
    return Reporters(hospitals.stays, np.zeros(len(hospitals.ccn)), footnote)


def _all_scores(seed: int, label: str, reporters: Reporters) -> list[Scores]:
    return [score(stream(seed, "qrp", label, measure.code), reporters, measure) for measure in PROGRAM_MEASURES]


def _footnote_codes(scores: Scores) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    order = np.argsort(np.array(_FOOTNOTES))
    found = np.searchsorted(np.array(_FOOTNOTES)[order], scores.footnote.astype(str))
    return np.asarray(order[found])


def _score_columns(vintage: Vintage, scored: list[Scores], facilities: int) -> dict[str, Cells]:
    which = np.tile(np.arange(len(_PARTS)), facilities)
    footnotes = np.column_stack(
        [_footnote_codes(scores) for measure, scores in zip(PROGRAM_MEASURES, scored, strict=True) for _ in measure.parts]
    )
    periods = [program_period(vintage, measure) for measure, _ in _PARTS]
    return {
        "measure_code": choice([part for _, part in _PARTS], which),
        "score": interleaved([cells for scores in scored for cells in scores.cells]),
        "footnote": choice(_FOOTNOTES, footnotes.reshape(-1)),
        "start_date": choice([first.strftime("%m/%d/%Y") for first, _ in periods], which),
        "end_date": choice([last.strftime("%m/%d/%Y") for _, last in periods], which),
        "measure_date_range": constant(NO_FOOTNOTE, len(which)),
    }


def _write_snfs(view: VintageView, scored: list[Scores], folder: Path) -> Path:
    world, rows = view.world, view.rows
    at = np.repeat(np.arange(view.count), len(_PARTS))
    phones = [f"({phone[:3]}){phone[3:6]}-{phone[6:]}" for phone in world.phone[rows]]
    regions = [str(region) for region in world.places.of_state("region")[rows]]
    columns: dict[str, Cells] = {
        **{name: view.column(name, at) for name in ("ccn", "provider_name", "city", "state", "zip_code", "county_name")},
        "address_line_1": view.column("provider_address", at),
        "telephone_number": text(phones).at(at),
        "cms_region": text(regions).at(at),
        "location": view.column("spaced_location", at),
        **_score_columns(view.vintage, scored, view.count),
    }
    return write_file(folder, "snf_qrp_provider_data", view.vintage, FileStyle(quoted=_QUOTED), columns)


def _write_swing_beds(vintage: Vintage, hospitals: Hospitals, scored: list[Scores], folder: Path) -> Path:
    at = np.repeat(np.arange(len(hospitals.ccn)), len(_PARTS))
    known = {
        "ccn": hospitals.ccn,
        "provider_name": hospitals.name,
        "address_line_1": hospitals.address,
        "address_line_2": hospitals.address_line_2,
        "city": hospitals.city,
        "state": hospitals.places.codes(),
        "zip_code": hospitals.zip_code,
        "county_name": np.array([county.upper() for county in hospitals.places.of_county("name")], dtype=object),
        "telephone_number": hospitals.phone,
        "cms_region": hospitals.places.of_state("region").astype(str),
    }
    columns: dict[str, Cells] = {name: text(list(values)).at(at) for name, values in known.items()}
    columns |= _score_columns(vintage, scored, len(hospitals.ccn))
    return write_file(folder, "swing_bed_snf_data", vintage, FileStyle(quoted=_QUOTED), columns)


def _national_rows(measure: ProgramMeasure, scores: Scores) -> list[tuple[str, str]]:
    """What the facility file adds up to: the rate, and for claims how many are better, worse, too small."""
    cases, volume = scores.cases[scores.reported].sum(), scores.volume[scores.reported].sum()
    scale = 1.0 if measure.kind == "spending" else 100.0
    places = 2 if measure.kind in ("claims", "spending") else measure.places
    name = _NATIONAL_RATE_NAMES.get(measure.interval_code, "NATL_OBS_RATE")
    rows = [(f"{measure.code}_{name}", f"{scale * cases / max(1.0, volume):.{places}f}")]
    if measure.kind == "claims":
        prefix = f"{measure.code}_{_CLAIMS_PREFIX[measure.interval_code]}"
        small = (scores.footnote == "9").sum()
        counts = {number: (scores.category == number).sum() for _, number in _COUNTED} | {3: small}
        rows += [(f"{prefix}_{label}", str(counts[number])) for label, number in _COUNTED]
    return rows


def _write_nation(vintage: Vintage, scored: list[Scores], folder: Path) -> Path:
    rows = [
        (code, value, *program_period(vintage, measure))
        for measure, scores in zip(PROGRAM_MEASURES, scored, strict=True)
        for code, value in _national_rows(measure, scores)
    ]
    columns: dict[str, Cells] = {
        "ccn": constant("NATION", len(rows)),
        "measure_code": text([row[0] for row in rows]),
        "score": text([row[1] for row in rows]),
        "footnote": constant(NO_FOOTNOTE, len(rows)),
        "start_date": text([row[2].strftime("%m/%d/%Y") for row in rows]),
        "end_date": text([row[3].strftime("%m/%d/%Y") for row in rows]),
        "measure_date_range": constant(NO_FOOTNOTE, len(rows)),
    }
    return write_file(folder, "snf_qrp_national_data", vintage, FileStyle(quoted=frozenset({"ccn", "footnote"})), columns)


def write_qrp(view: VintageView, hospitals: Hospitals, folder: Path) -> list[Path]:
    seed = view.world.size.seed
    snf = _all_scores(seed, "snf", _snf_reporters(view))
    swing = _all_scores(seed, "swing bed", _hospital_reporters(seed, hospitals))
    return [
        _write_snfs(view, snf, folder),
        _write_nation(view.vintage, snf, folder),
        _write_swing_beds(view.vintage, hospitals, swing, folder),
    ]
