"""Fixtures that more than one test folder uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def cms_files() -> Path:
    """The folder of genuine CMS files beside the repository: absent on a lone checkout, required in CI."""
    return _beside("cms")


@pytest.fixture(scope="session")
def cms_docs() -> Path:
    """The folder with every CMS header by vintage."""
    return _beside("docs")


def _beside(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        reason = f"{folder} is not on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI must have it")
        pytest.skip(reason)
    return folder
