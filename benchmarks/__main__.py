"""`make bench`: each figure beside its target; where it is a ratio, the floor is measured in the same run.

python -m benchmarks [dag_import] [landing_memory] [certification] [full_run] [scheduler] [dashboard] [history] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import certification, dag_import, dashboard, full_run, history, landing_memory, scheduler
from benchmarks.figures import Figure

_PARTS = {
    "dag_import": dag_import.measure,
    "landing_memory": landing_memory.measure,
    "certification": certification.measure,
    "full_run": full_run.measure,
    "scheduler": scheduler.measure,
    "dashboard": dashboard.measure,
}
_LONG_PARTS = {"history": history.measure}  # an hour on two cores: only when asked for


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join([*_PARTS, *_LONG_PARTS])} (default: all but the last)"
    )
    parser.add_argument("--keep", type=Path, help="folder for sample and homes, kept afterwards and used again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures: list[Figure] = []
        for part in arguments.parts or _PARTS:
            figures += {**_PARTS, **_LONG_PARTS}[part](folder.resolve())
    for figure in figures:
        print(figure.line())
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
