"""Charts in words, for those who do not see them."""

from __future__ import annotations

from collections.abc import Sequence

from charts.trends import Line, changes_of
from units import Unit, show, show_period


def describe_trend(title: str, lines: Sequence[Line], unit: Unit) -> str:
    """The text alternative of a trend: first and last value of each line, and the changes of definition."""
    parts = []
    for line in lines:
        known = line.frame.dropna(subset=["value"])
        if len(known):
            first, last = known.iloc[0], known.iloc[-1]
            parts.append(
                f"{line.name}: {show(first['value'], unit)} in {show_period(str(first['period']))}, "
                f"{show(last['value'], unit)} in {show_period(str(last['period']))}"
            )
    changes = [f"definition changes in {show_period(period)} ({text})" for period, text in changes_of(lines)]
    return f"Line chart. {title}. " + "; ".join([*parts, *changes]) + "."
