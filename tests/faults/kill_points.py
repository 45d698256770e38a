"""Which boundaries of a walk are worth a kill."""

from __future__ import annotations

from collections.abc import Sequence

_COUNTED = " ("


def kill_points(passed: Sequence[str]) -> list[str]:
    """Between two calls nothing happens outside, so a kill behind one is a kill before the next: one of the two is enough.

    Of what is done again and again (a file after the other), the first time and the last.
    """
    before = [boundary for boundary in passed if boundary.startswith("before ")]
    last = [passed[-1]] if passed and passed[-1].startswith("after ") else []
    times: dict[str, list[str]] = {}
    for boundary in [*before, *last]:
        times.setdefault(_name(boundary), []).append(boundary)
    chosen = {boundary for same in times.values() for boundary in (same[0], same[-1])}
    return [boundary for boundary in [*before, *last] if boundary in chosen]


def _name(boundary: str) -> str:
    name, counted, number = boundary.rpartition(_COUNTED)
    return name if counted and number.rstrip(")").isdigit() else boundary
