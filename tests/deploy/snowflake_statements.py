"""deploy/snowflake.sql as a list of statements, and its grants as triples."""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.settings import REPOSITORY

_GRANT = re.compile(r"grant (?P<privilege>.+?) on (?P<object>.+) to role (?P<role>\S+)", re.IGNORECASE)
_GRANT_ROLE = re.compile(r"grant role (?P<role>\S+) to (?P<kind>role|user) (?P<grantee>\S+)", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Grant:
    role: str
    privilege: str
    object: str


def read_statements() -> list[str]:
    """Without comments, each on one line, single spaces."""
    text = (REPOSITORY / "deploy" / "snowflake.sql").read_text(encoding="utf-8")
    code = re.sub(r"--.*", "", text)
    return [" ".join(statement.split()) for statement in code.split(";") if statement.strip()]


def read_grants() -> list[Grant]:
    """Every grant of a privilege to a role; raises ValueError for a grant that is written in any other way."""
    return [_read_grant(statement) for statement in _grant_statements() if not _GRANT_ROLE.fullmatch(statement)]


def read_role_grants() -> set[tuple[str, str, str]]:
    """Every grant of a role: role, kind of grantee, grantee."""
    found = [_GRANT_ROLE.fullmatch(statement) for statement in _grant_statements()]
    return {(match["role"].upper(), match["kind"].lower(), match["grantee"].upper()) for match in found if match}


def _grant_statements() -> list[str]:
    return [statement for statement in read_statements() if re.search(r"\bgrant\b", statement, re.IGNORECASE)]


def _read_grant(statement: str) -> Grant:
    match = _GRANT.fullmatch(statement)
    if not match:
        raise ValueError(f"a grant that this reader does not know: {statement}")
    return Grant(match["role"].upper(), match["privilege"].lower(), match["object"].lower())
