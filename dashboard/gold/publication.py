"""Which refresh is being read, and where it lies."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from gold.errors import NothingPublishedError, PublicationDamagedError
from gold.warehouses import snowflake_rows

log = logging.getLogger("dashboard.gold")
_VERSION_TTL = "60s"


@dataclass(frozen=True)
class Publication:
    """Which refresh is being read. The version is part of every cache key."""

    source: str
    location: str
    version: str
    published_at: str = ""
    run_id: str = ""
    tables: tuple[str, ...] = ()


def published_folder() -> Path:
    """Where published gold lies: GOLD_DIR, or below HEALTHCARE_HOME as `make run` leaves it."""
    gold_dir = os.environ.get("GOLD_DIR")
    if gold_dir:
        return Path(gold_dir)
    return Path(os.environ.get("HEALTHCARE_HOME") or ".local") / "published" / "current"


def uses_snowflake() -> bool:
    """Whether the secrets hold a Snowflake connection."""
    return st.secrets.load_if_toml_exists() and "snowflake" in st.secrets.get("connections", {})


def current_publication() -> Publication:
    """The refresh that is current now. Reading one small file at every rerun is what makes a new one visible."""
    if uses_snowflake():
        manifest = _snowflake_manifest()
        return _publication("Snowflake", "snowflake", manifest, tuple(manifest["rows"]))
    return _published_files(published_folder())


def _published_files(folder: Path) -> Publication:
    if not folder.exists():
        log.warning("no published folder at %s", folder)
        raise NothingPublishedError(str(folder))
    resolved = folder.resolve()  # the version itself: `current` may point elsewhere a moment later
    manifest = _read_manifest(resolved)
    tables = tuple(name for name in manifest["rows"] if (resolved / f"{name}.parquet").exists())
    return _publication("published files", str(resolved), manifest, tables)


def _publication(source: str, location: str, manifest: dict[str, Any], tables: tuple[str, ...]) -> Publication:
    version, published_at, run_id = (str(manifest.get(name, "")) for name in ("version", "published_at", "run_id"))
    return Publication(source, location, version, published_at, run_id, tables)


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        log.exception("no manifest in %s", folder)
        raise PublicationDamagedError("its manifest is missing") from None
    except (ValueError, OSError):
        log.exception("unreadable manifest in %s", folder)
        raise PublicationDamagedError("its manifest is not readable") from None
    return _parsed_manifest(text, str(folder))


def _parsed_manifest(text: str, where: str) -> dict[str, Any]:
    try:
        manifest = json.loads(text)
    except ValueError:
        log.exception("unreadable manifest in %s", where)
        raise PublicationDamagedError("its manifest is not readable") from None
    if not isinstance(manifest, dict) or not {"version", "rows"} <= set(manifest):
        log.error("manifest in %s names no version or no tables", where)
        raise PublicationDamagedError("its manifest names no version or no tables")
    return manifest


@st.cache_data(ttl=_VERSION_TTL, show_spinner=False)
def _snowflake_manifest() -> dict[str, Any]:
    """The one row of `publication`, which the pipeline replaces in the transaction that replaces the tables."""
    found = snowflake_rows("select manifest from publication", ())["manifest"]
    if len(found) == 0:
        log.warning("the table publication of Snowflake is empty")
        raise NothingPublishedError("Snowflake")
    return _parsed_manifest(str(found.iloc[0]), "Snowflake")


def published_at(publication: Publication) -> datetime | None:
    """When the refresh was published, where it is known."""
    try:
        return datetime.fromisoformat(publication.published_at)
    except ValueError:
        return None
