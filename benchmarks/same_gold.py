"""`python -m benchmarks.same_gold EXPECTED.duckdb FOUND.duckdb`: whether two warehouses hold the same silver and gold."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.comparison import warehouse_differences

SCHEMAS = ("silver", "gold")


def main() -> int:
    expected, found = map(Path, sys.argv[1:3])
    compared = warehouse_differences(expected, found, SCHEMAS)
    different = [table for table in compared if table.rows]
    print(f"{len(compared)} tables compared, {len(different)} differ")
    for table in different:
        print(f"  {table} rows")
    return 1 if different or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
