"""What does not fit into DuckDB's memory goes to disk, and the models after the one that did so run on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context
from yaml import safe_load

from include.settings import load_settings

MORE_THAN_FITS = "create temporary table sorted as select i, md5(i::varchar) as text from range(2_000_000) as t(i) order by text"


@pytest.fixture
def dbt_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What dbt opens for this profile: one database, and a connection a model."""
    monkeypatch.setenv("HEALTHCARE_HOME", str(tmp_path))
    monkeypatch.setenv("DUCKDB_MEMORY_LIMIT", "64MiB")
    set_invocation_context(os.environ)
    profile = safe_load((load_settings().dbt_dir / "profiles.yml").read_text(encoding="utf-8"))["dbt_healthcare"]
    rendered: dict[str, Any] = ProfileRenderer({}).render_data(profile["outputs"]["duckdb"])
    known = {name: value for name, value in rendered.items() if name in ("path", "settings", "config_options")}
    opened: Any = LocalEnvironment(DuckDBCredentials(database="warehouse", schema="silver", **known))
    yield opened
    opened.close()


def test_connection_after_one_that_has_spilled(dbt_connections: Any, tmp_path: Path) -> None:
    first = dbt_connections.handle().cursor()
    first.execute(MORE_THAN_FITS)
    ((spilled,),) = first.execute("select sum(size) from duckdb_temporary_files()").fetchall()
    assert spilled > 0
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["spill"]

    second = dbt_connections.handle().cursor()
    assert second.execute("select current_setting('memory_limit')").fetchall() == [("64.0 MiB",)]
