"""What some tests need and not every machine has: genuine CMS files, PostgreSQL, Chromium.

Without it a test is skipped and says so; under CI it fails. A CI that cannot have the genuine files, which are not in git,
says `GENUINE_FILES=absent`: then the summary at the end names the tests that were skipped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest

SHARED = Path(__file__).parents[2] / "shared"
_ABSENT = "CMS's genuine files are not on this machine"


def missing(reason: str, may_be_absent: bool = False) -> NoReturn:
    if os.environ.get("CI") == "true" and not may_be_absent:
        pytest.fail(f"{reason}, and CI must have it")
    pytest.skip(reason)


def genuine_files(name: str = "") -> Path:
    """The folder beside the repository, or one in it: absent on a lone checkout."""
    folder = SHARED / name
    if not folder.is_dir():
        missing(f"{_ABSENT}: {folder}", may_be_absent=os.environ.get("GENUINE_FILES") == "absent")
    return folder


def untested_without_genuine_files(skipped: Iterable[pytest.TestReport]) -> str | None:
    """One line for the end of a run; GitHub shows it on the page of the run."""
    files = Counter(report.nodeid.split("::")[0] for report in skipped if _ABSENT in str(report.longrepr))
    if not files:
        return None
    prefix = "::warning title=Not tested::" if os.environ.get("GITHUB_ACTIONS") == "true" else "Not tested: "
    tests = ", ".join(f"{name} ({count})" for name, count in sorted(files.items()))
    return f"{prefix}{sum(files.values())} tests need CMS's genuine files: {tests}"
