"""The terminal summary of a run: files, rows, the nation's KPIs, seconds per stage, and what needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.run.headline_kpis import partial_files, read_headlines
from local.run.progress import describe
from local.run.stages import StageState


def print_summary(console: Console, report: Mapping[str, Any], stages: Sequence[StageState], home: Path, log: Path) -> int:
    """Returns the exit code of the run: 0 only when nothing needs a person."""
    if console.is_terminal:  # elsewhere the lines of the progress still stand
        _print_stages(console, stages)
    _print_files(console, report)
    for name in partial_files(home / "published" / "current"):
        console.print(
            escape(f"  partial {name!r}: it has less than half of its neighbors in time, so no figure of it is national"),
            highlight=False,
            soft_wrap=True,
        )
    _print_kpis(console, home)
    problems = report["needs_a_person"]
    for problem in problems:
        console.print(f"[red]✗[/red] {escape(problem)}", highlight=False, soft_wrap=True)
    for cause in report["still_open"]:
        console.print(f"[yellow]![/yellow] still open: {escape(cause)}", highlight=False, soft_wrap=True)
    verdict = "[bold red]RED[/bold red]" if problems else "[bold green]GREEN[/bold green]"
    console.print(
        f"{verdict}  published: {home / 'published' / 'current'}  warehouse: {home / 'warehouse.duckdb'}", soft_wrap=True
    )
    console.print(f"Airflow's log: {log}", soft_wrap=True)
    return 1 if problems else 0


def _print_stages(console: Console, stages: Sequence[StageState]) -> None:
    console.print("\n[bold]Seconds per stage[/bold]")
    for stage in stages:
        console.print(escape(f"  {describe(stage)}"), highlight=False)


def _print_files(console: Console, report: Mapping[str, Any]) -> None:
    loaded = report["loaded"]
    rows, rejected = sum(file["rows_certified"] for file in loaded), sum(file["rows_rejected"] for file in loaded)
    console.print("\n[bold]Files and rows[/bold]")
    console.print(
        f"  {report['landed']} landed, {report['unchanged']} unchanged, {len(report['quarantined'])} quarantined, "
        f"{len(report['ignored'])} ignored; {rows:,} rows into bronze, {rejected:,} rejected",
        highlight=False,
    )
    for item in report["ignored"]:
        console.print(escape(f"  ignored {item['name']!r}: {item['reason']}"), highlight=False, soft_wrap=True)
    for name in report["gone"]:
        console.print(escape(f"  no longer in Drive: {name!r}; its rows stay until `forget`"), highlight=False, soft_wrap=True)
    for change in report["layout_changes"]:
        console.print(escape(f"  layout of {change}"), highlight=False, soft_wrap=True)


def _print_kpis(console: Console, home: Path) -> None:
    headlines = read_headlines(home / "published" / "current")
    if not headlines:
        return
    table = Table(title="The nation in ten KPIs", title_justify="left", title_style="bold", box=None, padding=(0, 2))
    for name in ("KPI", "Period", "Value", "Published in"):
        table.add_column(name, justify="right" if name == "Value" else "left")
    for headline in headlines:
        table.add_row(headline.kpi, headline.period, headline.value, headline.table)
    console.print()
    console.print(table)
    console.print()
