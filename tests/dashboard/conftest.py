"""Published folders of every awkward kind, and a way to run one page of the dashboard on each of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.settings import REPOSITORY
from tests.dashboard.national_gold import SMALL, publish

DASHBOARD = REPOSITORY / "dashboard"
if str(DASHBOARD) not in sys.path:  # it is deployed alone: its modules are imported as it does itself
    sys.path.insert(0, str(DASHBOARD))

SIZES = {
    "full": SMALL,
    "empty": replace(SMALL, facilities=0),
    "one_period": replace(SMALL, quarters=1, vintages=1),
    "one_facility": replace(SMALL, facilities=1),
}
PAGES = tuple(sorted(path.stem for path in (DASHBOARD / "app_pages").glob("*.py")))


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The `current` folder of each kind of publication."""
    root = tmp_path_factory.mktemp("homes")
    return {name: publish(root / name, size) for name, size in SIZES.items()}


@pytest.fixture
def gold_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Points the dashboard at a folder, and forgets what it cached when the test ends."""
    import streamlit as st

    def point(folder: Path) -> None:
        monkeypatch.setenv("GOLD_DIR", str(folder))

    yield point
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def full(homes: dict[str, Path], gold_at: Callable[[Path], None]) -> Path:
    """The dashboard reads a small publication with everything in it."""
    gold_at(homes["full"])
    return homes["full"]
