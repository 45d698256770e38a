"""Quantities where they are: a tile for each state, a point for each facility."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians

import pandas as pd
import plotly.graph_objects as go

from charts.theme import BACKGROUND, CATEGORY, DARK_FROM_STEP, FAINT, NEUTRAL, PALE, SEQUENCE, STEPS, TEXT, layout
from geography import TILE_COLUMNS, TILE_ROWS, TILES, outline, state_name
from plain_text import in_chart
from units import Unit, show


def tile_map(frame: pd.DataFrame, unit: Unit, highlight: str = "") -> go.Figure:
    """One tile per state, with its number in it: small states weigh as much as large ones, and no map server is needed."""
    values = {str(state): value for state, value in zip(frame["state"], frame["value"], strict=True) if pd.notna(value)}
    counts = dict(zip(frame["state"], frame["facilities"], strict=True))
    figure = go.Figure()
    missing = {code: 0.0 for code in TILES if code not in values}
    low, high = _color_range(list(values.values()))
    figure.add_trace(_tiles(missing, unit, {}, look={"colorscale": [[0, PALE], [1, PALE]], "showscale": False}))
    look = {"colorscale": SEQUENCE, "zmin": low, "zmax": high, "colorbar": _color_bar(unit), "showscale": len(values) > 0}
    figure.add_trace(_tiles(values, unit, counts, look=look))
    is_dark = {code: (value - low) / max(high - low, 1e-9) >= DARK_FROM_STEP / STEPS for code, value in values.items()}
    figure.add_trace(_tile_text(dict.fromkeys(missing, "n/a"), TEXT))
    for dark, color in ((False, TEXT), (True, BACKGROUND)):
        figure.add_trace(
            _tile_text({code: _tile_number(value, unit) for code, value in values.items() if is_dark[code] == dark}, color)
        )
    if highlight in TILES:
        column, row = TILES[highlight]
        figure.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line={"color": CATEGORY[1], "width": 3}
        )
    figure.update_xaxes(visible=False, range=[-0.55, TILE_COLUMNS - 0.45], fixedrange=True)
    figure.update_yaxes(visible=False, range=[TILE_ROWS - 0.45, -0.55], fixedrange=True)
    return layout(figure, 460, plot_bgcolor="rgba(0,0,0,0)")


def _color_range(values: Sequence[float]) -> tuple[float, float]:
    """With many states, the color scale ignores one extreme state at each end; its tile still shows its number."""
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


def _tile_text(words: dict[str, str], color: str) -> go.Scatter:
    placed = [code for code in words if code in TILES]
    return go.Scatter(
        x=[TILES[code][0] for code in placed],
        y=[TILES[code][1] for code in placed],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
        text=[f"<b>{code}</b><br>{words[code]}" for code in placed],
        textfont={"size": 11, "color": color},
    )


def facility_map(frame: pd.DataFrame, unit: Unit, state: str, ringed: str = "") -> go.Figure:
    """Facilities of one state at their place; those without a value are crosses, and one may have a ring."""
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
                line={"color": NEUTRAL, "width": 1},
                fill="toself",
                fillcolor=FAINT,
            )
        )
    known, unknown = placed[placed["value"].notna()], placed[placed["value"].isna()]
    figure.add_trace(
        _points(unknown, {"symbol": "x-thin", "size": 7, "color": NEUTRAL, "line": {"width": 1.5, "color": NEUTRAL}}, unit)
    )
    figure.add_trace(
        _points(
            known,
            {
                "size": 10,
                "color": known["value"].tolist(),
                "colorscale": SEQUENCE,
                "showscale": len(known) > 0,
                "colorbar": _color_bar(unit),
                "line": {"width": 1, "color": NEUTRAL},
            },
            unit,
        )
    )
    ring_look = {"symbol": "circle-open", "size": 20, "color": CATEGORY[1], "line": {"width": 3, "color": CATEGORY[1]}}
    figure.add_trace(_points(placed[placed["ccn"] == ringed], ring_look, unit))
    middle = float(placed["latitude"].mean()) if len(placed) else 40.0
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True, scaleanchor="x", scaleratio=1 / max(0.2, cos(radians(middle))))
    return layout(figure, 480, plot_bgcolor="rgba(0,0,0,0)", showlegend=False)


def _points(frame: pd.DataFrame, marker: dict[str, object], unit: Unit) -> go.Scatter:
    names = [
        f"{in_chart(row.provider_name)}<br>CCN {row.ccn}, {in_chart(row.city)}<br><b>{show(row.value, unit)}</b>"
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


def _color_bar(unit: Unit) -> dict[str, object]:
    return {
        "orientation": "h",
        "y": -0.03,
        "yanchor": "top",
        "thickness": 10,
        "len": 0.6,
        "x": 0.5,
        "title": {"text": unit.name, "side": "top"},
    }
