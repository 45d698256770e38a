"""`python -m local.sample [FOLDER] [--size small|full] …`: fills an empty folder with sample files."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from local.errors import FolderNotEmptyError
from local.sample import SampleSize, write_large_pbj, write_sample
from local.sample.rawdata import Rawdata, holds_files, named_in_environment


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.sample", description=__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=named_in_environment(), help="RAWDATA, or rawdata/, where left out"
    )
    parser.add_argument("--size", choices=("small", "full"), default="small", help="full: the genuine row counts of Oct 2024")
    parser.add_argument("--facilities", type=int, help="rows of the newest ProviderInfo")
    parser.add_argument("--quarters", type=int, help="PBJ quarters, the newest is --end")
    parser.add_argument("--vintages", type=int, help="monthly releases, the newest four months after --end")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--end", help="newest PBJ quarter, as 2024Q2")
    parser.add_argument("--landing-gib", type=float, help="instead of a sample: one PBJ file of about this size")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    folder = Rawdata.of(arguments.folder).path
    if holds_files(folder):
        print(FolderNotEmptyError(folder), file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    _write(arguments, folder)
    return 0


def _write(arguments: argparse.Namespace, folder: Path) -> None:
    started = time.perf_counter()
    asked = {name: getattr(arguments, name) for name in ("facilities", "quarters", "vintages", "seed", "end")}
    given = {name: value for name, value in asked.items() if value is not None}
    size = replace(SampleSize.full() if arguments.size == "full" else SampleSize.small(), **given)
    if arguments.landing_gib:
        path = folder / f"PBJ_Daily_Nurse_Staffing_Q{size.end[-1]}_{size.end[:4]}.csv"
        rows = write_large_pbj(path, arguments.landing_gib, size.seed, size.end)
        print(f"{path}: {rows:,} rows, {path.stat().st_size / 2**30:.2f} GiB, {time.perf_counter() - started:.1f} s")
        return
    paths = write_sample(folder, size)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} files, {megabytes:,.1f} MB in {folder}, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    raise SystemExit(main())
