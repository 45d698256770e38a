"""The lines of a run that is piped into a file: each stage once, in the order of the flow, and how long a long one will take."""

from __future__ import annotations

import io

from rich.console import Console

from local.run.progress import Progress
from local.run.stages import StageState


def stage(name: str, *, done: bool) -> StageState:
    return StageState(name, tasks=1, done=int(done), failed=(), skipped=0, seconds=1.0)


def test_stage_that_is_skipped_early_waits_for_the_one_before_it() -> None:
    output = io.StringIO()
    with Progress(Console(file=output, width=120)) as progress:
        progress.show([stage("plan", done=False), stage("land", done=True)])
        assert output.getvalue() == ""
        for _ in range(2):
            progress.show([stage("plan", done=True), stage("land", done=True), stage("certify", done=False)])
    assert [line.split()[0] for line in output.getvalue().splitlines()] == ["plan", "land"]


def test_long_stage_tells_how_much_is_left() -> None:
    output = io.StringIO()
    landing = StageState("land", tasks=40, done=10, failed=(), skipped=0, seconds=30.0)
    with Progress(Console(file=output, width=120), seconds_of_silence=0) as progress:
        progress.show([stage("plan", done=True), landing])
    assert "10/40" in output.getvalue()
    assert "about 0:01:30 left" in output.getvalue()


def test_failed_file_whose_name_holds_markup_or_control_characters_is_shown_as_it_stands() -> None:
    output = io.StringIO()
    failed = StageState("land", tasks=1, done=1, failed=("x[/red]\x1b[2J.csv",), skipped=0, seconds=1.0)
    with Progress(Console(file=output, width=120)) as progress:
        progress.show([failed])
    assert r"FAILED: 'x[/red]\x1b[2J.csv'" in output.getvalue()
