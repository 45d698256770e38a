"""A facility's name is a text on every screen: no link, no image, no tag, whatever CMS's file holds."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import charts
import duckdb
import pandas as pd
import pytest
from charts import Line
from plain_text import in_chart, in_markdown
from streamlit.testing.v1 import AppTest
from units import PERCENT

from tests.dashboard.test_pages import open_page, words_of

NAME = (
    "![x](https://evil.example/pixel) [CMS](https://evil.example) <img src=x onerror=alert(1)> "
    '<a href="javascript:x">a</a> *Q_B* $x$'
)
MARKUP = re.compile(r"!\[x|(?<!\\)(?:\[CMS\]|<img|<a |\*Q|\$x)")


def test_markdown_of_a_name_is_shown_as_it_stands() -> None:
    assert in_markdown("[a](b) *c* `d` <e> $f$ \\ ~g~ _h_") == r"\[a\](b) \*c\* \`d\` \<e> \$f\$ \\ \~g\~ \_h\_"
    assert in_markdown("ST. MARY'S CARE & REHAB (NORTH), #2: 1-A") == "ST. MARY'S CARE & REHAB (NORTH), #2: 1-A"


def test_address_in_a_name_is_no_link() -> None:
    shown = in_markdown("www.evil.example Https://evil.example me@evil.example")
    assert re.findall(r"(?i)www\.|https?:/|@\w", shown) == []
    assert shown.replace("\u2060", "") == "www.evil.example Https://evil.example me@evil.example"


def test_markup_is_found_where_it_is_not_escaped() -> None:
    assert MARKUP.findall(NAME) == ["![x", "[CMS]", "<img", "<a ", "*Q", "$x"]
    assert MARKUP.findall(in_markdown(NAME)) == []


def test_tags_of_a_name_are_shown_as_they_stand() -> None:
    assert in_chart("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"


def figures() -> dict[str, str]:
    """Each chart that shows names, as the browser gets it."""
    points = pd.DataFrame(
        {"provider_name": [NAME], "ccn": ["015009"], "city": [NAME], "value": [1.0], "latitude": [33.0], "longitude": [-86.0]}
    )
    line = pd.DataFrame({"period": ["2024-01-01"], "value": [1.0]})
    made = {
        "map": charts.facility_map(points, PERCENT, "AL", "015009"),
        "bars": charts.bars([NAME], [1.0], PERCENT, NAME),
        "scatter": charts.scatter(points, "latitude", "longitude", "x", "y", [NAME]),
        "labelled scatter": charts.scatter(points, "latitude", "longitude", "x", "y", ["Alabama"], [NAME]),
        "trend": charts.trend([Line(NAME, line)], PERCENT),
    }
    return {name: json.dumps([trace.to_plotly_json() for trace in figure.data], default=str) for name, figure in made.items()}


@pytest.mark.parametrize("chart", ["map", "bars", "scatter", "labelled scatter", "trend"])
def test_no_name_brings_a_tag_into_a_chart(chart: str) -> None:
    figure = figures()[chart]
    assert "&lt;img src=x onerror=alert(1)&gt;" in figure
    assert "<img" not in figure
    assert "<a " not in figure


@pytest.fixture
def publish_with(homes: dict[str, Path], gold_at: Callable[[Path], None], tmp_path: Path) -> Callable[[str], str]:
    """Publishes gold in which every text that CMS's files bring about a facility is this one; gives a CCN of it."""

    def publish(text: str) -> str:
        current = tmp_path / "published" / "versions" / "v"
        shutil.copytree(homes["full"], current)
        with duckdb.connect() as connection:
            for path in current.glob("*.parquet"):
                found = connection.execute(f"describe select * from read_parquet('{path}')").fetchall()
                names = {"provider_name", "legal_business_name", "chain_name", "provider_address", "city", "county_name"}
                if replaced := [f"? as {name}" for name, *_ in found if name in names]:
                    changed = f"select * replace ({', '.join(replaced)}) from read_parquet('{path}')"
                    connection.execute(f"create or replace table changed as {changed}", [text] * len(replaced))
                    connection.execute(f"copy changed to '{path}' (format parquet)")
            ((ccn,),) = connection.execute(f"select min(ccn) from read_parquet('{current}/facilities.parquet')").fetchall()
        gold_at(current)
        return str(ccn)

    return publish


@pytest.fixture
def hostile(publish_with: Callable[[str], str]) -> str:
    return publish_with(NAME)


def labels(app: AppTest) -> str:
    """What stands on buttons that read Markdown."""
    return "\n".join(option for group in app.button_group for option in map(str, group.options))


def test_no_name_brings_markup_onto_the_facility_page(hostile: str) -> None:
    app = open_page("facility", ccn=hostile)
    assert in_markdown(NAME) in words_of(app)
    assert MARKUP.findall(words_of(app)) == []


@pytest.mark.parametrize("page", ["compare", "overview", "readmissions", "incidents", "hprd"])
def test_no_name_brings_markup_onto_a_page(hostile: str, page: str) -> None:
    more = {"compare": {"ids": hostile}}.get(page, {"state": "AL", "county": NAME})
    app = open_page(page, **more)
    assert MARKUP.findall(words_of(app) + labels(app)) == []


def test_no_table_on_the_screen_holds_a_formula(publish_with: Callable[[str], str]) -> None:
    """Its own toolbar saves it as CSV in the browser, past the downloads of ours."""
    publish_with("=1+1")
    app = open_page("hprd", state="AL")
    names = {name for table in app.dataframe if "provider_name" in table.value for name in table.value["provider_name"]}
    assert names == {"'=1+1"}
