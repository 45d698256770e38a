"""Colours, dashes and markers, and the frame that every chart stands in."""

from __future__ import annotations

import plotly.graph_objects as go

# Slots that Streamlit's front end replaces with the theme's colours (streamlit/elements/lib/streamlit_plotly_theme.py).
CATEGORY = tuple(f"#{slot:06d}" for slot in range(1, 11))
STEPS = 10
TEXT, BACKGROUND = "#000037", "#000038"
# Ten flat steps instead of a slide: a number on a tile then stands on a colour whose contrast is known.
SEQUENCE = [[(step + edge) / STEPS, f"#{step + 11:06d}"] for step in range(STEPS) for edge in (0, 1)]
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
