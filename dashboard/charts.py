"""Every chart of the dashboard, in one visual language.

Colours are Streamlit's theme slots: the browser fills them in from `[theme.light]` or `[theme.dark]`, so a chart follows the
active theme without asking. Nothing is told by colour alone: lines differ in dash and marker, tiles carry their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

import pandas as pd
import plotly.graph_objects as go
from geography import TILE_COLUMNS, TILE_ROWS, TILES, outline, state_name
from units import Unit, period_start, show, show_period

# Slots that Streamlit's front end replaces with the theme's colours (streamlit/elements/lib/streamlit_plotly_theme.py).
_CATEGORY = tuple(f"#{slot:06d}" for slot in range(1, 11))
_STEPS = 10
_TEXT, _BACKGROUND = "#000037", "#000038"
# Ten flat steps instead of a slide: a number on a tile then stands on a colour whose contrast is known.
_SEQUENCE = [[(step + edge) / _STEPS, f"#{step + 11:06d}"] for step in range(_STEPS) for edge in (0, 1)]
_DARK_FROM_STEP = 6
_NEUTRAL = "rgba(128, 138, 148, 0.75)"
_PALE = "rgba(128, 138, 148, 0.18)"
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_MARKERS = ("circle", "square", "diamond", "triangle-up", "x", "cross")

CONFIG = {"displayModeBar": False, "scrollZoom": False, "responsive": True}


@dataclass(frozen=True)
class Line:
    """One line of a trend: a name and rows of period, value and definition."""

    name: str
    frame: pd.DataFrame
    is_reference: bool = False


def _layout(figure: go.Figure, height: int, **more: object) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 32, "b": 40},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "title": None},
        hoverlabel={"align": "left"},
        dragmode=False,
        **more,
    )
    return figure


def _d3(unit: Unit) -> str:
    return f",.{unit.decimals}f"


# --------------------------------------------------------------------------------------------------------- trends


def trend(lines: Sequence[Line], unit: Unit, height: int = 340) -> go.Figure:
    """Lines over periods. A line ends where a definition ends, and a marked rule says what changed."""
    figure = go.Figure()
    for position, line in enumerate(lines):
        _add_line(figure, line, position, unit)
    _mark_changes(figure, lines)
    _label_periods(figure, sorted({str(period) for line in lines for period in line.frame["period"]}))
    figure.update_yaxes(title=unit.name, range=_range(lines), zeroline=False, tickformat=_axis_format(unit), automargin=True)
    return _layout(figure, height, hovermode="x unified", showlegend=len(lines) > 1)


def _range(lines: Sequence[Line]) -> list[float] | None:
    """At least a tenth of the level, so that a change in the third digit does not look like a fall from a cliff."""
    values = pd.concat([line.frame["value"] for line in lines]).dropna().astype(float)
    if len(values) == 0:
        return None
    low, high = float(values.min()), float(values.max())
    room = max(0.08 * (high - low), (0.1 * abs(high) - (high - low)) / 2, 1e-6)
    return [low - room if low < 0 or low - room > 0 else -0.02 * (high + room), high + room]


def _axis_format(unit: Unit) -> str:
    return "~s" if unit.decimals == 0 else f",.{max(1, unit.decimals)}f"


def _segments(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Runs of one definition: values of two definitions are never joined."""
    keys = frame["definition"].fillna("").astype(str) if "definition" in frame else pd.Series("", index=frame.index)
    return [part for _, part in frame.groupby((keys != keys.shift()).cumsum(), sort=False)]


def _add_line(figure: go.Figure, line: Line, position: int, unit: Unit) -> None:
    colour = _NEUTRAL if line.is_reference else _CATEGORY[position % 7]
    for number, part in enumerate(_segments(line.frame)):
        figure.add_trace(
            go.Scatter(
                x=[period_start(str(period)) for period in part["period"]],
                y=part["value"].tolist(),
                name=line.name,
                legendgroup=line.name,
                showlegend=number == 0,
                mode="lines+markers",
                connectgaps=False,
                line={"color": colour, "width": 2 if line.is_reference else 3, "dash": _DASHES[position % 6]},
                marker={"color": colour, "size": 7 if len(line.frame) <= 24 else 4, "symbol": _MARKERS[position % 6]},
                hovertemplate=f"%{{y:{_d3(unit)}}}{unit.suffix}",
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
        figure.add_shape(
            type="line",
            x0=period_start(period),
            x1=period_start(period),
            y0=0,
            y1=1,
            yref="paper",
            line={"color": _NEUTRAL, "width": 1.5, "dash": "dot"},
        )
        figure.add_annotation(
            x=period_start(period),
            y=0.02,
            yref="paper",
            yanchor="bottom",
            xanchor="right",
            text=f"Definition changes: {text}",
            textangle=-90,
            showarrow=False,
            font={"size": 11},
        )


def _label_periods(figure: go.Figure, periods: Sequence[str]) -> None:
    """At most eight labels, in the words the rest of the page uses."""
    step = max(1, -(-len(periods) // 8))
    shown = list(periods)[::-1][::step][::-1]
    figure.update_xaxes(
        tickvals=[period_start(period) for period in shown],
        ticktext=[show_period(period) for period in shown],
        hoverformat="%b %Y",
        showgrid=False,
        automargin=True,
    )


def stacked_bars(frame: pd.DataFrame, parts: Sequence[tuple[str, str]], unit: Unit, height: int = 340) -> go.Figure:
    """Bars a period, one part on the other; each part has its own pattern as well as its own colour."""
    patterns = ("", "/", ".", "x", "-", "+", "|", "\\")
    figure = go.Figure()
    for position, (column, name) in enumerate(parts):
        figure.add_trace(
            go.Bar(
                x=[period_start(str(period)) for period in frame["period"]],
                y=frame[column].tolist(),
                name=name,
                marker={
                    "color": _CATEGORY[position % 7],
                    "pattern": {
                        "shape": patterns[position % 8],
                        "fillmode": "overlay",
                        "fgcolor": _BACKGROUND,
                        "fgopacity": 0.5,
                        "size": 6,
                    },
                },
                hovertemplate=f"%{{y:{_d3(unit)}}}{unit.suffix}",
            )
        )
    _label_periods(figure, [str(period) for period in frame["period"]])
    figure.update_yaxes(title=unit.name, tickformat=_axis_format(unit), automargin=True)
    return _layout(figure, height, barmode="stack", hovermode="x unified", bargap=0.25)


# ----------------------------------------------------------------------------------------------------------- maps


def tile_map(frame: pd.DataFrame, unit: Unit, highlight: str = "") -> go.Figure:
    """One tile a state, with its number in it: small states weigh as much as large ones, and no map server is needed."""
    values = {str(state): value for state, value in zip(frame["state"], frame["value"], strict=True) if pd.notna(value)}
    counts = dict(zip(frame["state"], frame["facilities"], strict=True))
    figure = go.Figure()
    missing = {code: 0.0 for code in TILES if code not in values}
    low, high = _colour_range(list(values.values()))
    figure.add_trace(_tiles(missing, unit, {}, look={"colorscale": [[0, _PALE], [1, _PALE]], "showscale": False}))
    look = {"colorscale": _SEQUENCE, "zmin": low, "zmax": high, "colorbar": _colour_bar(unit), "showscale": len(values) > 0}
    figure.add_trace(_tiles(values, unit, counts, look=look))
    is_dark = {code: (value - low) / max(high - low, 1e-9) >= _DARK_FROM_STEP / _STEPS for code, value in values.items()}
    figure.add_trace(_tile_text(dict.fromkeys(missing, "n/a"), _TEXT))
    for dark, colour in ((False, _TEXT), (True, _BACKGROUND)):
        figure.add_trace(
            _tile_text({code: _tile_number(value, unit) for code, value in values.items() if is_dark[code] == dark}, colour)
        )
    if highlight in TILES:
        column, row = TILES[highlight]
        figure.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line={"color": _CATEGORY[1], "width": 3}
        )
    figure.update_xaxes(visible=False, range=[-0.55, TILE_COLUMNS - 0.45], fixedrange=True)
    figure.update_yaxes(visible=False, range=[TILE_ROWS - 0.45, -0.55], fixedrange=True)
    return _layout(figure, 460, plot_bgcolor="rgba(0,0,0,0)")


def _colour_range(values: Sequence[float]) -> tuple[float, float]:
    """With many states, the ends of the scale leave out one far-off state at each end; its number still stands on its tile."""
    ordered = sorted(values)
    if not ordered:
        return 0.0, 1.0
    cut = 1 if len(ordered) >= 15 else 0
    low, high = ordered[cut], ordered[-1 - cut]
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _tile_number(value: float, unit: Unit) -> str:
    return f"{value:,.{min(unit.decimals, 2)}f}"


def _tiles(values: dict[str, float], unit: Unit, counts: dict[str, float], look: dict[str, object]) -> go.Heatmap:
    grid: list[list[float | None]] = [[None] * TILE_COLUMNS for _ in range(TILE_ROWS)]
    hover = [[""] * TILE_COLUMNS for _ in range(TILE_ROWS)]
    for code, value in values.items():
        if code not in TILES:
            continue
        column, row = TILES[code]
        grid[row][column] = value
        known = f"{show(value, unit)}, {counts[code]:,.0f} facilities" if code in counts else "no value in this period"
        hover[row][column] = f"{state_name(code)}: {known}"
    return go.Heatmap(
        z=grid, customdata=hover, hovertemplate="%{customdata}<extra></extra>", xgap=3, ygap=3, hoverongaps=False, **look
    )


def _tile_text(words: dict[str, str], colour: str) -> go.Scatter:
    placed = [code for code in words if code in TILES]
    return go.Scatter(
        x=[TILES[code][0] for code in placed],
        y=[TILES[code][1] for code in placed],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
        text=[f"<b>{code}</b><br>{words[code]}" for code in placed],
        textfont={"size": 11, "color": colour},
    )


def _colour_bar(unit: Unit) -> dict[str, object]:
    return {
        "orientation": "h",
        "y": -0.03,
        "yanchor": "top",
        "thickness": 10,
        "len": 0.6,
        "x": 0.5,
        "title": {"text": unit.name, "side": "top"},
    }


def facility_map(frame: pd.DataFrame, unit: Unit, state: str, ringed: str = "") -> go.Figure:
    """Facilities of one state at their place; those without a value are crosses, and one may wear a ring."""
    placed = frame.dropna(subset=["latitude", "longitude"])
    figure = go.Figure()
    for ring in outline(state):
        figure.add_trace(
            go.Scatter(
                x=[point[0] for point in ring],
                y=[point[1] for point in ring],
                mode="lines",
                hoverinfo="skip",
                showlegend=False,
                line={"color": _NEUTRAL, "width": 1},
                fill="toself",
                fillcolor="rgba(128, 138, 148, 0.08)",
            )
        )
    known, unknown = placed[placed["value"].notna()], placed[placed["value"].isna()]
    figure.add_trace(
        _points(unknown, {"symbol": "x-thin", "size": 7, "color": _NEUTRAL, "line": {"width": 1.5, "color": _NEUTRAL}}, unit)
    )
    figure.add_trace(
        _points(
            known,
            {
                "size": 10,
                "color": known["value"].tolist(),
                "colorscale": _SEQUENCE,
                "showscale": len(known) > 0,
                "colorbar": _colour_bar(unit),
                "line": {"width": 1, "color": _NEUTRAL},
            },
            unit,
        )
    )
    ring_look = {"symbol": "circle-open", "size": 20, "color": _CATEGORY[1], "line": {"width": 3, "color": _CATEGORY[1]}}
    figure.add_trace(_points(placed[placed["ccn"] == ringed], ring_look, unit))
    middle = float(placed["latitude"].mean()) if len(placed) else 40.0
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True, scaleanchor="x", scaleratio=1 / max(0.2, cos(radians(middle))))
    return _layout(figure, 480, plot_bgcolor="rgba(0,0,0,0)", showlegend=False)


def _points(frame: pd.DataFrame, marker: dict[str, object], unit: Unit) -> go.Scatter:
    names = [
        f"{row.provider_name}<br>CCN {row.ccn}, {row.city}<br><b>{show(row.value, unit)}</b>"
        for row in frame.itertuples(index=False)
    ]
    return go.Scatter(
        x=frame["longitude"].tolist(),
        y=frame["latitude"].tolist(),
        mode="markers",
        marker=marker,
        text=names,
        hovertemplate="%{text}<extra></extra>",
    )


# ----------------------------------------------------------------------------------------------------- comparisons


def bars(
    names: Sequence[str], values: Sequence[float], unit: Unit, highlight: str = "", reference: tuple[str, float] | None = None
) -> go.Figure:
    """Horizontal bars, longest on top as given, each with its number at its end."""
    pattern = ["/" if name == highlight else "" for name in names]
    figure = go.Figure(
        go.Bar(
            x=list(values),
            y=list(names),
            orientation="h",
            text=[show(value, unit) for value in values],
            textposition="auto",
            marker={
                "color": [_CATEGORY[1] if name == highlight else _CATEGORY[0] for name in names],
                "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": _BACKGROUND},
            },
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True, tickfont={"size": 12})
    figure.update_xaxes(title=unit.name, rangemode="tozero", automargin=True)
    if reference is not None:
        figure.add_vline(
            x=reference[1],
            line={"color": _NEUTRAL, "width": 2, "dash": "dash"},
            annotation_text=reference[0],
            annotation_position="top",
        )
    return _layout(figure, 110 + 26 * len(names), showlegend=False)


def scatter(
    frame: pd.DataFrame, x: str, y: str, x_unit: str, y_unit: str, names: Sequence[str], labels: Sequence[str] | None = None
) -> go.Figure:
    """One point a row, the name on hover and, where there is room, beside it."""
    figure = go.Figure(
        go.Scatter(
            x=frame[x].tolist(),
            y=frame[y].tolist(),
            mode="markers+text" if labels else "markers",
            text=list(labels or names),
            textposition="top center",
            textfont={"size": 10},
            customdata=list(names),
            marker={"size": 9, "color": _CATEGORY[0], "opacity": 0.75, "line": {"width": 1, "color": _NEUTRAL}},
            hovertemplate="<b>%{customdata}</b><br>%{x:,.1f} " + x_unit + "<br>%{y:,.2f} " + y_unit + "<extra></extra>",
        )
    )
    figure.update_xaxes(title=x_unit, automargin=True)
    figure.update_yaxes(title=y_unit, automargin=True)
    return _layout(figure, 420, showlegend=False)


def two_axes(frame: pd.DataFrame, top: tuple[str, str], bottom: tuple[str, str]) -> go.Figure:
    """Two quantities one above the other over the same periods: no second axis that invites false crossings."""
    figure = go.Figure()
    dates = [period_start(str(period)) for period in frame["period"]]
    for position, (column, name) in enumerate((top, bottom)):
        figure.add_trace(
            go.Scatter(
                x=dates,
                y=frame[column].tolist(),
                name=name,
                mode="lines+markers",
                yaxis="y" if position == 0 else "y2",
                line={"width": 3, "color": _CATEGORY[position], "dash": _DASHES[position]},
                marker={"size": 7, "symbol": _MARKERS[position], "color": _CATEGORY[position]},
                hovertemplate="%{y:,.2f}",
            )
        )
    _label_periods(figure, [str(period) for period in frame["period"]])
    return _layout(
        figure,
        460,
        hovermode="x unified",
        showlegend=False,
        yaxis={"domain": [0.56, 1], "title": top[1], "automargin": True},
        yaxis2={"domain": [0, 0.44], "title": bottom[1], "automargin": True, "anchor": "x"},
    )


def stars(shares: Sequence[float]) -> go.Figure:
    """How the overall stars are spread, one bar a star."""
    names = [f"{number} star{'s' if number > 1 else ''}" for number in range(1, 6)]
    figure = go.Figure(
        go.Bar(
            x=names,
            y=list(shares),
            text=[f"{share:.1f}%" for share in shares],
            textposition="outside",
            cliponaxis=False,
            marker={"color": _CATEGORY[0]},
            hovertemplate="%{x}: %{text}<extra></extra>",
        )
    )
    figure.update_yaxes(title="percent of rated facilities", rangemode="tozero", automargin=True)
    return _layout(figure, 300, showlegend=False)


def describe_trend(title: str, lines: Sequence[Line], unit: Unit) -> str:
    """The text alternative of a trend: first and last value of each line, and the changes of definition."""
    parts = []
    for line in lines:
        known = line.frame.dropna(subset=["value"])
        if len(known):
            first, last = known.iloc[0], known.iloc[-1]
            parts.append(
                f"{line.name}: {show(first['value'], unit)} in {show_period(str(first['period']))}, "
                f"{show(last['value'], unit)} in {show_period(str(last['period']))}"
            )
    changes = [f"definition changes in {show_period(period)} ({text})" for period, text in changes_of(lines)]
    return f"Line chart. {title}. " + "; ".join([*parts, *changes]) + "."
