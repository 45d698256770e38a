"""The `full` sample: CMS-shaped files with the genuine Oct 2024 row counts."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import run_python


def full_sample(folder: Path) -> Path:
    rawdata = folder / "rawdata"
    if not any(rawdata.glob("*.csv")):
        run_python("-m", "include.local_cloud.sample_data", str(rawdata), "--size", "full")
    return rawdata
