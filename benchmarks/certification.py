"""(f) A national PBJ quarter certified, against Arrow reading and writing it; (g) a CSV in a zip against the same CSV beside it.

Each is measured in pairs, one behind the other; the median of the pairs' ratios is the figure.
"""

from __future__ import annotations

import shutil
import statistics
import zipfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure, result_of
from benchmarks.sample import large_pbj
from local.emulators.lifecycle import start, stop

_PAIRS = 3
_GIB_OF_A_QUARTER = 0.225  # 240 MB, as the genuine quarters of 2024

_CERTIFY = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from include.ingest.certify import certify_table
from include.ingest.file_version import FileVersion

raw, bronze = map(Path, sys.argv[1:])
file = FileVersion.named("id", "md5", raw.name, raw.stat().st_size, "2024-11-01T00:00:00Z")
started = time.perf_counter()
certify_table(file, datetime.now(UTC), raw, bronze)
print("RESULT", time.perf_counter() - started)
"""
_READ_AND_WRITE = """
import csv, sys, time
from pyarrow import csv as arrow_csv, parquet, string

raw, bronze = sys.argv[1:]
with open(raw, encoding="cp1252", newline="") as lines:
    names = next(csv.reader(lines))
as_text = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, string()), strings_can_be_null=False)
started = time.perf_counter()
table = arrow_csv.read_csv(raw, arrow_csv.ReadOptions(encoding="cp1252"), convert_options=as_text)
parquet.write_table(table, bronze, compression="zstd")
print("RESULT", time.perf_counter() - started)
"""
_LAND_AND_CERTIFY = """
import time
import boto3
from include.ingest import pipeline
from include.settings import load_settings

services = pipeline.connect(load_settings(), boto3.client("s3"), boto3.resource("dynamodb"))
planned = pipeline.plan(services)
started = time.perf_counter()
for file in planned.work:
    pipeline.land(services, file, "bench")
(member,) = pipeline.plan_to_certify(services, planned).work
assert pipeline.certify(services, member, "bench").status == "CERTIFIED"
print("RESULT", time.perf_counter() - started)
"""


def measure(folder: Path) -> list[Figure]:
    quarter = large_pbj(folder / "certification", _GIB_OF_A_QUARTER)
    return [_certification(quarter), _archive(quarter)]


def _certification(quarter: Path) -> Figure:
    bronze = quarter.with_suffix(".parquet")

    def seconds(script: str) -> float:
        return float(result_of("-c", script, str(quarter), str(bronze)))

    name = "certification of a national PBJ quarter"
    return _paired(name, "x Arrow", 2.2, lambda: seconds(_CERTIFY), lambda: seconds(_READ_AND_WRITE))


def _archive(quarter: Path) -> Figure:
    loose, packed = (quarter.parent / name for name in ("loose", "packed"))
    for rawdata in (loose, packed):
        shutil.rmtree(rawdata, ignore_errors=True)
        rawdata.mkdir()
    shutil.copy(quarter, loose)
    with zipfile.ZipFile(packed / "pbj.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(quarter, quarter.name)
    name = f"{quarter.stat().st_size / 1e6:.0f} MB CSV inside a zip, landed and certified"
    return _paired(name, "x beside it", 1.2, lambda: _landed_and_certified(packed), lambda: _landed_and_certified(loose))


def _landed_and_certified(rawdata: Path) -> float:
    """In a home of its own, as what has landed once does not land again."""
    home = rawdata.with_name(f"{rawdata.name}-home")
    shutil.rmtree(home, ignore_errors=True)
    services = start(home, rawdata)
    try:
        return float(result_of("-c", _LAND_AND_CERTIFY, environment=services.environment()))
    finally:
        stop(home, discard=True)


def _paired(name: str, unit: str, target: float, measured: Callable[[], float], floor: Callable[[], float]) -> Figure:
    pairs = [(measured(), floor()) for _ in range(_PAIRS)]
    ratios = ", ".join(f"{seconds:.1f} s against {other:.1f} s" for seconds, other in pairs)
    return Figure(name, statistics.median(seconds / other for seconds, other in pairs), unit, target, ratios)
