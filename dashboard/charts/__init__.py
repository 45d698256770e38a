"""Every chart of the dashboard, in one visual language.

Colors are Streamlit's theme slots: the browser fills them in from `[theme.light]` or `[theme.dark]`, so a chart follows the
active theme without asking. Nothing depends on color alone: lines differ in dash and marker, tiles carry their number.
"""

from __future__ import annotations

from charts.comparisons import bars, scatter, stacked_bars, stars
from charts.descriptions import describe_trend
from charts.maps import facility_map, tile_map
from charts.theme import CONFIG
from charts.trends import Line, changes_of, lines_of, trend, two_axes

__all__ = [
    "CONFIG",
    "Line",
    "bars",
    "changes_of",
    "describe_trend",
    "facility_map",
    "lines_of",
    "scatter",
    "stacked_bars",
    "stars",
    "tile_map",
    "trend",
    "two_axes",
]
