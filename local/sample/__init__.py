"""CMS-shaped sample files of any size: seeded, believable, calibrated on the profiles of the genuine October 2024 files."""

from local.sample.pbj import write_large_pbj
from local.sample.sample import write_sample
from local.sample.sizes import SampleSize

__all__ = ["SampleSize", "write_large_pbj", "write_sample"]
