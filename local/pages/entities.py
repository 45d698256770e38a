"""How the tables of silver and gold belong together, as one picture: `python -m local.pages.entities [--check]`.

On top the tables whose keys others hold, below them silver and gold, each in two columns with a channel between them. A key has a
color: from its table it runs along a bus into both channels, and from there into every table that holds it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias
from xml.sax.saxutils import escape

from local.pages.command import run
from local.pages.tables import Table

BOX, CHANNEL, GAP, MARGIN = 292, 92, 12, 24
TITLE, LINE, PADDING = 17, 13, 5  # a box and GAP are whole lines, so that no two keys meet in a channel
LETTER = 6  # the width of one in small print, at most
HEADING = 34  # the room above boxes where their layer is named
MOST_NAMED = 4
BUS, TRUNK = 12, 16  # from one line of a bus, or of a channel, to the next
COLORS = ("blue", "purple", "green", "orange", "red", "teal")

STYLE = """
    text { font: 10.5px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #59636e }
    .name { font-size: 11px; font-weight: 600; fill: #1f2328 }
    .layer { font-size: 17px; font-weight: 600; fill: #1f2328 }
    .page { fill: #ffffff }
    .box { fill: #f6f8fa; stroke: #d1d9e0 }
    .blue { --key: #0969da } .purple { --key: #8250df } .green { --key: #1a7f37 }
    .orange { --key: #bc4c00 } .red { --key: #cf222e } .teal { --key: #1b7c83 }
    .key { fill: none; stroke: var(--key); stroke-width: 1.3 }
    .held { fill: var(--key) }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 }
      .name, .layer { fill: #f0f6fc }
      .page { fill: #0d1117 }
      .box { fill: #151b23; stroke: #3d444d }
      .blue { --key: #4493f8 } .purple { --key: #ab7df8 } .green { --key: #3fb950 }
      .orange { --key: #f0883e } .red { --key: #f85149 } .teal { --key: #39c5cf }
    }
"""


@dataclass(frozen=True)
class Box:
    """A table at its place. `keys`: the lines that hold the key of another table, from the top of the box."""

    table: Table
    x: int
    y: int
    width: int = BOX

    @cached_property
    def print(self) -> list[str]:
        key = ", ".join(self.table.key) or "none"
        texts = [f"{len(self.table.columns)} columns, key: {key}"]
        texts += [f"from {_named(self.table.made_of)}"] if self.table.layer == "gold" else []
        return [line for text in texts for line in textwrap.wrap(text, (self.width - 20) // LETTER)]

    @property
    def held(self) -> list[tuple[str, str]]:
        return sorted(self.table.references.items())

    @property
    def height(self) -> int:
        return TITLE + LINE * (len(self.print) + len(self.held)) + 2 * PADDING

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def line(self, number: int) -> int:
        """The base of a line of small print."""
        return self.y + PADDING + TITLE + LINE * number + 8

    def center_of(self, referred: str) -> int:
        """Where the line of a key enters."""
        at = [table for _, table in self.held].index(referred)
        return self.line(len(self.print) + at) - 4


#: Boxes on the left and on the right of a channel.
Columns: TypeAlias = tuple[list[Box], list[Box]]


def _named(tables: Sequence[str]) -> str:
    return ", ".join(tables) if len(tables) <= MOST_NAMED else f"{len(tables)} tables"


@dataclass(frozen=True)
class Diagram:
    tables: Sequence[Table]

    @cached_property
    def owners(self) -> list[str]:
        """The tables whose keys others hold."""
        return sorted({owner for table in self.tables for owner in table.references.values()})

    @cached_property
    def shared(self) -> list[Box]:
        """The band on top: dimensions, and the seeds that others refer to."""
        found = [table for table in self.tables if table.layer == "dimensions" or table.name in self.owners]
        step = (self.width - 2 * MARGIN + GAP) // len(found)
        return [Box(table, MARGIN + at * step, MARGIN + 26, step - GAP) for at, table in enumerate(found)]

    @cached_property
    def facts(self) -> Columns:
        return self._columns([table for table in self.tables if table.layer == "facts"], MARGIN, self.body)

    @cached_property
    def seeds(self) -> Columns:
        """The seeds that stand alone, below the facts."""
        found = [table for table in self.tables if table.layer == "seeds" and table.name not in self.owners]
        return self._columns(found, MARGIN, _end(self.facts) + HEADING + GAP)

    @cached_property
    def gold(self) -> Columns:
        found = [table for table in self.tables if table.layer == "gold"]
        return self._columns(found, MARGIN + 2 * BOX + CHANNEL + 2 * GAP, self.body)

    def _columns(self, tables: Sequence[Table], x: int, top: int) -> Columns:
        """Two columns of boxes, about equally high, in order of name."""
        total = sum(Box(table, 0, 0).height + GAP for table in tables)
        left: list[Box] = []
        right: list[Box] = []
        half_a_line = LINE // 2
        for table in tables:
            is_left = not right and _bottom(left, top) - top < total // 2
            column, side = (left, x) if is_left else (right, x + BOX + CHANNEL)
            column.append(Box(table, side, _bottom(column, top if is_left else top + half_a_line)))
        return left, right

    @property
    def width(self) -> int:
        return 2 * MARGIN + 4 * BOX + 2 * CHANNEL + 2 * GAP

    @property
    def bus(self) -> int:
        return max(box.bottom for box in self.shared) + 20

    @property
    def body(self) -> int:
        return self.bus + BUS * len(self.owners) + HEADING

    @property
    def height(self) -> int:
        return max(_end(self.seeds), _end(self.gold)) + 2 * MARGIN

    def color(self, owner: str) -> str:
        return COLORS[self.owners.index(owner) % len(COLORS)]

    def bus_of(self, owner: str) -> int:
        return self.bus + BUS * self.owners.index(owner)

    def trunk_of(self, owner: str, columns: Columns) -> int:
        """Where the key runs down between two columns."""
        middle = (columns[0][0].x + BOX + columns[1][0].x) // 2
        return middle + round(TRUNK * (self.owners.index(owner) - (len(self.owners) - 1) / 2))


def _bottom(column: Sequence[Box], top: int) -> int:
    return column[-1].bottom + GAP if column else top


def _end(columns: Columns) -> int:
    return max(box.bottom for box in _both(columns))


def render(tables: Sequence[Table]) -> str:
    diagram = Diagram(tables)
    size = f"{diagram.width} {diagram.height}"
    parts = [*_keys(diagram), *_boxes(diagram), *_titles(diagram)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="Tables of silver and gold">',
            "  <!-- Rendered from the dbt project by `python -m local.pages`; do not edit by hand. -->",
            f"  <style>{STYLE}  </style>",
            f'  <rect class="page" width="{diagram.width}" height="{diagram.height}" rx="8"/>',
            *(f"  {part}" for part in parts),
            "</svg>\n",
        ]
    )


def _titles(diagram: Diagram) -> Iterator[str]:
    yield _text("layer", MARGIN, MARGIN + 12, "Silver: dimensions and the seeds that others refer to")
    for title, columns in {"Silver: facts": diagram.facts, "Silver: other seeds": diagram.seeds, "Gold": diagram.gold}.items():
        yield _text("layer", columns[0][0].x, columns[0][0].y - GAP, title)
    note = "A line leads from a column that holds a key to the table that the key belongs to. All columns: data_dictionary.md"
    yield _text("note", MARGIN, diagram.height - MARGIN + 4, note)


def _boxes(diagram: Diagram) -> Iterator[str]:
    for box in (*diagram.shared, *_both(diagram.facts), *_both(diagram.seeds), *_both(diagram.gold)):
        yield f'<rect class="box" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>'
        yield _text("name", box.x + 10, box.y + PADDING + 11, box.table.name)
        for number, line in enumerate(box.print):
            yield _text("print", box.x + 10, box.line(number), line)
        for number, (column, owner) in enumerate(box.held, start=len(box.print)):
            yield _text(f"held {diagram.color(owner)}", box.x + 10, box.line(number), f"{column} → {owner}")


def _keys(diagram: Diagram) -> Iterator[str]:
    for owner in diagram.owners:
        color = diagram.color(owner)
        yield _path(color, _bus(diagram, owner))
        for columns in (diagram.facts, diagram.gold):
            yield from _channel(diagram, owner, columns)


def _bus(diagram: Diagram, owner: str) -> str:
    """From the table of the key, and from the tables beside it that hold it, into both channels."""
    y = diagram.bus_of(owner)
    ends = [diagram.trunk_of(owner, columns) for columns in (diagram.facts, diagram.gold)]
    steps = []
    for box in diagram.shared:
        if box.table.name == owner or owner in box.table.references.values():
            x = box.x + 40 + 24 * diagram.owners.index(owner)
            ends.append(x)
            steps.append(f"M{x} {box.bottom}V{y}" + ("" if box.table.name == owner else _foot(x, box.bottom)))
    return f"M{min(ends)} {y}H{max(ends)}" + "".join(steps)


def _channel(diagram: Diagram, owner: str, columns: Columns) -> Iterator[str]:
    """Down the channel, and into each box that holds the key."""
    trunk, color = diagram.trunk_of(owner, columns), diagram.color(owner)
    holding = [box for box in _both(columns) if owner in box.table.references.values()]
    if not holding:
        return
    yield _path(color, f"M{trunk} {diagram.bus_of(owner)}V{max(box.center_of(owner) for box in holding)}")
    for box in holding:
        y = box.center_of(owner)
        edge, step = (box.x + BOX, 8) if box.x < trunk else (box.x, -8)
        yield _path(color, f"M{trunk} {y}H{edge}M{edge + step} {y}L{edge} {y - 4}M{edge + step} {y}L{edge} {y + 4}")
        yield f'<circle class="held {color}" cx="{trunk}" cy="{y}" r="2.2"/>'


def _foot(x: int, y: int) -> str:
    """Many rows of the box above hold the key."""
    return f"M{x} {y + 8}L{x - 4} {y}M{x} {y + 8}L{x + 4} {y}"


def _both(columns: Columns) -> Iterable[Box]:
    return (*columns[0], *columns[1])


def _path(color: str, steps: str) -> str:
    return f'<path class="key {color}" d="{steps}"/>'


def _text(kind: str, x: int, y: int, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'


PAGES = {"docs/entities.svg": render}

if __name__ == "__main__":
    raise SystemExit(run(PAGES))
