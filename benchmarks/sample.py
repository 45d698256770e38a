"""The `full` sample: CMS-shaped files with the genuine Oct 2024 row counts; and single files of any size."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import run_python

_SAMPLE = ("-m", "local.sample")


def full_sample(folder: Path) -> Path:
    rawdata = folder / "rawdata"
    if not any(rawdata.glob("*.csv")):
        run_python(*_SAMPLE, str(rawdata), "--size", "full")
    return rawdata


def large_pbj(folder: Path, gib: float) -> Path:
    """One PBJ file of about this size."""
    if not any(folder.glob("PBJ*.csv")):
        run_python(*_SAMPLE, str(folder), "--landing-gib", str(gib))
    return next(folder.glob("PBJ*.csv"))
