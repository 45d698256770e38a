"""Whoever is on call finds every error and alert in the runbook, under the name that the log and the alert show."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from include.alerts.causes import AlertKind
from include.contracts.errors import BadFileError, PipelineError
from include.settings import REPOSITORY

ROOMS = ("contracts", "ingest", "warehouse", "orchestration", "alerts", "on_call")
RUNBOOK = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8").splitlines()


def bad_file_codes(of: type[BadFileError] = BadFileError) -> Iterator[str]:
    yield of.code
    for kind in of.__subclasses__():
        yield from bad_file_codes(kind)


def other_errors() -> list[str]:
    classes = [
        kind for room in ROOMS for kind in vars(import_module(f"include.{room}.errors")).values() if isinstance(kind, type)
    ]
    errors = {kind for kind in classes if issubclass(kind, PipelineError) and kind is not PipelineError}
    return sorted(kind.__name__ for kind in errors if not issubclass(kind, BadFileError))


ALERTS = [*AlertKind, "recovered"]


@pytest.mark.parametrize("name", [*bad_file_codes(), *other_errors(), *ALERTS])
def test_runbook_has_one_section_for_the_error_or_alert(name: str) -> None:
    assert RUNBOOK.count(f"### {name}") == 1


def test_runbook_has_no_section_for_an_error_or_alert_that_is_gone() -> None:
    sections = {line.removeprefix("### ") for line in RUNBOOK if line.startswith("### ")}
    assert sections - {*bad_file_codes(), *other_errors(), *ALERTS} == set()
