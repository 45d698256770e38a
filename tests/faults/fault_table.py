"""The table of faults: collected while the suite runs, printed at its end, and kept as docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from include.settings import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"
_INTRODUCTION = """# Reliability

Kill it anywhere, break anything around it, rerun any task in any order: the warehouse ends as after an undisturbed run.

`make test-faults` injects every fault below into real worker processes, recovers as an operator would (clear the red task),
and compares every row of bronze, silver, gold and the ledger, every published table, every S3 object and every checkpoint
with those of a run that nothing disturbed: behind the step that was disturbed, and again at the end of the run.
Left out of the comparison is only what differs between any two runs: {left_out}.

The kill points are found by walking each step once and noting every call of S3, DynamoDB and Drive, every SQL statement that
changes something and every change of the file system. Of what is done again and again, the first time and the last are points.

This page is written by the suite, which fails when the faults that it injects are no longer those of the page.
"""


@dataclass(frozen=True, order=True)
class FaultRow:
    """One fault and what became of it; `differences` counts rows, objects and checkpoints."""

    chapter: str
    name: str
    where: str
    recovered: str
    differences: int

    @property
    def fault(self) -> tuple[str, str, str]:
        return self.chapter, self.name, self.where

    def cells(self) -> tuple[str, str, str, str]:
        return self.name, self.where, self.recovered, str(self.differences)


_HEADINGS = ("fault", "injected", "recovered by", "differences")


def render(rows: Iterable[FaultRow], left_out: Iterable[str]) -> str:
    ordered = sorted(set(rows))
    named = ", ".join(f"`{name}`" for name in sorted(left_out))
    lines = [_INTRODUCTION.format(left_out=named)]
    lines.append(f"{len(ordered)} faults, {sum(row.differences for row in ordered)} differences.\n")
    for chapter in sorted({row.chapter for row in ordered}):
        found = [row for row in ordered if row.chapter == chapter]
        lines += [f"## {chapter}\n", _counts(found), "", _line(_HEADINGS), _line(("---",) * 3 + ("---:",))]
        lines += [*(_line(row.cells()) for row in found), ""]
    return "\n".join(lines)


def _counts(rows: Iterable[FaultRow]) -> str:
    """How many there are at each step; `where` begins with it."""
    counts = Counter(row.where.partition(":")[0] for row in rows)
    return f"{counts.total()} faults: " + ", ".join(f"{step} {count}" for step, count in sorted(counts.items())) + "."


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def rows_on_page(text: str) -> set[FaultRow]:
    """What `render` has written."""
    found, chapter = set(), ""
    for line in text.splitlines():
        if line.startswith("## "):
            chapter = line[3:]
        cells = [cell.replace("\\|", "|") for cell in line.removeprefix("| ").removesuffix(" |").split(" | ")]
        if line.startswith("| ") and len(cells) == len(_HEADINGS) and cells[-1].isdigit():
            found.add(FaultRow(chapter, *cells[:-1], int(cells[-1])))
    return found
