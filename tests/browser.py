"""Debian's Chromium for the tests of pages, and axe, which reports what a screen reader or poor sight would miss."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.prerequisites import missing


@contextmanager
def running_chromium() -> Iterator[Any]:
    """One for all tests, as Playwright runs once at a time in a process. Without Chromium they are skipped; in CI they fail."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        missing("Chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def serious_violations(page: Any) -> list[str]:
    """What axe calls serious or critical on the page as it is now, with the element and the remedy."""
    found = find_spec("axe_playwright_python")
    assert found
    assert found.origin
    page.evaluate((Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
