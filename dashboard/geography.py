"""Where the states are: names, a tile for each on a grid map, and outlines. All of it ships with the dashboard: no map server."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

NATION = "US"

STATE_NAMES: dict[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "GU": "Guam", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan",
    "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
    "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico",
    "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
    "VT": "Vermont", "VA": "Virginia", "VI": "U.S. Virgin Islands", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming", "AS": "American Samoa", "MP": "Northern Mariana Islands",
}  # fmt: skip

# Column and row of each state, row 0 at the top: the tile grid that American newsrooms use, with the territories below.
_GRID = """
AK .. .. .. .. .. .. .. .. .. .. ME
.. .. .. .. .. .. .. .. .. .. VT NH
.. WA ID MT ND MN IL WI MI NY RI MA
.. OR NV WY SD IA IN OH PA NJ CT ..
.. CA UT CO NE MO KY WV VA MD DE ..
.. .. AZ NM KS AR TN NC SC DC .. ..
HI .. .. .. OK LA MS AL GA .. .. ..
GU .. .. .. TX .. .. .. .. FL VI PR
"""

TILES: dict[str, tuple[int, int]] = {
    code: (column, row)
    for row, line in enumerate(_GRID.split("\n")[1:-1])
    for column, code in enumerate(line.split())
    if code != ".."
}
TILE_COLUMNS = 12
TILE_ROWS = 8


def state_name(code: str) -> str:
    """The name of a state; an unknown code stays as it is."""
    return "United States" if code == NATION else STATE_NAMES.get(code, code)


@cache
def _outlines() -> dict[str, list[list[list[float]]]]:
    # U.S. Census Bureau, cartographic boundaries 2017, from us-atlas 3.0.1 (ISC), simplified to about a kilometer.
    path = Path(__file__).parent / "geography" / "state_outlines.json"
    outlines: dict[str, list[list[list[float]]]] = json.loads(path.read_text(encoding="utf-8"))
    return outlines


def outline(code: str) -> list[list[list[float]]]:
    """Rings of longitude and latitude; empty for a place without an outline."""
    return _outlines().get(code, [])
