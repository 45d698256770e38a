"""The three diagrams of README and docs/architecture.md: `python -m local.pages.diagrams [--check]`.

They are narrow and tall, so that their print can be read on a phone, and their colors follow the reader's light or dark theme.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from include.settings import REPOSITORY

WIDTH, MARGIN = 480, 16
BOX_HEIGHT, TITLE_BASE, LINE_BASE = 50, 21, 39
HOP_HEIGHT = 46

STYLE = """
    text { font: 12.5px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #59636e }
    .name { font-size: 15px; font-weight: 600; fill: #1f2328 }
    .verb { font-size: 13px; font-weight: 600; fill: #1f2328 }
    .status { font-size: 11px; font-weight: 600; fill: var(--key) }
    .middle { text-anchor: middle } .end { text-anchor: end }
    .page { fill: #ffffff } .panel { fill: #f6f8fa; stroke: #d1d9e0 }
    .box { fill: #ffffff; stroke: #d1d9e0 } .edge { fill: var(--key) }
    .line { fill: none; stroke: #59636e; stroke-width: 1.4 } .head { fill: #59636e }
    .back { stroke-dasharray: 5 4 }
    .gray { --key: #59636e } .blue { --key: #0969da } .orange { --key: #bc4c00 } .green { --key: #1a7f37 }
    .purple { --key: #8250df } .red { --key: #cf222e }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 }
      .name, .verb { fill: #f0f6fc }
      .page { fill: #0d1117 } .panel { fill: #151b23; stroke: #3d444d }
      .box { fill: #0d1117; stroke: #3d444d }
      .line { stroke: #9198a1 } .head { fill: #9198a1 }
      .gray { --key: #9198a1 } .blue { --key: #4493f8 } .orange { --key: #f0883e } .green { --key: #3fb950 }
      .purple { --key: #ab7df8 } .red { --key: #f85149 }
    }
"""


@dataclass(frozen=True)
class Place:
    """Where a file's rows rest; `color` says in which system."""

    name: str
    about: str
    color: str


@dataclass(frozen=True)
class Hop:
    """What brings them to the next place; `status` is what the checkpoint says afterwards."""

    verb: str
    about: str
    status: str = ""


FLOW: Sequence[tuple[Place, Hop | None]] = (
    (
        Place("Google Drive folder", "CSV files and zips, as CMS published them", "blue"),
        Hop("land", "md5 in Drive = md5 read = md5 in S3; resumable", "LANDED"),
    ),
    (
        Place("S3: raw files", "exact bytes, under a key that holds their md5", "orange"),
        Hop("certify", "each record certified, or rejected with a reason", "CERTIFIED"),
    ),
    (
        Place("S3: Parquet", "columns by name, cells still text; rejected records beside it", "orange"),
        Hop("copy_to_bronze", "rows and ledger row in one transaction", "LOADED"),
    ),
    (
        Place("Warehouse: bronze", "every file that was loaded, as it was published", "green"),
        Hop("dbt: staging, silver", "strict casts; only what has changed"),
    ),
    (
        Place("Warehouse: silver", "facts by file, dimensions with their history", "green"),
        Hop("dbt: gold, data tests", "checked against CMS's own figures"),
    ),
    (
        Place("Warehouse: gold", "ten KPIs, four questions, one reconciliation row per file", "green"),
        Hop("publish", "one atomic swap, only when every test has passed"),
    ),
    (Place("Dashboard", "Streamlit; sees a whole publication or the one before", "purple"), None),
)

ROOMS = {
    "local.run": "make run, make up, make down, make status",
    "local.pages": "rendered pages, diagrams and pictures",
    "local.emulators": "Drive server and AWS server of this machine",
    "local.download": "make data: CMS's newest files",
    "local.processes": "background processes of a home",
    "local.sample": "sample data of all families",
    "include.on_call": "the on-call verbs and the page “Data landing”",
    "include.alerts": "what needs a person, and who hears of it",
    "include.orchestration": "the steps as Airflow tasks, dbt as Cosmos renders it",
    "include.warehouse": "COPY, dbt runs, publication, rebuild",
    "include.ingest": "from Drive to certified Parquet, checkpoints",
    "include.settings": "the only reader of configuration",
    "include.contracts": "what CMS publishes: one YAML file per family",
}
HOUSES = (("local/ stays on this machine", "local.", "blue"), ("include/ is production", "include.", "green"))
NO_AIRFLOW_FROM = "include.warehouse"


def flow() -> str:
    parts: list[str] = []
    y = MARGIN
    for place, hop in FLOW:
        parts += _place(place, y)
        y += BOX_HEIGHT
        if hop:
            parts += _hop(hop, y)
            y += HOP_HEIGHT
    return _page("From the Drive folder to the dashboard", WIDTH, y + MARGIN, parts)


def _place(place: Place, y: int) -> Iterator[str]:
    yield _box(MARGIN, y, WIDTH - 2 * MARGIN, place.color)
    yield _text(MARGIN + 18, y + TITLE_BASE, place.name, "name")
    yield _text(MARGIN + 18, y + LINE_BASE, place.about)


def _hop(hop: Hop, y: int) -> Iterator[str]:
    x = MARGIN + 30
    yield _arrow([(x, y), (x, y + HOP_HEIGHT)])
    yield _text(x + 16, y + 19, hop.verb, "verb")
    yield _text(x + 16, y + 36, hop.about)
    if hop.status:
        yield _text(WIDTH - MARGIN - 4, y + 19, hop.status, "status blue end")


def rooms() -> str:
    layers = _layers()
    parts = [_text(MARGIN + 2, 24, "A room may import the rooms below it, and no room above.", "verb")]
    parts += _room("dags, plugins", "the one DAG and Airflow's plugin; nothing imports them", 38, "gray")
    y = 100
    for title, prefix, color in HOUSES:
        found = [layer for layer in layers if layer.startswith(prefix)]
        parts += _panel(title, found, y, color)
        y += _panel_height(found) + 12
    parts += _room("dashboard", "deployed alone: reads what is published, imports nothing", y + 2, "purple")
    return _page("Who may know whom", WIDTH, y + BOX_HEIGHT + MARGIN, parts)


def _layers() -> list[str]:
    """The rooms from top to bottom, as the import linter enforces them."""
    configuration = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    layers = configuration["tool"]["importlinter"]["contracts"][0]["layers"]
    return [room.strip() for layer in layers for room in layer.split(":")]


def _panel_height(layers: Sequence[str]) -> int:
    airflow_line = 24 if NO_AIRFLOW_FROM in layers else 0
    return 30 + len(layers) * (BOX_HEIGHT + 6) + airflow_line + 4


def _panel(title: str, layers: Sequence[str], y: int, color: str) -> Iterator[str]:
    yield f'<rect class="panel" x="8" y="{y}" width="{WIDTH - 16}" height="{_panel_height(layers)}" rx="8"/>'
    yield _text(MARGIN + 2, y + 20, title, "verb")
    y += 30
    for layer in layers:
        if layer == NO_AIRFLOW_FROM:
            yield f'<path class="line back" d="M{MARGIN} {y + 6}H{WIDTH - MARGIN}"/>'
            yield _text(WIDTH - MARGIN, y + 20, "no Airflow below this line", "end")
            y += 24
        yield from _room(layer.replace(".", "/"), ROOMS[layer], y, color)
        y += BOX_HEIGHT + 6


def _room(name: str, about: str, y: int, color: str) -> Iterator[str]:
    yield from _place(Place(name, about, color), y)


#: Of a status: left edge, top, width, and what it means.
STATUSES = {
    "DISCOVERED": (158, 22, 124, "blue"),
    "LANDED": (158, 142, 124, "blue"),
    "CERTIFIED": (158, 262, 124, "blue"),
    "LOADED": (158, 382, 124, "green"),
    "UNPACKED": (14, 142, 100, "green"),
    "QUARANTINED": (400, 22, 130, "red"),
}
STATUS_WIDTH, STATUS_HEIGHT = 544, 46
QUARANTINE_HEIGHT = 286


def checkpoint() -> str:
    parts = [part for name in STATUSES for part in _status(name)]
    for y, verb in ((68, "land"), (188, "certify"), (308, "copy_to_bronze")):
        parts += [_arrow([(220, y), (220, y + 74)]), _text(228, y + 40, verb, "verb")]
    parts += [_arrow([(158, 158), (114, 158)]), _text(64, 132, "a zip", "middle")]
    parts += _quarantines()
    parts += _ways_back()
    parts += [_text(14, 462, "Solid: what a run does. Dashed: the ways back.")]
    return _page("The statuses of a checkpoint", STATUS_WIDTH, 478, parts)


def _status(name: str) -> Iterator[str]:
    x, y, width, color = STATUSES[name]
    height = QUARANTINE_HEIGHT if name == "QUARANTINED" else STATUS_HEIGHT
    yield _box(x, y, width, color, height)
    yield _text(x + width // 2 + 2, y + height // 2 + 5, name, "verb middle")


def _quarantines() -> Iterator[str]:
    for y, said in ((36, "same bytes twice"), (156, "bad file"), (276, "held: a part")):
        yield _arrow([(282, y), (400, y)])
        yield _text(341, y - 6, said, "middle")


def _ways_back() -> Iterator[str]:
    for y, said in ((58, "retry"), (178, "accept, new rule")):
        yield _arrow([(400, y), (282, y)], "back")
        yield _text(341, y + 16, said, "middle")
    yield _arrow([(158, 396), (140, 396), (140, 285), (158, 285)], "back")
    yield _text(134, 345, "rebuild", "end")
    yield _arrow([(158, 414), (78, 414), (78, 250), (146, 250), (146, 180), (158, 180)], "back")
    yield _text(70, 300, "new rule", "end")


def _box(x: int, y: int, width: int, color: str, height: int = BOX_HEIGHT) -> str:
    return (
        f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'
        f'<rect class="edge {color}" x="{x}" y="{y}" width="5" height="{height}" rx="2.5"/>'
    )


def _text(x: int, y: int, text: str, style: str = "") -> str:
    styled = f' class="{style}"' if style else ""
    return f'<text{styled} x="{x}" y="{y}">{escape(text)}</text>'


def _arrow(points: Sequence[tuple[int, int]], style: str = "") -> str:
    """Along the points, with its head at the last."""
    (x, y), (to_x, to_y) = points[-2:]
    along = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
    base = to_x - 8 * along[0], to_y - 8 * along[1]
    sides = [(base[0] + side * along[1] * 4, base[1] + side * along[0] * 4) for side in (1, -1)]
    line = "L".join(f"{x} {y}" for x, y in [*points[:-1], base])
    head = " ".join(f"{x},{y}" for x, y in [(to_x, to_y), *sides])
    return f'<path class="line {style}" d="M{line}"/><polygon class="head" points="{head}"/>'


def _page(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
    page = f'<rect class="page" width="{width}" height="{height}" rx="8"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", page, *parts, "</svg>", ""])


DIAGRAMS: dict[str, Callable[[], str]] = {
    "docs/images/flow.svg": flow,
    "docs/images/rooms.svg": rooms,
    "docs/images/checkpoint.svg": checkpoint,
}


def stale_diagrams(root: Path = REPOSITORY) -> list[str]:
    found = {path: root / path for path in DIAGRAMS}
    return [path for path, file in found.items() if not file.exists() or file.read_text("utf-8") != DIAGRAMS[path]()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a diagram is stale; write nothing")
    if not parser.parse_args().check:
        for path, draw in DIAGRAMS.items():
            (REPOSITORY / path).write_text(draw(), encoding="utf-8")
        return 0
    stale = stale_diagrams()
    for path in stale:
        print(f"stale: {path} (run `python -m local.pages.diagrams`)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
