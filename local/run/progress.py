"""Shows a run while it runs: one line per stage on a terminal that can redraw; elsewhere one for each finished stage, and every
minute one for the stage that is under way.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from itertools import takewhile
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from local.run.stages import StageState

WHAT_A_STAGE_DOES = {
    "plan": "compare the Drive folder with the checkpoints",
    "land": "Drive → S3, md5-verified",
    "certify": "encoding, header by name, every record",
    "bronze": "COPY, one transaction per file",
    "staging": "seeds and typed views",
    "silver": "facts and dimensions, tested",
    "gold": "KPIs, tested",
    "tests": "tests across models",
    "publish": "atomic swap of the published KPIs",
    "report": "what happened to every file",
}
_SECONDS_OF_SILENCE = 60.0


class Progress:
    def __init__(self, console: Console, seconds_of_silence: float = _SECONDS_OF_SILENCE) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._told: set[str] = set()
        self._seconds_of_silence, self._last_told = seconds_of_silence, time.monotonic()

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
        stages = list(stages)
        done = list(takewhile(lambda stage: stage.is_over, stages))  # skipped stages are done before the one that skips them
        for stage in done:
            if stage.stage not in self._told:
                self._told.add(stage.stage)
                self._say(stage)
        under_way = next((stage for stage in stages[len(done) :] if stage.seconds_left is not None), None)
        if under_way and time.monotonic() - self._last_told >= self._seconds_of_silence:
            self._say(under_way)

    def _say(self, stage: StageState) -> None:
        self._last_told = time.monotonic()
        self._console.print(escape(f"  {describe(stage)}"), highlight=False)


def describe(stage: StageState) -> str:
    outcome = "skipped" if stage.skipped == stage.tasks else f"{stage.done}/{stage.tasks}"
    names = [name if name.isprintable() else repr(name) for name in stage.failed]  # files name themselves
    failed = f"  FAILED: {', '.join(names)}" if names else ""
    left = f", about {timedelta(seconds=round(stage.seconds_left))} left" if stage.seconds_left is not None else ""
    return f"{stage.stage:<8} {outcome:>9} {stage.seconds:6.1f} s  {WHAT_A_STAGE_DOES[stage.stage]}{left}{failed}"


def _table(stages: Iterable[StageState]) -> Table:
    table = Table.grid(padding=(0, 1))
    for stage in stages:
        mark = "[red]✗[/red]" if stage.failed else "[green]✓[/green]" if stage.is_over else "…"
        table.add_row(mark, escape(describe(stage)))
    return table
