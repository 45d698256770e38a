"""What every rendered page shares: write it, or with `--check` fail when the committed one is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from local.pages.tables import ROOT, Table, read_tables

Pages: TypeAlias = Mapping[str, Callable[[Sequence[Table]], str]]


def stale_pages(pages: Pages, tables: Sequence[Table], root: Path = ROOT) -> list[str]:
    """The pages, by path, that differ from what the dbt project says."""
    paths = {path: root / path for path in pages}
    return [path for path, file in paths.items() if not file.exists() or file.read_text("utf-8") != pages[path](tables)]


def write_pages(pages: Pages, tables: Sequence[Table], root: Path = ROOT) -> None:
    for path, render in pages.items():
        (root / path).write_text(render(tables), encoding="utf-8")


def run(pages: Pages) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is stale; write nothing")
    if not parser.parse_args().check:
        write_pages(pages, read_tables())
        return 0
    stale = stale_pages(pages, read_tables())
    for path in stale:
        print(f"stale: {path} (run `python -m local.pages`)", file=sys.stderr)
    return 1 if stale else 0
