"""The committed diagrams are what their source draws, and name every room that the import linter knows."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from local.pages.diagrams import DIAGRAMS, stale_diagrams


def test_committed_diagrams_are_not_stale() -> None:
    assert stale_diagrams() == []


def test_missing_and_edited_diagrams_are_stale(tmp_path: Path) -> None:
    assert stale_diagrams(tmp_path) == list(DIAGRAMS)
    (tmp_path / "docs" / "images").mkdir(parents=True)
    for path, draw in DIAGRAMS.items():
        (tmp_path / path).write_text(draw(), encoding="utf-8")
    (tmp_path / "docs" / "images" / "flow.svg").write_text("<svg/>", encoding="utf-8")
    assert stale_diagrams(tmp_path) == ["docs/images/flow.svg"]


@pytest.mark.parametrize("path", list(DIAGRAMS))
def test_print_stays_inside_the_diagram(path: str) -> None:
    root = ElementTree.fromstring(DIAGRAMS[path]())  # noqa: S314 - our own
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        length = 7 * len(text.text or "")
        style = text.attrib.get("class", "")
        left = x - length if "end" in style else x - length / 2 if "middle" in style else x
        assert left > 0, text.text
        assert left + length < width + 10, text.text
        assert 0 < y < height, text.text
