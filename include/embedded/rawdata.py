"""The folder that the local Drive serves: filled with sample data when it holds no CSV file."""

from __future__ import annotations

from pathlib import Path


def fill_when_empty(rawdata: Path) -> bool:
    """Whether it was filled."""
    rawdata.mkdir(parents=True, exist_ok=True)
    if any(path.suffix.lower() == ".csv" for path in rawdata.iterdir()):
        return False
    from include.local_cloud.sample_data import SampleSize, write_sample  # noqa: PLC0415 - only on the first run

    write_sample(rawdata, SampleSize.small())
    return True
