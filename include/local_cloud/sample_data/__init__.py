"""CMS-shaped sample files of any size: seeded, believable, calibrated on the profiles of the genuine October 2024 files."""

from include.local_cloud.sample_data.pbj import write_large_pbj
from include.local_cloud.sample_data.sample import write_sample
from include.local_cloud.sample_data.sizes import SampleSize

__all__ = ["SampleSize", "write_large_pbj", "write_sample"]
