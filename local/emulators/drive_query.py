"""The `q` of files.list: enough of Drive's search grammar for a pipeline, and 400 for all the rest.

query := term (("and" term)* | ("or" term)*)      term := "not" term | "(" query ")" | comparison
Mixing `and` with `or` needs parentheses here: nobody should have to remember which one binds first.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from local.emulators.drive_errors import invalid_value
from local.emulators.drive_folder import ROOT_ALIAS, ROOT_ID, DriveEntry

Predicate = Callable[[DriveEntry], bool]

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<symbol><=|>=|!=|[=<>()])|(?P<word>\w+))", re.DOTALL)
_EQUALITY: dict[str, Callable[[str, str], bool]] = {"=": operator.eq, "!=": operator.ne}
_ORDER: dict[str, Callable[[datetime, datetime], bool]] = {
    "=": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class DriveQuery:
    matches: Predicate
    parent_ids: frozenset[str]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def parse_query(q: str) -> DriveQuery:
    """Raises Drive's own 400 (location `q`) for anything outside the grammar."""
    if not q.strip():
        return DriveQuery(_everything, frozenset())
    parser = _Parser(_tokens(q), q)
    return DriveQuery(parser.whole(), frozenset(parser.parent_ids))


def _tokens(q: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while q[at:].strip():
        match = _TOKEN.match(q, at)
        if match is None or match.lastgroup is None:
            raise invalid_value("q", f"Invalid Value: nothing understandable at position {at} of {q!r}")
        tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], q: str) -> None:
        self._tokens = tokens
        self._at = 0
        self._q = q
        self.parent_ids: set[str] = set()

    def whole(self) -> Predicate:
        predicate = self._query()
        if self._at < len(self._tokens):
            raise self._error()
        return predicate

    def _query(self) -> Predicate:
        terms = [self._term()]
        joint = self._peek().text
        if joint not in ("and", "or"):
            return terms[0]
        while self._peek().text == joint:
            self._next()
            terms.append(self._term())
        combine = all if joint == "and" else any
        return lambda entry: combine(term(entry) for term in terms)

    def _term(self) -> Predicate:
        token = self._next()
        if token.text == "not":
            negated = self._term()
            return lambda entry: not negated(entry)
        if token.text == "(":
            inner = self._query()
            self._expect(")")
            return inner
        return self._in_parents(token) if token.kind == "text" else self._comparison(token)

    def _in_parents(self, token: _Token) -> Predicate:
        self._expect("in")
        self._expect("parents")
        wanted = _unquoted(token.text)
        folder_id = ROOT_ID if wanted == ROOT_ALIAS else wanted
        self.parent_ids.add(folder_id)
        return lambda entry: entry.parent_id == folder_id

    def _comparison(self, field: _Token) -> Predicate:
        symbol, value = self._next().text, self._next()
        if field.text == "trashed" and symbol in _EQUALITY and value.text in ("true", "false"):
            return _trashed((value.text == "true") == (symbol == "="))
        if value.kind == "text" and field.text in ("name", "mimeType"):
            return self._text_comparison(field.text, symbol, _unquoted(value.text))
        if value.kind == "text" and field.text in ("modifiedTime", "createdTime") and symbol in _ORDER:
            return _time_comparison(field.text, symbol, self._time(_unquoted(value.text)))
        raise self._error()

    def _text_comparison(self, field: str, symbol: str, wanted: str) -> Predicate:
        if symbol == "contains":
            return _contains(field, wanted)
        if symbol not in _EQUALITY:
            raise self._error()
        compare = _EQUALITY[symbol]
        return lambda entry: compare(_text_of(entry, field), wanted)

    def _time(self, text: str) -> datetime:
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._error() from error
        return time if time.tzinfo else time.replace(tzinfo=UTC)

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _Token("end", "")

    def _next(self) -> _Token:
        token = self._peek()
        if token.kind == "end":
            raise self._error()
        self._at += 1
        return token

    def _expect(self, text: str) -> None:
        if self._next().text != text:
            raise self._error()

    def _error(self) -> Exception:
        near = self._tokens[max(self._at - 1, 0)].text if self._tokens else ""
        message = f"Invalid Value: the local Drive does not understand {self._q!r} near {near!r}"
        return invalid_value("q", message)


def _everything(_: DriveEntry) -> bool:
    return True


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _trashed(wanted: bool) -> Predicate:
    return lambda entry: entry.trashed == wanted


def _text_of(entry: DriveEntry, field: str) -> str:
    return entry.name if field == "name" else entry.mime_type


def _contains(field: str, wanted: str) -> Predicate:
    # Drive matches prefixes of words only: `name contains 'World'` does not find HelloWorld.
    pattern = re.compile(r"(?<![^\W_])" + re.escape(wanted), re.IGNORECASE)
    return lambda entry: pattern.search(_text_of(entry, field)) is not None


def _time_comparison(field: str, symbol: str, wanted: datetime) -> Predicate:
    compare = _ORDER[symbol]
    return lambda entry: compare(entry.modified if field == "modifiedTime" else entry.created, wanted)
