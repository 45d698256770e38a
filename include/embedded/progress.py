"""Shows a run while it runs: one line a stage on a terminal that can redraw, and a line a finished stage elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from include.embedded.task_states import StageState

WHAT_A_STAGE_DOES = {
    "plan": "compare the Drive folder with the checkpoints",
    "land": "Drive → S3, md5-verified",
    "certify": "encoding, header by name, every record",
    "bronze": "COPY, one transaction a file",
    "staging": "seeds and typed views",
    "silver": "facts and dimensions, tested",
    "gold": "KPIs, tested",
    "tests": "tests across models",
    "publish": "atomic swap of the published KPIs",
    "report": "what happened to every file",
}


class Progress:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._told: set[str] = set()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def show(self, stages: Iterable[StageState]) -> None:
        if self._live:
            self._live.update(_table(stages))
            return
        for stage in takewhile(lambda stage: stage.is_done, stages):  # skipped stages are done before the one that skips them
            if stage.stage not in self._told:
                self._told.add(stage.stage)
                self._console.print(escape(f"  {describe(stage)}"), highlight=False)


def describe(stage: StageState) -> str:
    outcome = "skipped" if stage.skipped == stage.tasks else f"{stage.done}/{stage.tasks}"
    names = [name if name.isprintable() else repr(name) for name in stage.failed]  # files name themselves
    failed = f"  FAILED: {', '.join(names)}" if names else ""
    return f"{stage.stage:<8} {outcome:>9} {stage.seconds:6.1f} s  {WHAT_A_STAGE_DOES[stage.stage]}{failed}"


def _table(stages: Iterable[StageState]) -> Table:
    table = Table.grid(padding=(0, 1))
    for stage in stages:
        mark = "[red]✗[/red]" if stage.failed else "[green]✓[/green]" if stage.is_done else "…"
        table.add_row(mark, escape(describe(stage)))
    return table
