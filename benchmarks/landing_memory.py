"""(d) What landing a 1 GiB file adds to the memory of the process that lands it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import Figure, result_of
from benchmarks.sample import large_pbj
from local.emulators.lifecycle import start, stop

_LAND = """
import json, time
import boto3
from include.ingest import pipeline
from include.settings import load_settings

def peak():  # not of getrusage, which begins with the peak of the process that started this one
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

services = pipeline.connect(load_settings(), boto3.client("s3"), boto3.resource("dynamodb"))
(small, big) = sorted(services.drive.list_folder().files, key=lambda file: file.size)
pipeline.land(services, small, "bench")
before, started = peak(), time.perf_counter()
pipeline.land(services, big, "bench")
print("RESULT", json.dumps([before, peak(), time.perf_counter() - started, big.size]))
"""


def measure(folder: Path) -> list[Figure]:
    home, rawdata = folder / "landing-home", folder / "landing-rawdata"
    large_pbj(rawdata, 1)
    (rawdata / "NH_Penalties_Oct2024.csv").write_bytes(b"x\n" * 1000)
    services = start(home, rawdata)
    before, after, seconds, size = result_of("-c", _LAND, environment=services.environment())
    stop(home, discard=True)
    how = f"{size / 2**30:.2f} GiB in {seconds:.1f} s, peak RSS {before:.0f} → {after:.0f} MB"
    return [Figure("memory that landing 1 GiB adds", after - before, "MB", 150.0, how)]
