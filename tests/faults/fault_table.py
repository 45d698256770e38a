"""What the suite has injected: every fault as a line of its output, and the kinds with their counts as docs/reliability.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from include.settings import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"
_INTRODUCTION = """# Reliability

Kill it anywhere, break anything around it, rerun any task in any order: the warehouse ends as after an undisturbed run.
This is tested by injection: **{faults} faults, {differences} differences**.

## How it is proved

`make test-faults` injects each fault into real worker processes, recovers as an operator would (clear the red task), and compares
with a run that nothing disturbed: every row of bronze, silver, gold and the ledger, every published table, every S3 object and
every checkpoint. It compares behind the step that was disturbed, and again at the end of the run.
Only what differs between any two runs is left out of the comparison:
{left_out}.

The kill points are not chosen by hand. The suite walks each step once and notes every call of S3, DynamoDB and Drive, every SQL
statement that changes something and every change of the file system. Where a call repeats, the first and the last are points.

The suite prints every fault with its place, its recovery and its differences. `make test` injects one fault of each kind at
each step.

## What is injected

The suite writes this section, and fails when it injects other kinds or another number of faults than stand here.
"""
_HEADINGS = ("fault", "at", "recovered by", "differences")
_COUNTED = re.compile(r"(\d+) × (.+)")
Kinds = Counter[tuple[str, str, str]]


@dataclass(frozen=True, order=True)
class FaultRow:
    """One fault and what became of it; `differences` counts rows, objects and checkpoints."""

    chapter: str
    name: str
    where: str
    recovered: str
    differences: int

    @property
    def step(self) -> str:
        return self.where.partition(":")[0]


def render_faults(rows: Iterable[FaultRow]) -> str:
    """One line per fault."""
    return "\n".join(
        f"{row.chapter} | {row.name} | {row.where} | {row.recovered} | {row.differences}" for row in sorted(set(rows))
    )


def render_page(rows: Iterable[FaultRow], left_out: Iterable[str]) -> str:
    rows = set(rows)
    named = ", ".join(f"`{name}`" for name in sorted(left_out))
    lines = [_INTRODUCTION.format(faults=len(rows), differences=sum(row.differences for row in rows), left_out=named)]
    for chapter in sorted({row.chapter for row in rows}):
        found = [row for row in rows if row.chapter == chapter]
        lines += [f"### {chapter}: {len(found)}\n", _line(_HEADINGS), _line(("---", "---", "---", "---:"))]
        lines += [_kind_line(name, [row for row in found if row.name == name]) for name in sorted({row.name for row in found})]
        lines.append("")
    return "\n".join(lines)


def _kind_line(name: str, rows: list[FaultRow]) -> str:
    steps, recoveries = Counter(row.step for row in rows), Counter(row.recovered for row in rows)
    return _line((name, _counted(steps), _counted(recoveries), str(sum(row.differences for row in rows))))


def _counted(counts: Counter[str]) -> str:
    return "; ".join(f"{count} × {name}" for name, count in sorted(counts.items()))


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def kinds(rows: Iterable[FaultRow]) -> Kinds:
    """How many faults of which name are injected at which step."""
    return Counter((row.chapter, row.name, row.step) for row in set(rows))


def kinds_on_page(text: str) -> Kinds:
    """What `render_page` has written."""
    found, chapter = Kinds(), ""
    for line in text.splitlines():
        if line.startswith("### "):
            chapter = line.removeprefix("### ").rpartition(":")[0]
        cells = line.strip("| ").split(" | ")
        if len(cells) == len(_HEADINGS) and cells[-1].isdigit():
            counted = [_COUNTED.fullmatch(step) for step in cells[1].split("; ")]
            found.update({(chapter, cells[0], match[2]): int(match[1]) for match in counted if match})
    return found
