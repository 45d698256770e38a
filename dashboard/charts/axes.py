"""How periods and quantities are written along a chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import plotly.graph_objects as go

from units import Unit, period_start, show_period


def label_periods(figure: go.Figure, periods: Sequence[str]) -> None:
    """At most eight labels, in the words the rest of the page uses."""
    step = max(1, -(-len(periods) // 8))
    shown = list(periods)[::-1][::step][::-1]
    figure.update_xaxes(
        tickvals=dates(shown),
        ticktext=[show_period(period) for period in shown],
        hoverformat="%b %Y",
        showgrid=False,
        automargin=True,
    )


def dates(periods: Iterable[object]) -> list[date]:
    """The first day of each period, which is where it stands on the axis."""
    return [period_start(str(period)) for period in periods]


def hover(unit: Unit) -> str:
    """A value under the pointer, with the digits and the suffix of its unit."""
    return f"%{{y:,.{unit.decimals}f}}{unit.suffix}"


def axis_format(unit: Unit) -> str:
    """Whole quantities as 10M, others with at least one decimal."""
    return "~s" if unit.decimals == 0 else f",.{max(1, unit.decimals)}f"
