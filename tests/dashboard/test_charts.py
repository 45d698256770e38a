from __future__ import annotations

import json
import re
import tomllib
from itertools import pairwise

import charts
import pandas as pd
import pytest
from charts import Line
from geography import STATE_NAMES, TILES, outline
from units import HPRD, PERCENT

from tests.dashboard.conftest import DASHBOARD

THEME = tomllib.loads((DASHBOARD / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]


def frame(values: list[float | None], definitions: list[str | None] | None = None) -> pd.DataFrame:
    periods = [f"2024-{month:02d}-01" for month in range(1, len(values) + 1)]
    return pd.DataFrame({"period": periods, "value": values, "definition": definitions or [None] * len(values)})


def test_line_is_broken_and_marked_where_the_definition_changes() -> None:
    line = Line("Nation", frame([1.0, 2.0, 3.0, 4.0], ["old", "old", "new", "new"]))
    figure = charts.trend([line], PERCENT)
    assert [len(trace.x) for trace in figure.data] == [2, 2]
    assert charts.changes_of([line]) == [("2024-03-01", "new")]
    assert any("new" in annotation.text for annotation in figure.layout.annotations)
    assert "definition changes in Mar 2024 (new)" in charts.describe_trend("T", [line], PERCENT)


def test_missing_value_leaves_a_gap_and_is_not_zero() -> None:
    (trace,) = charts.trend([Line("x", frame([1.0, None, 3.0]))], HPRD).data
    assert trace.connectgaps is False
    assert 0 not in [value for value in trace.y if value is not None]


def test_lines_differ_without_colour() -> None:
    figure = charts.trend([Line(str(number), frame([1.0, 2.0])) for number in range(5)], HPRD)
    assert len({trace.line.dash for trace in figure.data}) == 5
    assert len({trace.marker.symbol for trace in figure.data}) == 5


def test_small_change_does_not_fill_the_axis() -> None:
    low, high = charts.trend([Line("x", frame([3.76, 3.77]))], HPRD).layout.yaxis.range
    assert high - low >= 0.3


@pytest.mark.parametrize("values", [[], [None], [2.0], [0.0, 0.0]])
def test_trend_of_almost_nothing_draws(values: list[float | None]) -> None:
    charts.trend([Line("x", frame(values))], HPRD)


def test_every_state_and_the_territories_have_a_tile() -> None:
    assert {code for code in STATE_NAMES if code not in ("AS", "MP")} == set(TILES)
    assert len(set(TILES.values())) == len(TILES) == 54
    assert {"PR", "GU", "VI", "DC"} <= set(TILES)
    assert all(outline(code) for code in TILES)


def test_tiles_carry_their_number_and_missing_is_said() -> None:
    rows = pd.DataFrame({"state": ["PR", "CA", "GU"], "value": [6.45, 3.7, None], "facilities": [1, 2, 3]})
    written = [text for trace in charts.tile_map(rows, HPRD).data for text in (trace.text if trace.type == "scatter" else [])]
    assert "<b>PR</b><br>6.45" in written
    assert "<b>GU</b><br>n/a" in written


def test_charts_use_theme_slots_only() -> None:
    """A fixed colour would not follow the theme; half-transparent grey is visible on both."""
    rows = pd.DataFrame({"state": ["PR"], "value": [6.45], "facilities": [1]})
    for figure in (charts.trend([Line("x", frame([1.0]))], HPRD), charts.tile_map(rows, HPRD, "PR"), charts.stars([20.0] * 5)):
        own = json.dumps([trace.to_plotly_json() for trace in figure.data], default=str)
        assert all(re.fullmatch(r"#0000\d\d", colour) for colour in re.findall(r"#[0-9a-fA-F]{6}", own))


def luminance(colour: str) -> float:
    parts = [int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_theme_has_enough_contrast(name: str) -> None:
    theme = THEME[name]
    assert contrast(theme["textColor"], theme["backgroundColor"]) >= 7
    assert all(contrast(colour, theme["backgroundColor"]) >= 3 for colour in theme["chartCategoricalColors"])
    for step, colour in enumerate(theme["chartSequentialColors"]):
        ink = theme["textColor"] if step < 6 else theme["backgroundColor"]
        assert contrast(colour, ink) >= 4.5, (step, colour)
    lights = [luminance(colour) for colour in theme["chartSequentialColors"]]
    assert all(a > b for a, b in pairwise(lights if name == "light" else lights[::-1]))
