"""Whoever is on call finds every error and alert in the runbook, under the name that the log and the alert show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.alerts.causes import AlertKind
from include.contracts.errors import BadFileError
from include.ingest import errors
from include.settings import REPOSITORY

RUNBOOK = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8").splitlines()


def bad_file_codes(of: type[BadFileError] = BadFileError) -> Iterator[str]:
    yield of.code
    for kind in of.__subclasses__():
        yield from bad_file_codes(kind)


def other_errors() -> list[str]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    return [kind.__name__ for kind in kinds if not issubclass(kind, BadFileError)]


ALERTS = [*AlertKind, "recovered"]


@pytest.mark.parametrize("name", [*bad_file_codes(), *other_errors(), *ALERTS])
def test_runbook_has_one_section_for_the_error_or_alert(name: str) -> None:
    assert RUNBOOK.count(f"### {name}") == 1


def test_runbook_has_no_section_for_an_error_or_alert_that_is_gone() -> None:
    sections = {line.removeprefix("### ") for line in RUNBOOK if line.startswith("### ")}
    assert sections - {*bad_file_codes(), *other_errors(), *ALERTS} == set()
