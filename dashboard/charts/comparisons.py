"""Quantities side by side: bars and points."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from charts.axes import axis_format, dates, hover, label_periods
from charts.theme import BACKGROUND, CATEGORY, NEUTRAL, PATTERNS, layout
from plain_text import in_chart
from units import Unit, show


def bars(
    names: Sequence[str], values: Sequence[float], unit: Unit, highlight: str = "", reference: tuple[str, float] | None = None
) -> go.Figure:
    """Horizontal bars, longest on top as given, each with its number at its end."""
    pattern = ["/" if name == highlight else "" for name in names]
    figure = go.Figure(
        go.Bar(
            x=list(values),
            y=[in_chart(name) for name in names],
            orientation="h",
            text=[show(value, unit) for value in values],
            textposition="auto",
            marker={
                "color": [CATEGORY[1] if name == highlight else CATEGORY[0] for name in names],
                "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": BACKGROUND},
            },
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True, tickfont={"size": 12})
    figure.update_xaxes(title=unit.name, rangemode="tozero", automargin=True)
    if reference is not None:
        figure.add_vline(
            x=reference[1],
            line={"color": NEUTRAL, "width": 2, "dash": "dash"},
            annotation_text=reference[0],
            annotation_position="top",
        )
    return layout(figure, 110 + 26 * len(names), showlegend=False)


def stacked_bars(frame: pd.DataFrame, parts: Sequence[tuple[str, str]], unit: Unit, height: int = 340) -> go.Figure:
    """Bars per period, one part on top of the other; each part has its own pattern as well as its own color."""
    figure = go.Figure()
    for position, (column, name) in enumerate(parts):
        figure.add_trace(
            go.Bar(
                x=dates(frame["period"]),
                y=frame[column].tolist(),
                name=name,
                marker={
                    "color": CATEGORY[position % 7],
                    "pattern": {
                        "shape": PATTERNS[position % 8],
                        "fillmode": "overlay",
                        "fgcolor": BACKGROUND,
                        "fgopacity": 0.5,
                        "size": 6,
                    },
                },
                hovertemplate=hover(unit),
            )
        )
    label_periods(figure, [str(period) for period in frame["period"]])
    figure.update_yaxes(title=unit.name, tickformat=axis_format(unit), automargin=True)
    return layout(figure, height, barmode="stack", hovermode="x unified", bargap=0.25)


def stars(shares: Sequence[float]) -> go.Figure:
    """How the overall stars are spread, one bar per star."""
    names = [f"{number} star{'s' if number > 1 else ''}" for number in range(1, 6)]
    figure = go.Figure(
        go.Bar(
            x=names,
            y=list(shares),
            text=[f"{share:.1f}%" for share in shares],
            textposition="outside",
            cliponaxis=False,
            marker={"color": CATEGORY[0]},
            hovertemplate="%{x}: %{text}<extra></extra>",
        )
    )
    figure.update_yaxes(title="percent of rated facilities", rangemode="tozero", automargin=True)
    return layout(figure, 300, showlegend=False)


def scatter(
    frame: pd.DataFrame, x: str, y: str, x_unit: str, y_unit: str, names: Sequence[str], labels: Sequence[str] | None = None
) -> go.Figure:
    """One point per row, the name on hover and, where there is room, beside it."""
    figure = go.Figure(
        go.Scatter(
            x=frame[x].tolist(),
            y=frame[y].tolist(),
            mode="markers+text" if labels else "markers",
            text=[in_chart(label) for label in labels or names],
            textposition="top center",
            textfont={"size": 10},
            customdata=[in_chart(name) for name in names],
            marker={"size": 9, "color": CATEGORY[0], "opacity": 0.75, "line": {"width": 1, "color": NEUTRAL}},
            hovertemplate="<b>%{customdata}</b><br>%{x:,.1f} " + x_unit + "<br>%{y:,.2f} " + y_unit + "<extra></extra>",
        )
    )
    figure.update_xaxes(title=x_unit, automargin=True)
    figure.update_yaxes(title=y_unit, automargin=True)
    return layout(figure, 420, showlegend=False)
