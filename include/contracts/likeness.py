"""Which unknown column of a file may be a missing one under a new name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from include.contracts.contract import Column

_ALIKE = 0.6  # of two names' characters, in order


def likely_renames(missing: Iterable[Column], unknown: Iterable[str]) -> Mapping[Column, str]:
    """For each missing column the unknown name that is most like one of its own, where one is alike; each name once."""
    names = list(unknown)
    pairs = [(_likeness(column.headers, name), column, name) for column in missing for name in names]
    found: dict[Column, str] = {}
    for likeness, column, name in sorted(pairs, key=lambda pair: pair[0], reverse=True):
        if likeness >= _ALIKE and column not in found and name not in found.values():
            found[column] = name
    return found


def formerly_with(renames: Mapping[Column, str]) -> dict[str, tuple[str, ...]]:
    """By header of a renamed column the whole `formerly` that its line is to have."""
    return {column.header: (*column.formerly, name) for column, name in renames.items()}


def _likeness(headers: Sequence[str], name: str) -> float:
    return max(_ratio(*pair) for header in headers for pair in ((header, name), (_sorted_words(header), _sorted_words(name))))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def _sorted_words(header: str) -> str:
    """`Amount of Fine` and `Fine Amount` are alike."""
    return " ".join(sorted(header.lower().split()))
