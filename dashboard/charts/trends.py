"""Quantities over periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from charts.axes import axis_format, dates, hover, label_periods
from charts.theme import CATEGORY, DASHES, MARKERS, NEUTRAL, layout
from plain_text import in_chart
from units import Unit, period_start


@dataclass(frozen=True)
class Line:
    """One line of a trend: a name and rows of period, value and definition."""

    name: str
    frame: pd.DataFrame
    is_reference: bool = False


def lines_of(frame: pd.DataFrame, names: Mapping[str, str]) -> list[Line]:
    """One line for each named column."""
    return [Line(name, frame.assign(value=frame[column])) for column, name in names.items()]


def trend(lines: Sequence[Line], unit: Unit, height: int = 340) -> go.Figure:
    """Lines over periods. A line ends where a definition ends, and a marked rule says what changed."""
    figure = go.Figure()
    for position, line in enumerate(lines):
        _add_line(figure, line, position, unit)
    _mark_changes(figure, lines)
    label_periods(figure, sorted({str(period) for line in lines for period in line.frame["period"]}))
    figure.update_yaxes(title=unit.name, range=_range(lines), zeroline=False, tickformat=axis_format(unit), automargin=True)
    return layout(figure, height, hovermode="x unified", showlegend=len(lines) > 1)


def _range(lines: Sequence[Line]) -> list[float] | None:
    """The axis spans at least a tenth of the level, so that a change in the third digit does not look dramatic."""
    values = pd.concat([line.frame["value"] for line in lines]).dropna().astype(float)
    if len(values) == 0:
        return None
    low, high = float(values.min()), float(values.max())
    room = max(0.08 * (high - low), (0.1 * abs(high) - (high - low)) / 2, 1e-6)
    return [low - room if low < 0 or low - room > 0 else -0.02 * (high + room), high + room]


def _segments(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Runs of one definition: values of two definitions are never joined."""
    keys = frame["definition"].fillna("").astype(str) if "definition" in frame else pd.Series("", index=frame.index)
    return [part for _, part in frame.groupby((keys != keys.shift()).cumsum(), sort=False)]


def _add_line(figure: go.Figure, line: Line, position: int, unit: Unit) -> None:
    color = NEUTRAL if line.is_reference else CATEGORY[position % 7]
    for number, part in enumerate(_segments(line.frame)):
        figure.add_trace(
            go.Scatter(
                x=dates(part["period"]),
                y=part["value"].tolist(),
                name=in_chart(line.name),
                legendgroup=in_chart(line.name),
                showlegend=number == 0,
                mode="lines+markers",
                connectgaps=False,
                line={"color": color, "width": 2 if line.is_reference else 3, "dash": DASHES[position % 6]},
                marker={"color": color, "size": 7 if len(line.frame) <= 24 else 4, "symbol": MARKERS[position % 6]},
                hovertemplate=hover(unit),
            )
        )


def changes_of(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Period and name of each definition that begins within the trend."""
    found: dict[str, str] = {}
    for line in lines:
        for part in _segments(line.frame)[1:]:
            if part["definition"].iloc[0]:
                found[str(part["period"].iloc[0])] = str(part["definition"].iloc[0])
    return sorted(found.items())


def _mark_changes(figure: go.Figure, lines: Sequence[Line]) -> None:
    for period, text in changes_of(lines):
        moment = period_start(period)
        figure.add_shape(
            type="line",
            x0=moment,
            x1=moment,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
        )
        figure.add_annotation(
            x=moment,
            y=0.02,
            yref="paper",
            yanchor="bottom",
            xanchor="right",
            text=f"Definition changes: {text}",
            textangle=-90,
            showarrow=False,
            font={"size": 11},
        )


def two_axes(frame: pd.DataFrame, top: tuple[str, str], bottom: tuple[str, str]) -> go.Figure:
    """Two quantities in two panels over the same periods: with a second axis, crossings of lines would mean nothing."""
    figure = go.Figure()
    for position, (column, name) in enumerate((top, bottom)):
        figure.add_trace(
            go.Scatter(
                x=dates(frame["period"]),
                y=frame[column].tolist(),
                name=name,
                mode="lines+markers",
                yaxis="y" if position == 0 else "y2",
                line={"width": 3, "color": CATEGORY[position], "dash": DASHES[position]},
                marker={"size": 7, "symbol": MARKERS[position], "color": CATEGORY[position]},
                hovertemplate="%{y:,.2f}",
            )
        )
    label_periods(figure, [str(period) for period in frame["period"]])
    return layout(
        figure,
        460,
        hovermode="x unified",
        showlegend=False,
        yaxis={"domain": [0.56, 1], "title": top[1], "automargin": True},
        yaxis2={"domain": [0, 0.44], "title": bottom[1], "automargin": True, "anchor": "x"},
    )
