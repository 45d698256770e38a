"""Colors, dashes and markers, and the frame that every chart stands in."""

from __future__ import annotations

import plotly.graph_objects as go
import plotly.io
import streamlit  # noqa: F401 - registers its template with Plotly

# Streamlit's template names the colors of its theme by placeholders; the browser fills in the light or the dark ones.
_TEMPLATE = plotly.io.templates["streamlit"]
CATEGORY: tuple[str, ...] = _TEMPLATE.layout.colorway
TEXT, BACKGROUND = _TEMPLATE.data.table[0].cells.font.color, _TEMPLATE.data.table[0].cells.fill.color
_STEP_COLORS = [color for _, color in _TEMPLATE.layout.colorscale.sequential]
STEPS = len(_STEP_COLORS)
# Ten flat steps instead of a gradient, so that the contrast of a number on a tile is known.
SEQUENCE = [[(step + edge) / STEPS, color] for step, color in enumerate(_STEP_COLORS) for edge in (0, 1)]
DARK_FROM_STEP = 6
NEUTRAL = "rgba(128, 138, 148, 0.75)"
PALE = "rgba(128, 138, 148, 0.18)"
FAINT = "rgba(128, 138, 148, 0.08)"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKERS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
PATTERNS = ("", "/", ".", "x", "-", "+", "|", "\\")
CONFIG = {"displayModeBar": False, "scrollZoom": False, "responsive": True}


def layout(figure: go.Figure, height: int, **more: object) -> go.Figure:
    """The figure with the frame that all charts share."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 32, "b": 40},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "title": None},
        hoverlabel={"align": "left"},
        dragmode=False,
        **more,
    )
    return figure
