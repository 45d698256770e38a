"""Settings come from the environment, with the embedded default behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from include.settings import REPOSITORY, Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_embedded_default_lives_beside_the_code() -> None:
    settings = Settings()
    assert settings.warehouse_path == REPOSITORY / ".local" / "warehouse.duckdb"
    assert (settings.dbt_target, settings.drive_api_endpoint) == ("duckdb", None)


def test_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTHCARE_HOME", "/data/home")
    monkeypatch.setenv("DRIVE_INCLUDE_SUBFOLDERS", "1")
    monkeypatch.setenv("S3_BUCKET", "mine")
    settings = Settings()
    assert (settings.published_dir, settings.drive_include_subfolders, settings.s3_bucket) == (
        Path("/data/home/published"),
        True,
        "mine",
    )


@pytest.mark.parametrize(("name", "value"), [("PART_BYTES", "1000"), ("DBT_TARGET", "oracle"), ("LEASE_SECONDS", "soon")])
def test_setting_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_settings_do_not_change_under_way() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().s3_bucket = "other"
