"""`python preflight.py`: whether the dashboard can read what is published on Snowflake, with its own key and role; one line."""

from __future__ import annotations

import logging
import sys

# Only the outcome counts here; the libraries log what they do, and Streamlit begins during the imports below.
logging.disable(logging.WARNING)

import streamlit as st  # noqa: E402

from gold.publication import uses_snowflake  # noqa: E402

_LONGEST_DETAIL = 300
_WHO = "select current_user() as who, current_role() as role"
_TABLES = (
    "select lower(table_name) as name from information_schema.tables "
    "where lower(table_schema) = 'published' and lower(table_name) <> 'publication'"
)


def main() -> int:
    is_good, words = check()
    sys.stdout.write(f"{'ok  ' if is_good else 'FAIL'}  {'Snowflake dashboard':<22}  {words}\n")
    return 0 if is_good else 1


def check() -> tuple[bool, str]:
    """Whether Snowflake lets the dashboard read, and what was found. Information_schema shows a role only what it may read."""
    if not uses_snowflake():
        return False, "connections.snowflake: not in secrets.toml. Write it as step 5 of docs/deployment.md says."
    try:
        who, readable = _rows(_WHO)[0], len(_rows(_TABLES))
    except Exception as problem:  # noqa: BLE001 - from the driver, the network, the key file or Streamlit: all of them are one line
        words = " ".join(f"{type(problem).__name__}: {problem}".split())[:_LONGEST_DETAIL]
        advice = "Snowflake refuses the dashboard or does not answer. Hold account, user, key and role in secrets.toml against "
        return False, f"connections.snowflake: {advice}step 5 of docs/deployment.md ({words})."
    found = f"{' as '.join(map(str, who))} reads {readable} tables of PUBLISHED"
    if not readable:
        found += ": the first run makes them (after it: run deploy/snowflake.sql again, which grants them)"
    return True, found


def _rows(sql: str) -> list[tuple[object, ...]]:
    frame = st.connection("snowflake").query(sql, ttl=0, show_spinner=False)
    return list(frame.itertuples(index=False, name=None))


if __name__ == "__main__":
    sys.exit(main())
